"""Folders that pipelines are kept in; those of MLflow are in tests/clients."""

import json
import shutil

import joblib
import pytest
import skops.io

import alpenglow
from alpenglow._export.errors import PipelineError
from alpenglow._export.files.kept import find
from alpenglow._export.files.pipelines import load_pipeline
from tests.commands import alpenglow as command
from tests.export.files.kept import codes, fitted, same


def hub(folder, **more) -> None:
    """As skops.hub_utils.init wrote them."""
    skops.io.dump(fitted(), folder / "model.skops")
    example = codes()[["size", "code"]].head(3).to_dict("list")
    config = {"columns": ["code", "size"], "example_input": example, "model": {"file": "model.skops"}, **more}
    (folder / "config.json").write_text(json.dumps({"sklearn": config}))


def bento(folder, version: str) -> None:
    """As bentoml.sklearn.save_model writes them."""
    joblib.dump(fitted(), folder / "saved_model.pkl")
    (folder / "model.yaml").write_text(
        f"name: churn\nversion: znb5mkwzxw\nmodule: bentoml.sklearn\nlabels: {{}}\noptions: {{}}\ncontext:\n"
        f"  framework_name: sklearn\n  framework_versions:\n    scikit-learn: {version}\n  bentoml_version: 1.4.0\n"
    )


def test_a_hugging_face_folder_has_its_own_sample(tmp_path) -> None:
    hub(tmp_path)
    place = find(tmp_path)
    assert (place.name, place.version) == (tmp_path.name, None)
    assert same(load_pipeline(place.file))
    assert place.rows
    rows = place.rows()
    assert list(rows) == ["code", "size"]
    assert rows["code"].tolist() == ["007", "008", "07"]
    command("export", tmp_path, "--output", tmp_path / "model.onnx")
    assert alpenglow.load(tmp_path / "model.onnx").signature.name == tmp_path.name


def test_a_hugging_face_folder_says_which_version_fitted_it(tmp_path) -> None:
    hub(tmp_path, environment=["numpy", "scikit-learn=1.2.0"])
    assert find(tmp_path).version == "1.2.0"


def test_a_config_of_others_is_none_of_a_pipeline_s(tmp_path) -> None:
    joblib.dump(fitted(), tmp_path / "pipeline.joblib")
    (tmp_path / "config.json").write_text('{"model_type": "bert"}')
    assert same(load_pipeline(find(tmp_path).file))


@pytest.mark.parametrize("config", ["", "[]", '{"sklearn": {}}', '{"sklearn": {"model": {"file": "none.skops"}}}'])
def test_a_broken_config_is_one_sentence(tmp_path, config) -> None:
    (tmp_path / "config.json").write_text(config)
    with pytest.raises(PipelineError, match=tmp_path.name) as caught:
        load_pipeline(find(tmp_path).file)
    assert "\n" not in str(caught.value)


def test_a_bento_model_has_its_name(tmp_path) -> None:
    bento(tmp_path, "1.2.0")
    place = find(tmp_path)
    assert (place.name, place.version) == ("churn", "1.2.0")
    assert same(load_pipeline(place.file))


def test_the_only_model_in_a_folder_is_taken(tmp_path) -> None:
    joblib.dump(fitted(), tmp_path / "final.sav")
    joblib.dump(codes(), tmp_path / "sample.joblib")
    (tmp_path / "README.md").write_text("# Churn")
    codes().to_csv(tmp_path / "rows.csv.gz")
    (tmp_path / "empty").mkdir()
    assert find(tmp_path).file == tmp_path / "final.sav"
    command("export", tmp_path, "--output", tmp_path / "model.onnx")  # on sample.joblib
    assert alpenglow.load(tmp_path / "model.onnx").signature.name == tmp_path.name


def test_several_models_in_a_folder_are_listed(tmp_path) -> None:
    joblib.dump(fitted(), tmp_path / "b.joblib")
    skops.io.dump(fitted(), tmp_path / "a.skops")
    with pytest.raises(PipelineError, match=r"has several models, a\.skops, b\.joblib: give one of them"):
        find(tmp_path)


def test_an_empty_folder_is_one_sentence(tmp_path) -> None:
    with pytest.raises(PipelineError, match="has no file of a pipeline in it: give a fitted pipeline's file"):
        find(tmp_path)


def test_a_folder_of_folders_names_them(tmp_path) -> None:
    for name in ("b", "a"):
        (tmp_path / name).mkdir()
        bento(tmp_path / name, "1.2.0")
    shutil.copytree(tmp_path / "a", tmp_path / "a" / "deeper")
    with pytest.raises(PipelineError, match="give one of the folders in it, a, b"):
        find(tmp_path)


@pytest.mark.parametrize("uri", ["models:/churn/1", "runs:/3f2a/model"])
def test_an_address_in_mlflow_needs_mlflow(uri) -> None:
    done = command("export", uri, check=False)
    assert done.stderr == (
        f"export: {uri} is in MLflow, which is not installed here: install it, or give the folder that "
        f"`mlflow artifacts download --artifact-uri {uri}` writes\n"
    )
