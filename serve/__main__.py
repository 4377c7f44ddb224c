"""`alpenglow serve`: Gunicorn with this folder's settings, in place of this process."""

import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import NoReturn

VARIABLES = """\
The rest is said by environment variables; an option overrules the variable of its name:

  MODEL       the model's file (default: artifacts/model.onnx)
  PORT        where to listen (default: 5000)
  BIND        an address, or unix:PATH (default: 127.0.0.1)
  WORKERS     processes (default: as many as there are processors and memory)
  MAX_BODY    bytes of the largest body (default: what memory allows)
  MAX_ROWS    rows of the largest request (default: 100000)
  TOKEN_FILE  a file with a token that predictions want as `Authorization: Bearer`
  VERIFY      whether the model must give its witnesses the answers that were proved (default: on)
"""


def main(arguments: Sequence[str] | None = None) -> NoReturn:
    """Become Gunicorn; it never returns."""
    words = sys.argv[1:] if arguments is None else arguments
    if words:
        os.environ |= variables(words)
    settings = Path(__file__).with_name("gunicorn.conf.py")
    os.execv(  # noqa: S606 - no shell is what is wanted
        sys.executable, [sys.executable, "-m", "gunicorn", "--config", str(settings)]
    )


def variables(words: Sequence[str]) -> dict[str, str]:
    """What the command line says, as environment variables."""
    import argparse  # a container starts without arguments, and 7 ms earlier without this

    parser = argparse.ArgumentParser(
        prog="alpenglow serve",
        description="Answer requests with a model.",
        epilog=VARIABLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("model", nargs="?", metavar="MODEL", help="what alpenglow export or adopt wrote")
    parser.add_argument("--port", metavar="NUMBER", help="where to listen")
    parser.add_argument("--verify", choices=("on", "off"), help="whether the model's witnesses are asked first")
    options = vars(parser.parse_args(words))
    return {name.upper(): value for name, value in options.items() if value is not None}


if __name__ == "__main__":
    main()
