"""What formats of text share."""

import os
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import IO, Any


def concatenate(parts: Sequence[Path], file: IO[bytes]) -> None:
    """Write the content of files, one behind the other."""
    for part in parts:
        with part.open("rb") as content:
            shutil.copyfileobj(content, file)


def synced(file: IO[Any]) -> None:
    """Close a file once it is on the disk."""
    file.flush()
    os.fsync(file.fileno())
    file.close()
