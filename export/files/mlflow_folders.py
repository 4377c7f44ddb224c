"""What MLflow 2 and 3 save: a folder with the file MLmodel, read without MLflow."""

import json
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import msgspec
import pandas as pd

from alpenglow._export.errors import PipelineError, SampleError
from alpenglow._export.files.explained import explained
from alpenglow._export.files.fitted_with import required_in
from alpenglow._export.files.json_tables import frame_of_json
from alpenglow._export.files.place import Place

SCHEMES = ("models:/", "runs:/", "mlflow-artifacts:/")
# What a column of each type of MLflow's is in a data frame; the others are texts, dates and bytes.
DTYPES = {"boolean": "bool", "integer": "int32", "long": "int64", "float": "float32", "double": "float64"}


class Example(msgspec.Struct):
    """Where the rows are that were saved with a model."""

    artifact_path: str
    type: str = "dataframe"
    params: str | None = None  # whether there are others beside the rows


class Signature(msgspec.Struct):
    """What goes in, in JSON: columns of a name and a type, or a tensor."""

    inputs: str | None = None


class MLmodel(msgspec.Struct):
    """The part of the file MLmodel that is needed here."""

    flavors: dict[str, dict[str, Any]]
    artifact_path: str | None = None
    signature: Signature | None = None
    saved_input_example_info: Example | None = None


@contextmanager
def at_hand(source: Path) -> Iterator[Path]:
    """What was given, fetched from MLflow for as long as it is needed if it is an address there.

    Raises:
        PipelineError: There is no MLflow here, or it has no such model.
    """
    uri = str(source)
    if not uri.startswith(SCHEMES):
        yield source
        return
    if not find_spec("mlflow"):
        raise PipelineError(
            f"{uri} is in MLflow, which is not installed here: install it, or give the folder that "
            f"`mlflow artifacts download --artifact-uri {uri}` writes"
        )
    with tempfile.TemporaryDirectory() as folder:
        scheme, _, rest = uri.partition(":/")
        name = rest.split("/")[0 if scheme == "models" else -1].split("@")[0]
        target = Path(folder, name)
        target.mkdir()
        with explained(source, PipelineError):
            artifacts: Any = import_module("mlflow.artifacts")
            fetched = Path(artifacts.download_artifacts(artifact_uri=uri, dst_path=str(target)))
        yield fetched


def find(folder: Path) -> Place:
    """The pipeline's file, and what was saved with it.

    Raises:
        PipelineError: It is a model of another kind.
    """
    model = msgspec.yaml.decode((folder / "MLmodel").read_bytes(), type=MLmodel)
    sklearn = model.flavors.get("sklearn", {})
    function = model.flavors.get("python_function", {})
    file = sklearn.get("pickled_model") or function.get("model_path") or function.get("data")
    if not file:
        raise PipelineError(
            f"{folder} is a model of MLflow's of the kind {' and '.join(model.flavors)}, with no scikit-learn pipeline "
            "in a file of its own: save the pipeline inside it with mlflow.sklearn.save_model, and give that"
        )
    code = sklearn.get("code") or function.get("code")
    inputs = inputs_of(model)
    return Place(
        folder / file,
        name_of(folder, model),
        rows=(lambda: example_of(folder, model, inputs)) if model.saved_input_example_info else None,
        text=[name for name, kind in inputs.items() if kind == "string"],
        version=sklearn.get("sklearn_version") or required_version(folder),
        code=[folder / code] if code else [],
    )


def required_version(folder: Path) -> str | None:
    """Of scikit-learn, from the lists of what the model requires."""
    files = [folder / name for name in ("requirements.txt", "conda.yaml")]
    return required_in("\n".join(file.read_text(encoding="utf-8") for file in files if file.is_file()))


def name_of(folder: Path, model: MLmodel) -> str:
    """What it is registered as, what its run or MLflow calls it, or the folder's name."""
    run = model.artifact_path if model.artifact_path and "/" not in model.artifact_path else None
    registered = entry(folder / "registered_model_meta", "model_name")
    # MLflow 3 keeps models in folders that are named by a number, each with its name in a file beside it.
    return registered or run or entry(folder.resolve().parent / "meta.yaml", "name") or folder.resolve().name


def entry(file: Path, key: str) -> str | None:
    """What a file of MLflow's has under this name, if there is such a file."""
    value = msgspec.yaml.decode(file.read_bytes()).get(key) if file.is_file() else None
    return str(value) if value else None


def inputs_of(model: MLmodel) -> dict[str, str]:
    """The type of each column that has a name; none for tensors."""
    inputs = json.loads((model.signature and model.signature.inputs) or "[]")
    return {str(column["name"]): column["type"] for column in inputs if column.get("name") is not None}


def example_of(folder: Path, model: MLmodel, inputs: dict[str, str]) -> pd.DataFrame:
    """The rows that were saved with the model, in the types of its signature.

    Raises:
        SampleError: They are no table.
    """
    info = model.saved_input_example_info
    assert info  # noqa: S101 - it has been looked at
    path = folder / info.artifact_path
    with explained(path, SampleError):
        if info.type.startswith("sparse"):
            raise SampleError(f"{path} is a sparse matrix, and requests are not sparse: give rows with --sample")
        value = json.loads((path if path.is_file() else folder / "serving_input_example.json").read_bytes())
        frame = frame_of_json(value["inputs"] if info.params else value)
        return frame.assign(**{str(name): typed(frame[name], inputs.get(str(name))) for name in frame})


def typed(values: Any, kind: str | None) -> Any:
    """A column as its type wants it; whole numbers and booleans with gaps are what pandas makes of them."""
    if kind not in DTYPES or (values.isna().any() and kind in ("boolean", "integer", "long")):
        return values
    return values.astype(DTYPES[kind])
