"""Build the image, labelled with what is in it, and say what it weighs: `python -m image.build`."""

import argparse
import json
import shutil
import subprocess
import sys
from pathlib import Path

from serve import __version__
from serve.model import ModelError, load

MODEL = Path("artifacts/model.onnx")
# APR's headers, of Debian's libapr1-dev and libaprutil1-dev, for an Alpine that has none (Dockerfile.alpine).
HEADERS, COPIED = Path("/usr/include/apr-1.0"), Path("artifacts/apr-1")


def main() -> int:
    """Run Docker; its own output is the progress."""
    parser = argparse.ArgumentParser(prog="python -m image.build", description=__doc__)
    parser.add_argument("--name", default="alpenglow", help="the image's name (default: alpenglow)")
    parser.add_argument("--alpine", default="3.24", help="Alpine's version (default: 3.24)")
    arguments = parser.parse_args()
    try:
        signature = load(MODEL).signature
    except ModelError as error:
        sys.exit(f"image: {error}")
    values = {
        "ALPINE_VERSION": arguments.alpine,
        "VERSION": __version__,
        "REVISION": revision(),
        "MODEL_NAME": signature.name,
        "MODEL_VERSION": signature.version,
    }
    if HEADERS.exists():
        shutil.copytree(HEADERS, COPIED, dirs_exist_ok=True)
    options = [f"--build-arg={name}={value}" for name, value in values.items()]
    command = ["docker", "build", "--file=Dockerfile.alpine", f"--tag={arguments.name}", *options, "."]
    code = subprocess.run(command, check=False).returncode
    if not code:
        print(f"Built {arguments.name}: {size(arguments.name) / 1e6:.1f} MB")
    return code


def revision() -> str:
    """The commit that is checked out, with `-dirty` if something has changed since; "unknown" where there is none."""
    command = ["git", "describe", "--always", "--abbrev=40", "--exclude=*", "--dirty"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return done.stdout.strip() or "unknown"


def size(image: str) -> int:
    """Bytes of all layers, uncompressed."""
    command = ["docker", "image", "inspect", image]
    return int(json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout)[0]["Size"])


if __name__ == "__main__":
    sys.exit(main())
