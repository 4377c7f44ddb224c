"""Which Python modules serving can import: computed from the import statements, lazy ones included."""

import re
import sys
from collections.abc import Iterator
from importlib import import_module
from importlib.util import find_spec
from itertools import chain
from modulefinder import ModuleFinder
from pathlib import Path

# What is imported by name only, which no import statement shows.
ROOTS = (
    "alpenglow._image.drain",
    "alpenglow._serve.__main__",
    "alpenglow._serve.asgi",
    "alpenglow._serve.renewal",
    "alpenglow._serve.process.worker",
    "gunicorn.__main__",
    "gunicorn.glogging",
    "gunicorn_h1c",
    "encodings.ascii",
    "encodings.idna",
    "encodings.latin_1",
    "encodings.utf_8",
    "os",  # nobody reads it, but Python looks for it to find the others
)
# What those could import in theory, by the reason why nothing on our path needs it: the smoke test of the build and
# tests/image are there to find out if that is ever wrong.
EXCLUDED = {
    "programs' own entry": ("__main__",),
    "other servers and protocols": (
        *("falcon.testing", "gevent", "gunicorn.app.pasterapp", "gunicorn.ctl", "gunicorn.dirty", "configparser"),
        *("ftplib", "gunicorn.http2.async_connection", "gunicorn.http2.connection", "gunicorn.http2.request", "h2"),
        *("gunicorn.asgi.websocket", "http.server", "smtplib", "tomllib", "xmlrpc"),  # Apache passes no upgrades on
    ),
    "a faster event loop, by a tenth": ("uvloop",),  # 1.8 MB, and a megabyte of memory for each worker
    "making and reading e-mail": (
        *("email._header_value_parser", "email.contentmanager", "email.generator", "email.headerregistry"),
        "email.policy",
    ),
    "tools for developers and terminals": (
        *("_pyrepl", "bdb", "cmd", "code", "codeop", "cython", "doctest", "getopt", "getpass", "packaging", "pdb"),
        *("pkg_resources", "pprint", "pty", "py_compile", "pydoc", "readline", "rlcompleter", "setuptools", "termios"),
        *("this", "trace", "tracemalloc", "tty", "unittest", "webbrowser"),
    ),
    "numpy's subpackages that it loads when asked": (
        *("numpy._core.defchararray", "numpy._core.strings", "numpy._typing._add_docstring", "numpy.char"),
        *("numpy.core", "numpy.ctypeslib", "numpy.f2py", "numpy.fft", "numpy.linalg.lapack_lite", "numpy.ma"),
        *("numpy.matlib", "numpy.polynomial", "numpy.random", "numpy.rec", "numpy.strings", "numpy.testing"),
    ),
    "files of other kinds": (*("bz2", "gzip", "lzma", "plistlib", "tarfile", "xml.parsers", "pyexpat"),),
    "what is frozen in the interpreter": (
        *("_collections_abc", "_sitebuiltins", "abc", "codecs", "genericpath", "importlib._bootstrap"),
        *("importlib._bootstrap_external", "importlib.machinery", "importlib.util", "io", "ntpath", "posixpath"),
        *("site", "stat"),
    ),
    "fallbacks, and faster forms of what is not used often": (
        *("_elementtree", "_json", "_md5", "_pickle", "_py_abc", "_pydatetime", "_pydecimal", "_sha1"),
        *("_sha3", "_threading_local"),
    ),
    "other systems": (
        *("_ios_support", "asyncio.windows_events", "ctypes._aix", "ctypes.macholib", "ctypes.util"),
        *("encodings.mbcs", "nturl2path"),
    ),
    "other processes, metadata of packages, statistics": (
        *("concurrent.futures.process", "importlib.metadata._adapters", "importlib.metadata._text"),
        *("importlib.readers", "importlib.resources._adapters", "importlib.resources._itertools"),
        *("importlib.resources.readers", "multiprocessing", "statistics"),
    ),
}


def files() -> Iterator[Path]:
    """The files of all modules that can be imported, sources and extensions."""
    finder = ModuleFinder(path=sys.path, excludes=[*excluded()])
    waiting, seen = set(ROOTS), set[str]()
    while waiting:
        for name in waiting:
            finder.import_hook(name)
        seen |= waiting
        waiting = {name for path in located(finder) if path.suffix == ".so" for name in named(path)} - seen
    return located(finder)


def excluded() -> Iterator[str]:
    """The names above."""
    return chain.from_iterable(EXCLUDED.values())


def located(finder: ModuleFinder) -> Iterator[Path]:
    """The files of all modules found so far; those that are built in have none."""
    paths = (getattr(module, "__file__", None) for module in finder.modules.values())
    return (Path(path) for path in paths if path)


def opened() -> Iterator[Path]:
    """The libraries that extensions open by themselves, which no header shows: ONNX Runtime's bridge to providers."""
    package = Path(import_module("onnxruntime").__path__[0])
    for folder in (package / "capi", Path("/usr/lib")):
        yield from folder.glob("libonnxruntime_providers_shared.so")


def named(extension: Path) -> set[str]:
    """The modules whose names are among the strings of an extension: C imports by name."""
    words = re.findall(rb"(?<=\0)[a-zA-Z_][a-zA-Z_0-9]*(?:\.[a-zA-Z_0-9]+)*(?=\0)", extension.read_bytes())
    return {name for word in words if exists(name := word.decode())}


def exists(name: str) -> bool:
    """Whether a module of that name is installed and not excluded."""
    if any(name == other or name.startswith(f"{other}.") for other in excluded()):
        return False
    try:
        spec = find_spec(name)
    except (ImportError, ValueError, AttributeError):
        return False
    return spec is not None and spec.has_location
