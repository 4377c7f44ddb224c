"""Models that MLflow 2 and 3 have saved, exported without MLflow."""

import json
import shutil
import sys
from pathlib import Path
from typing import Any

import joblib
import numpy as np
import pandas as pd
import pytest
import sklearn
from sklearn.linear_model import Ridge

import alpenglow
from alpenglow._export.errors import PipelineError
from alpenglow._export.files.kept import find
from alpenglow._export.files.pipelines import load_pipeline
from alpenglow._export.files.tables import load_table
from alpenglow._export.pipeline.fitted import Fitted
from tests.clients.programs import SCRIPTS, programs_of
from tests.commands import alpenglow as command
from tests.commands import run
from tests.export.files.kept import codes, fitted, same

CODE = "def kept(X):\n    return X\n"


def packages() -> str:
    """Where scikit-learn and MLflow 3 are, for the programs of other environments."""
    return str(next(programs_of("clients").parent.glob("lib/python*/site-packages")))


def request(
    folder: Path | None,
    pipeline: Any,
    rows: pd.DataFrame,
    types: dict[str, str],
    *,
    example: str | None = "frame",
    signature: bool = True,
    **options: Any,
) -> dict[str, Any]:
    """What to keep; with its options of `save_model`."""
    return {
        "pipeline": pipeline,
        "rows": rows.to_dict("list"),
        "types": types,
        "signature": signature,
        "example": example,
        "options": options,
        "folder": folder,
    }


def keep(environment: str, folder: Path, requests: list[dict[str, Any]], **variables: str) -> str:
    """Have an environment's MLflow keep pipelines; returns the last word that it prints."""
    for number, each in enumerate(requests):
        joblib.dump(each["pipeline"], folder / f"{number}.joblib")
        each["pipeline"] = folder / f"{number}.joblib"
    words = [json.dumps(each, default=str) for each in requests]
    done = run(
        programs_of(environment) / "python", SCRIPTS / "mlflow_keep.py", packages(), *words, folder=folder, **variables
    )
    return (done.stdout.split() or [""])[-1]


NUMBERS = pd.DataFrame({"i": [1, 2, 3], "f": [0.1, 0.2, 0.3], "b": [True, False, True], "d": [1.0, 2.0, 3.0]})
TYPES = {"i": "int32", "f": "float32", "b": "bool", "d": "float64"}
TEXTS = {"code": "object", "size": "float64"}


