"""The files of an image: in which layer, of which package, what they weigh."""

import io
import posixpath
import re
import tarfile
from dataclasses import dataclass, field
from fnmatch import fnmatchcase

from benchmarks import image_layers
from benchmarks.image_layers import Size, extracted, gzipped, layers, plain

LAYERS = ("runtime", "service", "model")  # Dockerfile.alpine
OTHER = "other"
# The first pattern that fits a path decides; `*` stands for slashes, too.
PACKAGES = {
    "model": ("/model/*",),
    "Alpenglow": ("/app/*", "/etc/*"),
    "ONNX Runtime": ("*/site-packages/onnxruntime/*", "/usr/lib/libonnxruntime*"),
    "numpy": ("*/site-packages/numpy/*",),
    "falcon": ("*/site-packages/falcon/*",),
    "gunicorn": ("*/site-packages/gunicorn/*",),
    "msgspec": ("*/site-packages/msgspec/*",),
    "gunicorn_h1c": ("*/site-packages/gunicorn_h1c/*",),
    OTHER: ("*/site-packages/*",),
    "Python": ("/usr/bin/python*", "/usr/lib/libpython*"),
    "Python's standard library": ("/usr/lib/python*",),
    "Apache, with APR, PCRE2 and Expat": (
        "/usr/sbin/httpd",
        "/usr/lib/apache2/*",
        "/usr/lib/libapr*",
        "/usr/lib/libpcre2*",
        "/usr/lib/libexpat*",
        "/usr/lib/libuuid*",
    ),
    "OpenSSL": ("*/libssl.*", "*/libcrypto.*"),
    "musl": ("/lib/ld-musl-*",),
    "BusyBox": ("/bin/*", "/usr/bin/ssl_client"),
    "other libraries": ("/lib/lib*", "/usr/lib/lib*"),
}
HEAD = 4096  # bytes at the start of a program, with the name of what runs it
INTERPRETER = re.compile(rb"\A(?:#! *(?=/)|\x7fELF.*?(?=/lib/ld-))([\w./-]+)", re.DOTALL)


@dataclass(frozen=True)
class Contents:
    """Sizes in bytes; paths are absolute and, but for those of links, of regular files."""

    layers: dict[str, Size] = field(default_factory=dict)
    files: dict[str, int] = field(default_factory=dict)
    links: dict[str, str] = field(default_factory=dict)
    interpreters: dict[str, str] = field(default_factory=dict)  # of scripts, and the loaders of programs
    packages: dict[str, Size] = field(default_factory=dict)

    def file(self, path: str) -> str:
        """Where symbolic links lead."""
        while path in self.links:
            path = posixpath.normpath(posixpath.join(posixpath.dirname(path), self.links[path]))
        return path

    def program(self, path: str) -> set[str]:
        """The files that the kernel opens to run one: itself, what interprets it, and what loads that."""
        found = set()
        while path and (path := self.file(path)) not in found:
            found.add(path)
            path = self.interpreters.get(path, "")
        return found


def contents(image: str) -> Contents:
    """Save the image and read it.

    Raises:
        RuntimeError: It has other layers than ours, or a file in more than one of them.
    """
    found = Contents()
    archives = {name: Archive() for name in PACKAGES}
    with layers(image) as saved:
        if len(saved) != len(LAYERS):
            raise RuntimeError(f"{image} has {len(saved)} layers, not {', '.join(LAYERS)}")
        for name, layer in zip(LAYERS, saved, strict=True):
            found.layers[name] = Size(image_layers.files(layer), gzipped(layer))
            with tarfile.open(fileobj=plain(layer)) as members:
                read(members, found, archives)
    found.packages.update({name: archive.size() for name, archive in archives.items()})
    return found


def read(layer: tarfile.TarFile, found: Contents, archives: dict[str, "Archive"]) -> None:
    """Add a layer's files and links to what has been found, and to the archive of each package."""
    for member in layer:
        path = posixpath.normpath(posixpath.join("/", member.name))
        if member.issym():
            found.links[path] = member.linkname
        elif member.isfile():
            if path in found.files:
                raise RuntimeError(f"{path} is in more than one layer")
            found.files[path] = member.size
            content = extracted(layer, member.name).read()
            if interpreter := INTERPRETER.match(content[:HEAD]):
                found.interpreters[path] = interpreter[1].decode()
            archives[package(path)].add(member, content)


def package(path: str) -> str:
    """What a file belongs to."""
    fitting = (name for name, patterns in PACKAGES.items() if any(fnmatchcase(path, pattern) for pattern in patterns))
    return next(fitting, OTHER)


class Archive:
    """A package's files, as they would be in a layer of their own."""

    def __init__(self) -> None:
        self.bytes = 0
        self.buffer = io.BytesIO()
        self.tar = tarfile.open(fileobj=self.buffer, mode="w")  # noqa: SIM115 - size() closes it

    def add(self, member: tarfile.TarInfo, content: bytes) -> None:
        """Put one in."""
        self.bytes += len(content)
        self.tar.addfile(member, io.BytesIO(content))

    def size(self) -> Size:
        """What all of them weigh, once the last is in; nothing compresses to nothing."""
        self.tar.close()
        return Size(self.bytes, gzipped(self.buffer) if self.bytes else 0)
