"""Where pipelines are kept: a file, or a folder of MLflow's, of Hugging Face's, of BentoML's, or one's own."""

import json
from collections.abc import Callable
from pathlib import Path

import msgspec

from alpenglow._export.errors import PipelineError
from alpenglow._export.files import mlflow_folders
from alpenglow._export.files.explained import explained
from alpenglow._export.files.fitted_with import required_in
from alpenglow._export.files.json_tables import frame_of_columns
from alpenglow._export.files.pipelines import is_model
from alpenglow._export.files.place import Place

SAMPLE = "sample"  # what is called so holds rows


def find(path: Path) -> Place:
    """Where the pipeline is that was kept there, and what else is known of it.

    Raises:
        PipelineError: There is none, or there are several.
    """
    if not path.is_dir():
        return of_folder(path) or Place(path, path.name.split(".")[0])
    find_in = next((find_in for name, find_in in FOLDERS.items() if (path / name).is_file()), only_model)
    with explained(path, PipelineError):
        return find_in(path)


def of_folder(file: Path) -> Place | None:
    """The place in MLflow's folder, if that is what the file lies in and is the pipeline of."""
    if not file.with_name("MLmodel").is_file():
        return None
    place = find(file.parent)
    return place if file.name in (place.file.name, "MLmodel") else None


def hub(folder: Path) -> Place:
    """A repository of Hugging Face's, whose config.json says what is where."""
    config = json.loads((folder / "config.json").read_text(encoding="utf-8")).get("sklearn")
    if config is None:
        return only_model(folder)
    names, example = config.get("columns"), config.get("example_input")
    return Place(
        folder / config["model"]["file"],
        folder.resolve().name,
        rows=(lambda: frame_of_columns(example, names)) if example else None,
        version=required_in("\n".join(config.get("environment", []))),
    )


def bento(folder: Path) -> Place:
    """A model in BentoML's store."""
    model = msgspec.yaml.decode((folder / "model.yaml").read_bytes())
    version = model.get("context", {}).get("framework_versions", {}).get("scikit-learn")
    return Place(folder / "saved_model.pkl", model.get("name") or folder.resolve().name, version=version)


def only_model(folder: Path) -> Place:
    """Somebody's own folder, with one file of a model's in it.

    Raises:
        PipelineError: There is none, or there are several.
    """
    files = sorted(path for path in folder.iterdir() if path.is_file())
    found = [path for path in files if path.name.split(".")[0] != SAMPLE and is_model(path)]
    if len(found) == 1:
        return Place(found[0], folder.resolve().name)
    if found:
        raise PipelineError(f"{folder} has several models, {', '.join(path.name for path in found)}: give one of them")
    folders = sorted(path.parent.name for path in folder.glob("*/*") if path.name in FOLDERS)
    advice = f"give one of the folders in it, {', '.join(folders)}" if folders else "give a fitted pipeline's file"
    raise PipelineError(f"{folder} has no file of a pipeline in it: {advice}")


# By the file that tells them.
FOLDERS: dict[str, Callable[[Path], Place]] = {
    "MLmodel": mlflow_folders.find,
    "model.yaml": bento,
    "config.json": hub,
}
