"""`python -m tests.serve.growing MODEL SIZE...`: what a worker grows to by each body, as lines of JSON."""

import gc
import json
import os
import resource
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from alpenglow._serve.app import Service, create_app
from alpenglow._serve.asgi import settle
from alpenglow._serve.model import load
from alpenglow._serve.process.cgroup import Limits
from alpenglow._serve.process.settings import MIB, from_environment
from alpenglow._serve.work import SMALL
from tests.serve.encodings import Constant, Sent, ask
from tests.serve.hostile import DECODERS, VALID
from tests.serve.wide import CITIES, STRICT, WIDE

ABREAST = 2  # processes
MOST = 1 << 29  # bytes that one may get; what wants more fails


def resident(name: str) -> int:
    """Bytes, by the name of a line of /proc/self/status."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return 1024 * next(int(line.split()[1]) for line in lines if line.startswith(f"{name}:"))


def measured(app: Service, usual: Sent, sent: Sent) -> dict[str, object]:
    """What one request takes in this process, which has had a usual one: programs and the model are in memory."""
    ask(app, usual)
    gc.collect()
    size = resident("VmSize") + MOST
    resource.setrlimit(resource.RLIMIT_AS, (size, size))
    Path("/proc/self/clear_refs").write_text("5")
    before, begun = resident("VmRSS"), time.process_time()
    status, answer = ask(app, sent)
    return {
        "growth": resident("VmHWM") - before,
        "seconds": round(time.process_time() - begun, 3),
        "status": status,
        "answer": len(answer),
    }


def forked(app: Service, usual: Sent, sent: Sent, about: dict[str, object]) -> int:
    """Measure in a process of its own, whose id this is."""
    if pid := os.fork():
        return pid
    try:
        found = about | {"bytes": len(sent.body), "wide": not sent.body.isascii()} | measured(app, usual, sent)
        os.write(1, (json.dumps(found) + "\n").encode())
    finally:
        os._exit(0)


def cases(apps: list[Service], size: int) -> Iterator[tuple[Service, Sent, Sent, dict[str, object]]]:
    """What to measure."""
    adult = [column.example for column in apps[0].signature.columns]
    for app, row in zip(apps, (adult, [CITIES[-1], 1.5]), strict=True):
        columns = app.signature.columns
        usual = DECODERS["records"](columns, row, SMALL + 1000)[VALID]
        for decoder, make in DECODERS.items():
            for name, sent in make(columns, row, size).items():
                if app is apps[0]:
                    yield app, usual, sent, {"decoder": decoder, "body": name, "size": size}
                elif name in STRICT:
                    strict = Sent(sent.path, sent.body, sent.headers, "strict=true")
                    yield app, usual, strict, {"decoder": decoder, "body": f"{name}, 5,000 categories", "size": size}


def main(model: Path, sizes: list[int]) -> None:
    """Measure."""
    environment = {"MODEL": str(model), "MAX_BODY": str(2 * max(sizes))}
    settings = from_environment(environment, Limits(cpus=1, memory=1 << 30))
    apps = [create_app(load(model), settings), create_app(Constant(WIDE), settings)]  # type: ignore[arg-type]
    settle()
    running: set[int] = set()
    for size in sizes:
        for app, usual, sent, about in cases(apps, size):
            if app is apps[1] and size > MIB:
                continue
            if len(running) >= ABREAST:
                running.discard(os.wait()[0])
            running.add(forked(app, usual, sent, about))
    while running:
        running.discard(os.wait()[0])


if __name__ == "__main__":
    main(Path(sys.argv[1]), list(map(int, sys.argv[2:])))
