"""Whatever goes wrong with a file, as a sentence that says what to do next."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from types import ModuleType

from alpenglow._export.errors import ExportError, one_line

# Python 3.11 to 3.13 say it in words only; later ones keep the module in the error.
NOT_IN_MODULE = re.compile(r"Can't (?:get|resolve) (?:attribute|path) '(.+?)' on (?:<module|module) '(.+?)'")


@contextmanager
def explained(path: Path, kind: type[ExportError]) -> Iterator[None]:
    """What is raised inside becomes an error of this kind that names the file."""
    try:
        yield
    except ExportError:
        raise
    except IsADirectoryError as error:
        raise kind(f"{path} is a folder; expected a file") from error
    except OSError as error:
        # A decompressor's error is one of the system's too, but has no number.
        raise kind(f"{path}: {error.strerror}" if error.strerror else damaged(path, error)) from error
    except Exception as error:
        # To unpickle runs the constructors of whatever is inside, which may raise anything.
        raise kind(missing(path, error) or damaged(path, error)) from error


def damaged(path: Path, error: Exception) -> str:
    """What is left to say."""
    return (
        f"{path} cannot be read ({type(error).__name__}: {one_line(error)}): it is damaged, not whole, or from other "
        "versions of its packages; dump it anew, or run the export where it was dumped"
    )


def missing(path: Path, error: Exception) -> str | None:
    """The same for what was not found where the file says that it is: a module, or a class or function in one."""
    if isinstance(error, ModuleNotFoundError) and error.name:
        top = error.name.split(".")[0]
        if top != error.name and find_spec(top):
            return (
                f"{path} needs the module {error.name!r}, which the installed {top} does not have: run the export "
                "with the versions of the packages that it was dumped with"
            )
        return (
            f"{path} needs the module {error.name!r}, which is not here: install it, or, if it is one of your own, "
            f"say --path FOLDER with the folder that {top} lies in"
        )
    if isinstance(error, ImportError):
        return f"{path} needs a package that is not here: {one_line(error)}"
    name, module = not_in_module(error)
    if name is None:
        return None
    if module.endswith("__main__"):
        return (
            f"{path} needs {name!r}, which the notebook or script that dumped it defines itself: call "
            "alpenglow.export(pipeline, X, 'model.onnx') there, or move it into a module, dump anew, and say "
            "--path FOLDER with that module's folder"
        )
    return (
        f"{path} needs {name!r} of the module {module!r}, which has none of that name: say --path FOLDER with the "
        "folder of the right one, or run the export with the version of the package that it was dumped with"
    )


def not_in_module(error: Exception) -> tuple[str | None, str]:
    """The name that a module does not have, and the module's; None if that is not what is wrong."""
    if not isinstance(error, AttributeError):
        return None, ""
    if isinstance(error.obj, ModuleType):
        return error.name, error.obj.__name__
    found = NOT_IN_MODULE.search(str(error))
    return (found[1], found[2]) if found else (None, "")
