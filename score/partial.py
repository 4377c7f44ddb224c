"""What is done so far, in a folder beside the output: whoever is stopped, by whatever, goes on from there.

A part is two files, of answers and of rows that are set aside, and a third that says so once both are complete. The
parts become the output, under its name, when there are all of them.
"""

import fcntl
import os
import shutil
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Self

import msgspec

from alpenglow._score.files.text import concatenate, synced


class PartialError(ValueError):
    """What is there cannot be gone on with; the message says why."""


class Done(msgspec.Struct, frozen=True):
    """What a part has come to, with those before it: the number of the next row, and how many were set aside."""

    rows: int = 0
    aside: int = 0


class Partial:
    """The parts of one output; while it is open, nobody else writes there."""

    def __init__(self, output: Path, of: dict[str, Any]) -> None:
        """Begin or go on.

        Args:
            output: Of the whole; the folder's name is that with `.partial` behind it.
            of: What the output is made of, as JSON has it: other parts would not fit to those that are there.
        """
        self.output, self.of = output, of
        self.aside = output.with_name(f"{output.name}.rejected.jsonl")
        self.folder = output.with_name(f"{output.name}.partial")

    def __enter__(self) -> Self:
        self.folder.mkdir(exist_ok=True)
        self.lock = os.open(self.folder, os.O_RDONLY)
        try:
            fcntl.flock(self.lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise PartialError(f"{self.folder} is being written by another process") from None
        self.done = [msgspec.json.decode(mark.read_bytes(), type=Done) for mark in sorted(self.folder.glob("*.done"))]
        self.begin()
        return self

    def __exit__(self, *raised: object) -> None:
        os.close(self.lock)

    def begin(self) -> None:
        """Note what the parts are of.

        Raises:
            PartialError: Those that are there are of something else.
        """
        manifest = self.folder / "manifest.json"
        if not self.done:
            self.note(manifest, self.of)
        elif msgspec.json.decode(manifest.read_bytes()) != self.of:
            raise PartialError(
                f"{self.folder} has parts of what another input, model or command gave: remove it to begin anew"
            )

    def note(self, path: Path, content: Any) -> None:
        """Write a small file, all of it or nothing."""
        with self.folder.joinpath("note").open("wb") as file:
            file.write(msgspec.json.encode(content))
            synced(file)
        self.folder.joinpath("note").replace(path)

    @property
    def so_far(self) -> Done:
        """What all parts have come to."""
        return self.done[-1] if self.done else Done()

    def path(self, part: int, what: str) -> Path:
        """A file of a part."""
        return self.folder / f"{part:08d}.{what}"

    def commit(self, done: Done) -> None:
        """The next part is complete: both of its files are on the disk."""
        self.note(self.path(len(self.done), "done"), done)
        self.done.append(done)

    def finish(self, join: Callable[[Sequence[Path], Path], None]) -> None:
        """Make the output of the parts. Stopped here, it is made again."""
        parts = range(len(self.done))
        join([self.path(part, "rows") for part in parts], self.folder / "rows")
        with self.folder.joinpath("aside").open("wb") as file:
            concatenate([self.path(part, "aside") for part in parts], file)
            synced(file)
        if self.so_far.aside:
            self.folder.joinpath("aside").replace(self.aside)
        else:
            self.aside.unlink(missing_ok=True)
        self.folder.joinpath("rows").replace(self.output)
        for part in reversed(parts):  # whatever stops it here, those that are left are the first ones
            self.path(part, "done").unlink()
        shutil.rmtree(self.folder)
