"""Models that MLflow 2 and 3 have saved, exported without MLflow."""

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import joblib
import numpy as np
import pandas as pd
import pytest
from sklearn.linear_model import Ridge

import alpenglow
from alpenglow._export.errors import PipelineError
from alpenglow._export.files import load_pipeline
from alpenglow._export.kept import find
from tests.clients.programs import SCRIPTS, programs_of
from tests.commands import alpenglow as command
from tests.commands import run
from tests.export.kept import codes, fitted, same

Keep = Callable[..., str]
TYPES = {"code": "object", "size": "float64"}


def packages(environment: Path) -> str:
    """Where they are that an environment has."""
    return str(next(environment.parent.glob("lib/python*/site-packages")))


def keeping(folder: Path, name: str, **environment: str) -> Keep:
    """`keep(pipeline, folder, ...)`, with the MLflow of an environment."""
    python = programs_of(name) / "python"

    def keep(
        pipeline: Any = None,
        target: Path | None = None,
        rows: pd.DataFrame | None = None,
        types: dict[str, str] = TYPES,
        signature: bool = True,
        example: str | None = "frame",
        **options: Any,
    ) -> str:
        joblib.dump(fitted() if pipeline is None else pipeline, folder / "kept.joblib")
        request = {
            "packages": [packages(programs_of("clients"))],
            "pipeline": str(folder / "kept.joblib"),
            "rows": (codes() if rows is None else rows).to_dict("list"),
            "types": types,
            "signature": signature,
            "example": example,
            "options": options,
            "folder": str(target) if target else None,
        }
        done = run(python, SCRIPTS / "mlflow_keep.py", json.dumps(request), **environment)
        return done.stdout.split()[-1] if done.stdout.split() else ""

    return keep


@pytest.fixture(params=["mlflow2", "clients"], ids=["MLflow 2", "MLflow 3"])
def keep(request: pytest.FixtureRequest, tmp_path: Path) -> Keep:
    return keeping(tmp_path, request.param)


@pytest.fixture
def keep3(tmp_path: Path) -> Keep:
    return keeping(tmp_path, "clients")


@pytest.mark.parametrize("form", ["pickle", "cloudpickle"])
def test_a_saved_model_is_exported_on_its_own_example(keep, tmp_path, form) -> None:
    keep(target=tmp_path / "churn", serialization_format=form)
    command("export", tmp_path / "churn", "--output", tmp_path / "model.onnx")
    found = alpenglow.load(tmp_path / "model.onnx")
    assert found.signature.name == "churn"
    assert found.signature.columns[0].categories == ["007", "008", "07"]
    assert found.predict(codes()).tolist() == fitted().predict(codes()).tolist()


def test_what_mlflow_3_saves_by_default_is_exported(keep3, tmp_path) -> None:
    keep3(target=tmp_path / "churn")
    assert find(tmp_path / "churn").file.name == "model.skops"
    command("export", tmp_path / "churn", "--output", tmp_path / "model.onnx")
    assert alpenglow.load(tmp_path / "model.onnx").signature.name == "churn"


def test_the_types_are_those_of_the_signature(keep, tmp_path) -> None:
    rows = pd.DataFrame({"i": [1, 2, 3], "f": [0.1, 0.2, 0.3], "b": [True, False, True], "d": [1.0, 2.0, 3.0]})
    types = {"i": "int32", "f": "float32", "b": "bool", "d": "float64"}
    model = Ridge().fit(rows, [1.0, 2.0, 3.0])
    keep(model, tmp_path / "churn", rows, types, serialization_format="pickle")
    place = find(tmp_path / "churn")
    assert place.rows
    found = place.rows()
    assert {name: str(dtype) for name, dtype in found.dtypes.items()} == types
    pd.testing.assert_frame_equal(found, rows.astype(types))


