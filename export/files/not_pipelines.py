"""Files that people give where a fitted pipeline is expected, and what to do with each."""

import re
from pathlib import Path

import onnx
from google.protobuf.message import DecodeError  # type: ignore[import-untyped]

from alpenglow._export.files.skops_files import ZIP, members
from alpenglow._serve.signature import KEY

TABLE = "holds rows, not a pipeline: give the fitted pipeline's file, and this one with --sample"
TEXT = "is text, such as a table, not a pipeline: give the fitted pipeline's file, and rows with --sample"
PROGRAM = (
    "is a program, not a fitted pipeline: end it with joblib.dump(pipeline, 'pipeline.joblib'), run it, and give that "
    "file"
)
NETWORK = "is a network of {}: write it as ONNX with {} itself, for only estimators of scikit-learn are exported"

# By how their content begins.
KINDS = {
    rb"\Z": "is empty: dump the fitted pipeline anew",
    rb"PAR1|ARROW1|FEA1|\x93NUMPY": TABLE,
    rb"\x89HDF\r\n": NETWORK.format("Keras", "Keras"),
    rb"version https://git-lfs": "only points to a file in Git LFS: fetch that with `git lfs pull`",
    rb"(?s)\s*\{.*\"cells\"\s*:": "is a notebook: call alpenglow.export(pipeline, X, 'model.onnx') in it",
    rb"(?i)\s*<(?:!doctype|html)": "is a web page, not a pipeline: the download went wrong",
    rb"#!|(?:import|from) \w|\"\"\"": PROGRAM,
}
OTHER = (
    "is nothing that joblib, pickle, cloudpickle, dill or skops wrote: give what "
    "joblib.dump(pipeline, 'pipeline.joblib') writes"
)


def what_else(path: Path, content: bytes) -> str:
    """A sentence on a file that is neither a pickle nor of skops."""
    return f"{path} {what_of(path, content)}"


def what_of(path: Path, content: bytes) -> str:
    """The same without its subject."""
    if path.suffix == ".py":
        return PROGRAM
    known = next((what for start, what in KINDS.items() if re.match(start, content)), None)
    if known:
        return known
    if content.startswith(ZIP):
        return what_of_zip(members(content))
    return what_of_onnx(path, content) or (TEXT if is_text(content) else OTHER)


def what_of_zip(names: list[str]) -> str:
    """An archive of others, by what is in it."""
    if any(name.endswith("data.pkl") for name in names):
        return NETWORK.format("PyTorch", "PyTorch")
    if "model.weights.h5" in names:
        return NETWORK.format("Keras", "Keras")
    if not names:
        return "is a damaged archive, or not whole: copy or dump it anew"
    return "is a zip archive: unpack it, and give the pipeline's file or folder that is in it"


def what_of_onnx(path: Path, content: bytes) -> str | None:
    """A graph, ours or somebody's."""
    model = onnx.ModelProto()
    try:
        model.ParseFromString(content)
    except DecodeError:
        return None
    if not model.ir_version or not model.graph.node:
        return None
    if any(entry.key == KEY for entry in model.metadata_props):
        return f"is exported already: alpenglow serve {path}"
    return f"is an ONNX graph already, not a pipeline: alpenglow adopt {path}"


def is_text(content: bytes) -> bool:
    """Whether it can be read by people, such as a table that lacks its ending."""
    try:
        start = content[:4096].decode("utf-8", errors="strict" if len(content) <= 4096 else "ignore")
    except UnicodeDecodeError:
        return False
    return all(letter.isprintable() or letter.isspace() for letter in start)
