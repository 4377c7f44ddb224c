"""The command: `alpenglow COMMAND`, where each command is a folder's own."""

import sys
from collections.abc import Sequence
from importlib import import_module

from alpenglow import __version__

COMMANDS = {
    "train": ("alpenglow._train.__main__", "fit a pipeline on a table, and score it on held-out rows"),
    "export": (
        "alpenglow._export.__main__",
        "turn a fitted pipeline into model.onnx, once both give the same answers",
    ),
    "adopt": ("alpenglow._export.adopt.__main__", "wrap and sign an ONNX graph that something else has made"),
    "verify": ("alpenglow._export.verify", "show a model.onnx and its proof, and compare it anew"),
    "serve": ("alpenglow._serve.__main__", "answer requests with a model.onnx"),
    "image": ("alpenglow._image.build", "build the container image that serves a model.onnx"),
}
USAGE = "\n".join(
    [
        "usage: alpenglow COMMAND ...",
        "",
        "A fitted scikit-learn pipeline as an HTTP prediction service.",
        "",
        *(f"  {name.ljust(8)}{what}" for name, (_, what) in COMMANDS.items()),
        "",
        "alpenglow COMMAND --help has more on each.",
    ]
)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command; its own status, or 2 if there is none of that name."""
    name, *rest = [*(sys.argv[1:] if arguments is None else arguments), ""]
    rest = rest[:-1]
    if name in ("-h", "--help"):
        print(USAGE)
        return 0
    if name == "--version":
        print(__version__)
        return 0
    if name not in COMMANDS:
        print(USAGE if not name else f"alpenglow: there is no command {name!r}\n\n{USAGE}", file=sys.stderr)
        return 2
    module, _ = COMMANDS[name]
    status: int = import_module(module).main(rest)
    return status


if __name__ == "__main__":
    sys.exit(main())
