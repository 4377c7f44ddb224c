"""Copy what serving needs into folders that become the image's layers.

`python -m alpenglow._image.gather runtime|service FOLDER` runs inside the build, as root, on Alpine: from there come
Python, ONNX Runtime, Apache and BusyBox. Nothing is listed that can be computed: Python's modules follow from the
import statements, Apache's from its configuration, shared libraries from the ELF headers of all of these.
"""

import ast
import marshal
import os
import re
import shutil
import subprocess
import sys
import sysconfig
from collections.abc import Iterator
from importlib.util import MAGIC_NUMBER
from pathlib import Path

from alpenglow._image import bill, modules

HTTPD, MODULES = Path("/usr/sbin/httpd"), Path("/usr/lib/apache2")
LIBRARIES = (Path("/lib"), Path("/usr/lib"))
# They do nothing but give docstrings to what NumPy has in C.
DESCRIPTIONS = {"_add_newdocs.py", "_add_newdocs_scalars.py"}
DOCUMENTED = ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef


def main() -> None:
    """Fill the folder."""
    root = Path(sys.argv[2])
    {"runtime": runtime, "service": service}[sys.argv[1]](root)
    for path in [root, *root.rglob("*")]:
        os.utime(path, (0, 0), follow_symlinks=False)  # the same content is the same layer


def runtime(root: Path) -> None:
    """What others have made."""
    python(root)
    httpd(root, Path("apache/httpd.conf").read_text(encoding="utf-8"))
    busybox(root)
    for path in libraries(root):
        copy(path, root)
    strip(root)
    (root / "sbom.cdx.json").write_text(bill.bill(regular(root), owners()), encoding="utf-8")
    (root / "tmp").mkdir()
    (root / "tmp").chmod(0o1777)


def regular(root: Path) -> list[Path]:
    """Where the files of a folder will be."""
    return [Path("/") / path.relative_to(root) for path in root.rglob("*") if path.is_file() and not path.is_symlink()]


def owners() -> dict[Path, bill.Package]:
    """Whose the files are that are installed here."""
    database = next(path for path in (bill.DATABASE, bill.ALTERNATIVE) if path.exists())
    packages = Path(sysconfig.get_path("purelib"))
    return dict(bill.of_alpine(database.read_text(encoding="utf-8"))) | dict(
        bill.of_python(packages, installed(packages / "x").parent)
    )


def service(root: Path) -> None:
    """What is ours: serve/, Apache's configuration, and what starts both."""
    app = root / "app"
    package = Path("alpenglow")
    files = filter(Path.is_file, (package / "_serve").rglob("*"))
    for path in [package / "__init__.py", package / "_image/drain.py", *files]:
        (app / path).parent.mkdir(parents=True, exist_ok=True)
        if path.suffix == ".py" and not path.name.endswith(".conf.py"):  # Gunicorn wants the source of that
            (app / path).with_suffix(".pyc").write_bytes(compiled(path.read_bytes(), "/app" / path))
        else:
            shutil.copyfile(path, app / path)
    (app / "apache").mkdir()
    shutil.copyfile("apache/httpd.conf", app / "apache/httpd.conf")
    shutil.copy("image/start.sh", app / "start.sh")


def python(root: Path) -> None:
    """The interpreter, and the modules in place: extensions as they are, sources compiled."""
    interpreter = Path(sys.executable).resolve()
    copy(interpreter, root)
    for name in ("python3", "python"):
        (root / "usr/bin" / name).symlink_to(interpreter.name)
    for path in modules.files():
        if path.is_relative_to(Path.cwd()):
            continue  # serve/ has a layer of its own
        place = root / installed(path).relative_to("/")
        place.parent.mkdir(parents=True, exist_ok=True)
        if path.suffix == ".py":
            place.with_suffix(".pyc").write_bytes(compiled(path.read_bytes(), installed(path)))
        else:
            shutil.copyfile(path, place)
    for path in modules.opened():
        copy(path, root)


