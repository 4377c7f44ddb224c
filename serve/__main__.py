"""`python -m serve`: Gunicorn with this folder's settings, in place of this process."""

import os
import sys
from pathlib import Path


def main() -> None:
    """Become Gunicorn; it never returns."""
    settings = Path(__file__).with_name("gunicorn.conf.py")
    os.execv(  # noqa: S606 - no shell is what is wanted
        sys.executable, [sys.executable, "-m", "gunicorn", "--config", str(settings)]
    )


if __name__ == "__main__":
    main()
