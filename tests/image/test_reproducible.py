"""The same commit and the same model are the same layers, whenever and wherever they are built."""

import json
import os
import subprocess
import tarfile
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from alpenglow._image.build import fill
from tests.commands import run
from tests.image.containers import IMAGE, alpine, layers

AGAIN = "alpenglow-test-again"
# What is compiled takes minutes, and is taken from the first build; all that is gathered and copied is made anew.
COMPILED = ("parser", "whole")


@contextmanager
def built_again(model: Path) -> Iterator[str]:
    """The image, from files with other times, without what Docker keeps of the first build's later stages."""
    stages = {stage: f"{AGAIN}-{stage}" for stage in COMPILED}
    with tempfile.TemporaryDirectory() as name:
        fill(Path(name), model)
        for path in Path(name).rglob("*"):
            os.utime(path, (1e9, 1e9))
        # The builder whose --cache-from leaves out all else.
        build = ["docker", "build", f"--file={name}/Dockerfile.alpine", f"--build-arg=ALPINE_VERSION={alpine()}"]
        for stage, tag in stages.items():
            run(*build, f"--target={stage}", f"--tag={tag}", name, DOCKER_BUILDKIT="0")
        kept = f"--cache-from={','.join(stages.values())}"
        run(*build, kept, f"--tag={AGAIN}", name, DOCKER_BUILDKIT="0")
    try:
        yield AGAIN
    finally:
        run("docker", "image", "rm", "--force", AGAIN)
        run("docker", "image", "rm", "--no-prune", *stages.values())  # their layers are the first build's, too


def contents(image: str) -> list[dict[str, tuple[int, int, int, str, bytes]]]:
    """Of each layer, its members in their order: rights, owner, time, what a link points to, content."""
    with tempfile.TemporaryDirectory() as name:
        archive = Path(name) / "image.tar"
        subprocess.run(["docker", "save", "--output", archive, image], check=True)
        with tarfile.open(archive) as saved:
            saved.extractall(name, filter="data")
        (manifest,) = json.loads((Path(name) / "manifest.json").read_text())
        return [members(Path(name) / layer) for layer in manifest["Layers"]]


def members(layer: Path) -> dict[str, tuple[int, int, int, str, bytes]]:
    with tarfile.open(layer) as archive:
        return {one.name: (one.mode, one.uid, int(one.mtime), one.linkname, content(archive, one)) for one in archive}


def content(archive: tarfile.TarFile, member: tarfile.TarInfo) -> bytes:
    found = archive.extractfile(member) if member.isfile() else None
    return found.read() if found else b""


def test_a_second_build_gives_the_same_layers(forest: Path) -> None:
    with built_again(forest) as again:
        for first, second in zip(contents(IMAGE), contents(again), strict=True):
            assert [name for name in first.keys() | second.keys() if first.get(name) != second.get(name)] == []
        assert layers(again) == layers(IMAGE)
