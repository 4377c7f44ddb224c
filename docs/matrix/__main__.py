"""`make matrix`: export typical pipelines inside environments of several years, and write `docs/versions.md`."""

import json
import subprocess
import sys
from typing import Any

from docs import versions
from docs.matrix.environments import Environment, environments


def main() -> int:
    """Make the environments, one after the other, and try all pipelines in each."""
    report = []
    for environment in environments():
        print(f"making {environment.folder} ...", flush=True)
        environment.make()
        report.append(tried(environment))
        print(f"  {versions.summary(report[-1])}", flush=True)
    versions.JSON.write_text(json.dumps(report, indent=1) + "\n", encoding="utf-8")
    versions.PAGE.write_text(versions.page(report), encoding="utf-8")
    print(f"Wrote {versions.PAGE}")
    return 0


def tried(environment: Environment) -> dict[str, Any]:
    """What became of each pipeline there."""
    command = [str(environment.python), "-W", "ignore", "-m", "docs.matrix.trial"]
    found: dict[str, Any] = json.loads(subprocess.run(command, stdout=subprocess.PIPE, check=True).stdout)
    return found


if __name__ == "__main__":
    sys.exit(main())
