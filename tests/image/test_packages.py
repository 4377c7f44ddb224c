"""What the Dockerfile asks of Alpine, for each platform that the image is built for."""

import platform
import re
import subprocess

import pytest

from tests.commands import ROOT, run
from tests.image.containers import alpine

PLATFORMS = ("aarch64", "x86_64")
# Of another platform, an empty system is made first.
CHOOSE = """
mkdir -p /keys "$0"
cp /etc/apk/keys/* /usr/share/apk/keys/"$1"/* /keys
options="--root $0 --arch $1 --keys-dir /keys --repositories-file /etc/apk/repositories --no-cache"
shift
test "$0" = / || apk add $options --quiet --initdb
apk add $options --simulate "$@"
"""


def chosen(machine: str, *packages: str) -> subprocess.CompletedProcess[str]:
    """What Alpine's package manager says when it is to install these there, and does all but that."""
    root = "/" if machine == platform.machine() else "/there"
    command = ["docker", "run", "--rm", f"alpine:{alpine()}", "sh", "-c", CHOOSE, root, machine, *packages]
    return run(*command, check=False)


@pytest.mark.parametrize("machine", PLATFORMS)
def test_all_packages_can_be_installed(machine) -> None:
    dockerfile = (ROOT / "Dockerfile.alpine").read_text(encoding="utf-8")
    asked = {name for line in re.findall(r"RUN apk add --no-cache ([\w -]+)", dockerfile) for name in line.split()}
    assert {"apache2-dev", "build-base", "py3-onnxruntime", "ssl_client"} <= asked
    done = chosen(machine, *sorted(asked))
    if machine != platform.machine() and "fetching" in done.stderr:
        pytest.skip(f"this machine's mirror of Alpine has no index for {machine}")
    assert done.returncode == 0, done.stderr
    refused = chosen(machine, "a-package-that-is-not")
    assert "a-package-that-is-not (no such package)" in refused.stderr + refused.stdout