def installed(path: Path) -> Path:
    """Where a module goes: what pip put into the virtual environment belongs beside what apk installed."""
    packages = Path(sysconfig.get_path("purelib"))
    system = Path(sysconfig.get_path("stdlib")) / "site-packages"
    return system / path.relative_to(packages) if path.is_relative_to(packages) else path


def compiled(source: bytes, path: Path) -> bytes:
    """A module's bytecode without documentation, which Python loads where there is no source.

    Unlike `python -OO`, it keeps the assertions: other people's packages check with them.
    """
    tree = ast.parse(b"" if path.name in DESCRIPTIONS else source)
    for node in ast.walk(tree):
        if isinstance(node, DOCUMENTED):
            described = ast.get_docstring(node, clean=False) is not None
            node.body = node.body[described:] or [ast.copy_location(ast.Pass(), place) for place in node.body[:1]]
            for statement in node.body:
                shorten(statement)
    code = compile(tree, path, "exec", dont_inherit=True, optimize=0)
    return MAGIC_NUMBER + bytes(12) + marshal.dumps(code)  # PEP 552; no source, so none whose time and size matter


def shorten(statement: ast.stmt) -> None:
    """Leave the first line of what one of Gunicorn's settings says of itself."""
    match statement:
        case ast.Assign([ast.Name("desc")], ast.Constant(str(text)) as constant):
            constant.value = text.strip().partition("\n")[0]


def httpd(root: Path, configuration: str) -> None:
    """Apache, and the modules that its configuration loads."""
    copy(HTTPD, root)
    for name in re.findall(r"^ *LoadModule \S+ \"\${MODULES}/(\S+)\"", configuration, re.MULTILINE):
        copy(MODULES / name, root)
    copy(MODULES / "mod_whole.so", root)  # apache/mod_whole.c


def busybox(root: Path) -> None:
    """The shell with all its commands, which are in one file anyway, and the names of users."""
    copy(Path("/bin/busybox"), root)
    for applet in subprocess.run(["busybox", "--list"], check=True, capture_output=True, text=True).stdout.split():
        if applet != "busybox":
            (root / "bin" / applet).symlink_to("busybox")
    copy(Path("/usr/bin/ssl_client"), root)  # wget's hands for https
    (root / "etc").mkdir()
    (root / "etc/passwd").write_text("nobody:x:65534:65534:nobody:/:/bin/sh\n", encoding="utf-8")
    (root / "etc/group").write_text("nobody:x:65534:\n", encoding="utf-8")


def libraries(root: Path) -> Iterator[Path]:
    """The shared libraries that all programs, extensions and libraries in the folder need.

    Raises:
        FileNotFoundError: One of them is not installed.
    """
    found: set[str] = set()
    waiting = needed(root)
    while waiting:
        name = waiting.pop()
        if name in found or re.fullmatch(r"libc\.(musl-.*\.)?so.*", name):  # musl is its own loader
            continue
        found.add(name)
        path = next((folder / name for folder in LIBRARIES if (folder / name).exists()), None)
        if path is None:
            raise FileNotFoundError(f"no library {name} in {LIBRARIES}")
        yield path
        waiting |= needed(path)
    yield from Path("/lib").glob("ld-musl-*.so.1")


def needed(path: Path) -> set[str]:
    """The names of the libraries that an ELF file, or those in a folder, are linked to."""
    command = ["scanelf", "--quiet", "--recursive", "--needed", "--nobanner", "--format", "%n#p", str(path)]
    printed = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    return {name for line in printed.split() for name in line.split(",")}


def strip(root: Path) -> None:
    """Remove the symbols that only a debugger reads; some wheels bring them."""
    files = [path for path in root.rglob("*") if path.is_file() and not path.is_symlink()]
    programs = [path for path in files if path.read_bytes()[:4] == b"\x7fELF"]
    subprocess.run(["strip", "--strip-unneeded", *programs], check=True)


def copy(path: Path, root: Path) -> None:
    """Copy a file to the same place, with its content where it is a link."""
    place = root / path.relative_to("/")
    place.parent.mkdir(parents=True, exist_ok=True)
    shutil.copy(path, place)


if __name__ == "__main__":
    main()
