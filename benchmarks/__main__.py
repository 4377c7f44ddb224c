"""`make bench`: Alpenglow beside what others would serve the same model with, in turns.

Without `--quick` and `--peers`, it keeps what it finds in `docs/` and draws it.
"""

import argparse
import shutil
import signal
import sys
import tempfile
from pathlib import Path

from benchmarks import earlier
from benchmarks.rounds import Bench
from benchmarks.servers import ALONE, ALTERNATIVES, APACHED, QUICK, Server
from docs import benchmarks, figures
from tests.servers import APACHE

ARTIFACTS = Path("artifacts").resolve()
BEFORE = "10b31d0"
NAMES = tuple(peer.name for peer in ALTERNATIVES)


def main() -> int:
    """Measure, print, and keep what is complete."""
    arguments = parser().parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # so that servers are ended then, too
    lacking = [name for name, found in (("wrk", shutil.which("wrk")), ("apache2", APACHE)) if not found]
    if lacking:
        print(f"bench: install {' and '.join(lacking)} first, such as from Debian's packages", file=sys.stderr)
        return 1
    quick, some = arguments.quick, arguments.peers
    peers = [peer for peer in ALTERNATIVES if peer.name in (some or QUICK if quick or some else NAMES)]
    servers: list[Server] = [APACHED, ALONE, *peers]
    if not quick and not some:
        servers.append(earlier.server(arguments.before))
    rounds, seconds = arguments.rounds or (2 if quick else 5), arguments.seconds or (2 if quick else 3)
    with tempfile.TemporaryDirectory(prefix="bench-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        for artifact in ("model.onnx", "pipeline.joblib", "sample.joblib"):
            (folder / artifact).symlink_to(ARTIFACTS / artifact)
        report = Bench(servers, folder, seconds, floor=not quick).run(rounds)
    print(f"\n{benchmarks.text(report)}")
    if quick or some:
        return 0
    figures.write(report)
    benchmarks.draw()
    print(f"\nWrote {', '.join(path.name for path in benchmarks.FILES)} in docs/")
    return 0


def parser() -> argparse.ArgumentParser:
    """The command line."""
    made = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    made.add_argument("--quick", action="store_true", help=f"ours beside {' and '.join(QUICK)} only, in two minutes")
    made.add_argument("--peers", nargs="+", choices=NAMES, metavar="NAME", help=f"ours beside {', '.join(NAMES)}")
    made.add_argument("--before", default=BEFORE, metavar="COMMIT", help="ours then, too (default: %(default)s)")
    made.add_argument("--rounds", type=int, help="how often each server is started and measured (default: 5, quick: 2)")
    made.add_argument("--seconds", type=int, help="how long for each figure (default: 3, quick: 2)")
    return made


if __name__ == "__main__":
    sys.exit(main())
