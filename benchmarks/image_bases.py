"""What the alternatives are built on: a registry's images, or ones made in their place where none can be reached."""

import hashlib
import os
import re
import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

from docs.image_sizes import MADE_HERE, PULLED

RECIPE = Path(__file__).parent / "images" / "base.sh"
PATIENCE = 120  # seconds for a pull
SEARCH_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
# What pip needs to reach its index; folders of this machine are of no use in a container.
PIP_SETTINGS = ("index-url", "extra-index-url", "trusted-host", "proxy")
APT_SETTINGS = re.compile(r"Acquire::(Check-|https?::Proxy)")


@dataclass(frozen=True)
class Base:
    """An image to build on: its name here, and where it is from."""

    image: str
    origin: str


def base(kind: str, name: str, pip: Path) -> Base:
    """The registry's image of that name, or what `base.sh` makes in its place; `pip` has this machine's settings.

    Raises:
        RuntimeError: Neither is possible; the message says what is missing.
    """
    if pulled(name):
        return Base(name, PULLED)
    image = f"alpenglow-base-{kind}"
    with tempfile.TemporaryDirectory() as folder:
        write_settings(Path(folder), pip)
        recipe = digest(kind, Path(folder))
        if label(image) != recipe:
            make(kind, image, recipe, Path(folder))
    return Base(image, MADE_HERE)


def pulled(name: str) -> bool:
    """Whether the registry gave its image."""
    command = ["docker", "pull", "--quiet", name]
    try:
        return subprocess.run(command, capture_output=True, timeout=PATIENCE, check=False).returncode == 0
    except subprocess.TimeoutExpired:
        return False


def label(image: str) -> str | None:
    """The recipe of an image made here; None without such an image."""
    command = ["docker", "image", "inspect", image, "--format", '{{index .Config.Labels "recipe"}}']
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return done.stdout.strip() if done.returncode == 0 else None


def digest(kind: str, settings: Path) -> str:
    """What a base depends on; with another one it is made anew."""
    seen = hashlib.sha256(kind.encode() + RECIPE.read_bytes())
    for path in sorted(filter(Path.is_file, settings.rglob("*"))):
        seen.update(str(path.relative_to(settings)).encode() + path.read_bytes())
    return seen.hexdigest()


def make(kind: str, image: str, recipe: str, settings: Path) -> None:
    """Run `base.sh` and import what it fills.

    Raises:
        RuntimeError: debootstrap or the right to use it is missing, or it failed.
    """
    if not shutil.which("debootstrap", path=SEARCH_PATH):
        raise RuntimeError("no registry to pull from: install debootstrap first, such as from Debian's packages")
    if os.geteuid():
        raise RuntimeError("no registry to pull from, and debootstrap needs root: run this as root")
    print(f"making {image} with debootstrap ...", flush=True)
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder) / "root"
        environment = {**os.environ, "PATH": SEARCH_PATH}
        command: list[str | Path] = ["sh", RECIPE, kind, root, settings]
        done = subprocess.run(
            command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False
        )
        if done.returncode:
            raise RuntimeError(f"{RECIPE.name} failed:\n{done.stdout[-2000:]}")
        archive = Path(folder) / "root.tar"
        subprocess.run(["tar", "-C", root, "-cf", archive, "."], check=True)
        changes = [f"ENV PATH={SEARCH_PATH}", 'CMD ["/bin/bash"]', f"LABEL recipe={recipe}"]
        options = [option for change in changes for option in ("--change", change)]
        subprocess.run(["docker", "import", *options, archive, image], check=True, stdout=subprocess.DEVNULL)


def write_settings(folder: Path, pip: Path) -> None:
    """This machine's ways to the packages as files for an image: a few lines, and the certificates that pip trusts."""
    for name, text in {
        "pip.conf": pip_conf(pip, folder),
        "apt/sources.list": sources(),
        "apt/apt.conf.d/here": apt(),
    }.items():
        path = folder / "etc" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")


def pip_conf(pip: Path, folder: Path) -> str:
    """The settings of pip, those of the environment included; its certificates go to `/etc/pip.crt` under a folder."""
    listed = printed(str(pip), "config", "list")
    settings = dict(re.findall(r"^(?:global|install|:env:)\.([\w-]+)='(.*)'$", listed, re.MULTILINE))
    lines = []
    for name in PIP_SETTINGS:
        words = settings.get(name, "").replace("\\n", " ").split()
        if value := " ".join(word for word in words if not word.startswith(("/", "file:"))):
            lines.append(f"{name} = {value}\n")
    if certificates := settings.get("cert") or os.environ.get("SSL_CERT_FILE"):
        (folder / "etc").mkdir(parents=True, exist_ok=True)
        shutil.copyfile(certificates, folder / "etc" / "pip.crt")
        lines.append("cert = /etc/pip.crt\n")
    return "[global]\n" + "".join(lines)


def sources() -> str:
    """Where this machine gets Debian 12 from; nothing if it is another system."""
    line = "deb $(REPO_URI) $(RELEASE) $(COMPONENT)"
    lines = printed("apt-get", "indextargets", "--format", line, "Created-By: Packages", "Origin: Debian").splitlines()
    return "".join(f"{line}\n" for line in dict.fromkeys(lines) if " bookworm" in line)


def apt() -> str:
    """What apt must know to get there: a proxy, and whether the archive is a dated one."""
    return "".join(f"{line}\n" for line in printed("apt-config", "dump").splitlines() if APT_SETTINGS.match(line))


def printed(*command: str) -> str:
    """What a command prints; nothing where there is no such command."""
    if not shutil.which(command[0]):
        return ""
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout
