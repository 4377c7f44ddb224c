"""`alpenglow image`: build the image that serves a model, labelled with what is in it, and say what it weighs."""

import argparse
import json
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

import alpenglow
from alpenglow._serve.model import ModelError, load

PACKAGE = Path(alpenglow.__file__).parent
# What the build needs of the package, and where Dockerfile.alpine looks for it, as in the repository.
PARTS = {
    "Dockerfile.alpine": "Dockerfile.alpine",
    "__init__.py": "alpenglow/__init__.py",
    "apache": "apache",
    "requirements": "requirements",
    "_image": "image",
    "_serve": "serve",
}
# APR's headers, of Debian's libapr1-dev and libaprutil1-dev, for an Alpine that has none (Dockerfile.alpine).
HEADERS = Path("/usr/include/apr-1.0")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run Docker; its own output is the progress."""
    parser = argparse.ArgumentParser(prog="alpenglow image", description=__doc__)
    parser.add_argument(
        "model",
        nargs="?",
        type=Path,
        default=Path("artifacts/model.onnx"),
        metavar="MODEL",
        help="what alpenglow export wrote (default: %(default)s)",
    )
    parser.add_argument(
        "--base",
        action="store_true",
        help="build it without a model, for images that add one: FROM it, COPY model.onnx /model/",
    )
    parser.add_argument("--name", help="the image's name (default: alpenglow, with --base alpenglow-base)")
    parser.add_argument("--alpine", default="3.24", help="Alpine's version (default: %(default)s)")
    options = parser.parse_args(arguments)
    name = options.name or ("alpenglow-base" if options.base else "alpenglow")
    about = {} if options.base else labels(options.model)
    if shutil.which("docker") is None:
        sys.exit("image: there is no docker command: install the Docker Engine")
    values = {
        "ALPINE_VERSION": options.alpine,
        "VERSION": alpenglow.__version__,
        "REVISION": revision(),
        **about,
    }
    given = [f"--build-arg={name}={value}" for name, value in values.items()]
    with tempfile.TemporaryDirectory() as folder:
        fill(Path(folder), None if options.base else options.model)
        stage = ["--target=service"] if options.base else []
        command = ["docker", "build", f"--file={folder}/Dockerfile.alpine", f"--tag={name}", *stage, *given, folder]
        code = subprocess.run(command, check=False).returncode
    if not code:
        print(f"Built {name}: {size(name) / 1e6:.1f} MB")
    return code


def labels(model: Path) -> dict[str, str]:
    """What the image says of its model.

    Raises:
        SystemExit: It is none that can be served; the message is one line.
    """
    try:
        signature = load(model).signature
    except ModelError as error:
        sys.exit(f"image: {error}")
    return {"MODEL_NAME": signature.name, "MODEL_VERSION": signature.version}


def fill(folder: Path, model: Path | None) -> None:
    """Put what the build needs into a folder: as in the repository, and the model."""
    for part, place in PARTS.items():
        to = folder / place
        if (PACKAGE / part).is_dir():
            shutil.copytree(PACKAGE / part, to, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            to.parent.mkdir(exist_ok=True)
            shutil.copy(PACKAGE / part, to)
    (folder / "artifacts").mkdir()
    if model:
        shutil.copy(model, folder / "artifacts/model.onnx")
    if HEADERS.exists():
        shutil.copytree(HEADERS, folder / "artifacts/apr-1")


def revision() -> str:
    """The commit that is checked out, with `-dirty` if something has changed since; "unknown" where there is none."""
    command = ["git", "describe", "--always", "--abbrev=40", "--exclude=*", "--dirty"]
    if not (PACKAGE.parent / ".git").exists() or shutil.which("git") is None:
        return "unknown"
    done = subprocess.run(command, cwd=PACKAGE.parent, capture_output=True, text=True, check=False)
    return done.stdout.strip() or "unknown"


def size(image: str) -> int:
    """Bytes of all layers, uncompressed."""
    command = ["docker", "image", "inspect", image]
    return int(json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout)[0]["Size"])


if __name__ == "__main__":
    sys.exit(main())
