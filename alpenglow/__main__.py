"""The command: `alpenglow COMMAND`, where each command is a folder's own."""

import sys
from collections.abc import Sequence
from importlib import import_module
from typing import NamedTuple

from alpenglow import __version__


class Command(NamedTuple):
    """Where `main` is, what it needs beside the package itself, and what it does."""

    module: str
    extra: str
    what: str


COMMANDS = {
    "train": Command("alpenglow._train.__main__", "export", "fit a pipeline on a table, and score it on held-out rows"),
    "export": Command("alpenglow._export.__main__", "export", "turn a fitted pipeline into model.onnx, with the proof"),
    "adopt": Command("alpenglow._export.adopt.__main__", "export", "wrap and sign an ONNX graph of another make"),
    "verify": Command("alpenglow._export.verify", "export", "show a model.onnx and its proof, and compare it anew"),
    "score": Command("alpenglow._score.__main__", "score", "answer the rows of a file with a model.onnx"),
    "serve": Command("alpenglow._serve.__main__", "serve", "answer requests with a model.onnx"),
    "image": Command("alpenglow._image.build", "serve", "build the container image that serves a model.onnx"),
}
USAGE = "\n".join(
    [
        "usage: alpenglow COMMAND ...",
        "",
        "A fitted scikit-learn pipeline as an HTTP prediction service.",
        "",
        *(f"  {name.ljust(8)}{command.what}" for name, command in COMMANDS.items()),
        "",
        "alpenglow COMMAND --help has more on each.",
    ]
)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command; its own status, or 2 if there is none of that name."""
    words = list(sys.argv[1:] if arguments is None else arguments)
    name = words[0] if words else ""
    if name in ("-h", "--help", "--version"):
        print(__version__ if name == "--version" else USAGE)
        return 0
    if name not in COMMANDS:
        print(f"alpenglow: there is no command {name!r}\n\n{USAGE}" if name else USAGE, file=sys.stderr)
        return 2
    command = COMMANDS[name]
    try:
        status: int = import_module(command.module).main(words[1:])
    except ModuleNotFoundError as error:
        if not error.name or error.name.startswith("alpenglow"):
            raise
        print(f"{name}: there is no {error.name} here: pip install 'alpenglow[{command.extra}]'", file=sys.stderr)
        return 1
    return status


if __name__ == "__main__":
    sys.exit(main())