@pytest.fixture(scope="module", params=["mlflow2", "clients"], ids=["MLflow 2", "MLflow 3"])
def models(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of models, all saved by one process of MLflow's, as to start one takes seconds."""
    return saved(request.param, tmp_path_factory.mktemp("models"))


def saved(environment: str, folder: Path) -> Path:
    """Models of every kind that there is a test for."""
    (folder / "steps.py").write_text(CODE)
    gaps = codes().assign(size=[None, *codes()["size"][1:]])
    ridge = Ridge().fit(NUMBERS, [1.0, 2.0, 3.0])
    array = Ridge().fit(NUMBERS[["f", "d"]].to_numpy(), [1.0, 2.0, 3.0])
    form = {"serialization_format": "pickle"}
    requests = [
        request(folder / "pickled", fitted(), codes(), TEXTS, **form),
        request(folder / "clouded", fitted(), codes(), TEXTS, serialization_format="cloudpickle"),
        request(folder / "default", fitted(), codes(), TEXTS),
        request(folder / "typed", ridge, NUMBERS, TYPES, **form),
        request(folder / "bare", fitted(), codes(), TEXTS, example=None, **form),
        request(folder / "array", array, NUMBERS[["f", "d"]], {}, example="array", signature=False, **form),
        request(folder / "gaps", fitted(), gaps, TEXTS, signature=False, **form),
        request(folder / "pinned", fitted(), codes(), TEXTS, pip_requirements=["scikit-learn==1.2.2"], **form),
        request(folder / "code", fitted(), codes(), TEXTS, code_paths=[str(folder / "steps.py")], **form),
    ]
    keep(environment, folder, requests)
    return folder


def rows_of(folder: Path) -> pd.DataFrame:
    """Those that were kept with a model."""
    place = find(folder)
    assert place.rows
    rows: pd.DataFrame = place.rows()
    return rows


@pytest.mark.parametrize("name", ["pickled", "clouded", "default"])
def test_a_saved_model_is_the_same_pipeline_with_its_own_rows(models, name) -> None:
    place = find(models / name)
    assert place.name == name
    assert same(load_pipeline(place.file))
    assert rows_of(models / name)["code"].tolist() == codes()["code"].tolist()
    assert rows_of(models / name)["size"].tolist() == codes()["size"].tolist()


def test_it_is_exported_on_its_own_rows(models, tmp_path) -> None:
    command("export", models / "default", "--output", tmp_path / "model.onnx")
    found = alpenglow.load(tmp_path / "model.onnx")
    assert found.signature.name == "default"
    assert found.signature.columns[0].categories == ["007", "008", "07"]
    assert found.predict(codes()).tolist() == fitted().predict(codes()).tolist()


def test_the_types_are_those_of_the_signature(models) -> None:
    pd.testing.assert_frame_equal(rows_of(models / "typed"), NUMBERS.astype(TYPES))


def test_a_table_of_one_s_own_is_read_in_the_types_of_the_signature(models, tmp_path) -> None:
    place = find(models / "bare")
    assert (place.text, place.rows) == (["code"], None)
    codes().to_csv(tmp_path / "rows.csv", index=False)
    assert load_table(tmp_path / "rows.csv", Fitted(Ridge()), place.text)["code"].tolist() == codes()["code"].tolist()
    assert "say --sample FILE with rows of X" in command("export", models / "bare", check=False).stderr


def test_an_array_as_example(models) -> None:
    np.testing.assert_array_equal(rows_of(models / "array").to_numpy(), NUMBERS[["f", "d"]].to_numpy())


def test_what_is_missing_in_the_example_is_missing(models) -> None:
    assert rows_of(models / "gaps")["size"].isna().tolist() == [True] + [False] * 59


def test_the_version_is_found_in_what_mlflow_writes(models, tmp_path) -> None:
    folder = Path(shutil.copytree(models / "pinned", tmp_path / "pinned"))
    assert find(folder).version == sklearn.__version__
    lines = (folder / "MLmodel").read_text().splitlines()
    (folder / "MLmodel").write_text("\n".join(line for line in lines if "sklearn_version" not in line))
    assert find(folder).version == "1.2.2"
    (folder / "requirements.txt").unlink()
    assert find(folder).version == "1.2.2"  # conda.yaml has it, too


def test_modules_that_were_saved_with_the_model_are_found(models) -> None:
    assert (find(models / "code").code[0] / "steps.py").read_text() == CODE


@pytest.mark.parametrize("name", ["model.pkl", "MLmodel"])
def test_a_file_in_the_folder_stands_for_the_folder(models, name) -> None:
    place = find(models / "pickled" / name)
    assert (place.file.name, place.name, place.text) == ("model.pkl", "pickled", ["code"])
    assert place.rows


def test_mlflow_3_saves_skops_by_default(models) -> None:
    three = "mlflow_version: 3" in (models / "default" / "MLmodel").read_text()
    assert find(models / "default").file.name == ("model.skops" if three else "model.pkl")


def test_a_pipeline_is_loaded_with_the_modules_saved_with_it(tmp_path) -> None:
    (tmp_path / "code").mkdir()
    (tmp_path / "code" / "own_steps.py").write_text(CODE)
    (tmp_path / "MLmodel").write_text("flavors:\n  sklearn:\n    pickled_model: model.pkl\n    code: code\n")
    program = "import joblib, own_steps; from sklearn.preprocessing import FunctionTransformer as Step; "
    program += "joblib.dump(Step(own_steps.kept).fit([[1.0]]), 'model.pkl')"
    run(sys.executable, "-c", program, folder=tmp_path, PYTHONPATH=str(tmp_path / "code"))
    done = command("export", tmp_path, check=False)
    assert done.stderr.startswith("export: a FunctionTransformer is no classifier")


def test_a_model_of_another_kind_is_one_sentence(tmp_path) -> None:
    (tmp_path / "MLmodel").write_text(
        "flavors:\n  python_function:\n    loader_module: mlflow.pyfunc.model\n    python_model: python_model.pkl\n"
    )
    with pytest.raises(PipelineError, match="of the kind python_function, with no scikit-learn pipeline"):
        find(tmp_path)


@pytest.mark.parametrize("content", ["", "flavors: [", "flavors: 1", "a: b"])
def test_a_broken_mlmodel_is_one_sentence(tmp_path, content) -> None:
    (tmp_path / "MLmodel").write_text(content)
    with pytest.raises(PipelineError, match=tmp_path.name) as caught:
        find(tmp_path)
    assert "\n" not in str(caught.value)


def test_a_model_in_a_registry_is_fetched_where_mlflow_is(tmp_path) -> None:
    store = {"MLFLOW_TRACKING_URI": f"sqlite:///{tmp_path}/mlflow.db", "MLFLOW_DISABLE_TELEMETRY": "true"}
    registered = request(None, fitted(), codes(), TEXTS, serialization_format="pickle")
    identifier = keep("clients", tmp_path, [registered], **store)
    program = f"import sys; sys.path.append({packages()!r})\n"
    program += "from alpenglow.__main__ import main; sys.exit(main(sys.argv[1:]))"
    for uri, name in (("models:/churn/1", "churn"), (f"runs:/{identifier}/forest", "forest")):
        output = tmp_path / f"{name}.onnx"
        run(sys.executable, "-c", program, "export", uri, "--output", output, **store)
        assert alpenglow.load(output).signature.name == name
    missing = run(sys.executable, "-c", program, "export", "models:/none/1", check=False, **store)
    assert missing.returncode == 1
    assert missing.stderr.splitlines()[-1].startswith("export: models:/none/1 cannot be read")
    assert "Traceback" not in missing.stderr