def test_a_table_of_one_s_own_is_read_in_the_types_of_the_signature(keep, tmp_path) -> None:
    keep(target=tmp_path / "churn", serialization_format="pickle", example=None)
    assert find(tmp_path / "churn").text == ["code"]
    assert find(tmp_path / "churn").rows is None
    codes().to_csv(tmp_path / "rows.csv", index=False)
    refused = command("export", tmp_path / "churn", check=False)
    assert "say --sample FILE with rows of X" in refused.stderr
    command("export", tmp_path / "churn", "--sample", tmp_path / "rows.csv", "--output", tmp_path / "model.onnx")
    assert alpenglow.load(tmp_path / "model.onnx").signature.columns[0].type == "string"


def test_an_array_as_example(keep, tmp_path) -> None:
    rows = pd.DataFrame({"a": [1.0, 2.0, 3.5], "b": [0.1, 0.2, 0.7]})
    model = Ridge().fit(rows.to_numpy(), [1.0, 2.0, 3.0])
    keep(model, tmp_path / "churn", rows, {}, False, "array", serialization_format="pickle")
    place = find(tmp_path / "churn")
    assert place.rows
    np.testing.assert_array_equal(place.rows().to_numpy(), rows.to_numpy())


def test_what_is_missing_in_the_example_is_missing(keep, tmp_path) -> None:
    rows = codes().assign(size=[None, *codes()["size"][1:]], code=codes()["code"])
    keep(target=tmp_path / "churn", rows=rows, serialization_format="pickle", signature=False)
    place = find(tmp_path / "churn")
    assert place.rows
    assert place.rows()["size"].isna().tolist() == [True] + [False] * 59


def test_the_version_is_found_in_what_mlflow_writes(keep, tmp_path) -> None:
    keep(target=tmp_path / "churn", serialization_format="pickle", pip_requirements=["scikit-learn==1.2.2"])
    text = (tmp_path / "churn" / "MLmodel").read_text()
    place = find(tmp_path / "churn")
    assert place.version == __import__("sklearn").__version__
    lines = [line for line in text.splitlines() if "sklearn_version" not in line]
    (tmp_path / "churn" / "MLmodel").write_text("\n".join(lines))
    assert find(tmp_path / "churn").version == "1.2.2"
    (tmp_path / "churn" / "requirements.txt").unlink()
    assert find(tmp_path / "churn").version == "1.2.2"  # conda.yaml has it, too


def test_modules_that_were_saved_with_the_model_are_found(keep, tmp_path) -> None:
    (tmp_path / "steps.py").write_text("def double(X):\n    return X * 2\n")
    keep(target=tmp_path / "churn", serialization_format="pickle", code_paths=[str(tmp_path / "steps.py")])
    assert (find(tmp_path / "churn").code[0] / "steps.py").is_file()


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
    keep = keeping(tmp_path, "clients", MLFLOW_DEFAULT_ARTIFACT_ROOT=str(tmp_path), **store)
    identifier = keep(serialization_format="pickle")
    program = f"import sys; sys.path.append({packages(programs_of('clients'))!r})\n"
    program += "from alpenglow.__main__ import main; sys.exit(main(sys.argv[1:]))"
    for uri, name in (("models:/churn/1", "churn"), (f"runs:/{identifier}/forest", "forest")):
        output = tmp_path / f"{name}.onnx"
        run(sys.executable, "-c", program, "export", uri, "--output", output, **store)
        assert alpenglow.load(output).signature.name == name
    missing = run(sys.executable, "-c", program, "export", "models:/none/1", check=False, **store)
    assert missing.returncode == 1
    assert missing.stderr.splitlines()[-1].startswith("export: models:/none/1 cannot be read")
    assert "Traceback" not in missing.stderr


def test_the_pipeline_is_the_same(keep, tmp_path) -> None:
    keep(target=tmp_path / "churn", serialization_format="cloudpickle")
    assert same(load_pipeline(find(tmp_path / "churn").file))
