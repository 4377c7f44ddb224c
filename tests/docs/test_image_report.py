"""What is read from strace and from the image's layers, and the committed report that the README's table is made of."""

import pytest

from benchmarks.image_contents import LAYERS, OTHER, PACKAGES, Contents, package
from benchmarks.image_opened import read
from docs import image_report

REPORT = image_report.read()


def test_packages_and_layers_are_the_same_files() -> None:
    assert [layer["name"] for layer in REPORT["layers"]] == list(LAYERS)
    assert image_report.shipped(REPORT) == sum(layer["uncompressed"] for layer in REPORT["layers"])


def test_each_package_is_there_once_and_the_largest_first() -> None:
    names = [found["name"] for found in REPORT["packages"]]
    assert sorted(names) == sorted(PACKAGES)
    sizes = [found["uncompressed"] for found in REPORT["packages"]]
    assert sizes == sorted(sizes, reverse=True)


def test_next_to_nothing_is_of_an_unknown_package() -> None:
    (other,) = [found for found in REPORT["packages"] if found["name"] == OTHER]
    assert other["uncompressed"] < image_report.shipped(REPORT) / 1000


def test_sizes_are_possible() -> None:
    for found in REPORT["packages"]:
        assert 0 <= found["opened"] <= found["uncompressed"]
        assert bool(found["files"]) == bool(found["uncompressed"]) == bool(found["compressed"])


def test_the_files_that_are_never_opened_are_sorted_and_of_their_packages() -> None:
    files = REPORT["never_opened"]
    assert [file["size"] for file in files] == sorted((file["size"] for file in files), reverse=True)
    assert [file["package"] for file in files] == [package(file["path"]) for file in files]
    assert sum(file["size"] for file in files) <= image_report.shipped(REPORT) - image_report.opened(REPORT)


def test_the_table_says_what_was_measured(capsys) -> None:
    image_report.table()
    lines = capsys.readouterr().out.splitlines()
    rows = [line.strip("| ").split(" | ") for line in lines if line.startswith("| ")][1:]
    found = [entry for entry in REPORT["packages"] if entry["files"]]
    assert rows[:-1] == [
        [
            entry["name"],
            str(entry["files"]),
            *(f"{entry[size] / 1000:,.0f}" for size in ("uncompressed", "compressed", "opened")),
        ]
        for entry in found
    ]
    total, opened = (sum(entry[size] for entry in found) for size in ("uncompressed", "opened"))
    assert rows[-1][:3] == ["all", str(sum(entry["files"] for entry in found)), f"{total / 1000:,.0f}"]
    (sentence,) = [line for line in lines if line.startswith("The image ships")]
    assert f" {total:,} bytes; {opened:,} of them " in sentence
    assert sentence.endswith(f" a ratio of {total / opened:.2f}.")


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("/usr/lib/python3.13/site-packages/numpy/_core/multiarray.pyc", "numpy"),
        ("/usr/lib/python3.13/site-packages/unheard_of/__init__.pyc", OTHER),
        ("/usr/lib/python3.13/email/message.pyc", "Python's standard library"),
        ("/usr/lib/libpython3.13.so.1.0", "Python"),
        ("/usr/lib/libcrypto.so.3", "OpenSSL"),
        ("/usr/lib/libz.so.1", "other libraries"),
        ("/opt/file", OTHER),
    ],
)
def test_the_package_of_a_file(path, name) -> None:
    assert package(path) == name


def test_what_strace_has_seen() -> None:
    files = ["/app/start.sh", "/bin/busybox", "/lib/ld-musl-x86_64.so.1", "/usr/bin/python3.13", "/usr/lib/a.so.1.0"]
    image = Contents(
        files=dict.fromkeys([*files, "/usr/bin/ssl_client", "/usr/lib/unused", "/usr/lib/missed"], 1),
        links={"/bin/sh": "busybox", "/bin/touch": "../bin/busybox", "/usr/bin/python3": "python3.13"},
        interpreters={"/app/start.sh": "/bin/sh", "/bin/busybox": "/lib/ld-musl-x86_64.so.1"},
    )
    lines = [
        '1  execve("/app/start.sh", ["/app/start.sh"], 0x7ffe71c30ff0 /* 10 vars */) = 0',
        '13 execve("/usr/bin/python3", ["python3", "-m", "x"], 0x7f73bac2c3b0 /* 10 vars */ <unfinished ...>',
        '13 open("/usr/bin/../lib/a.so", O_RDONLY|O_CLOEXEC) = 3</usr/lib/a.so.1.0>',
        '14 openat(AT_FDCWD, "/usr/lib", O_RDONLY|O_DIRECTORY) = 3</usr/lib>',
        '14 open("/usr/lib/missed", O_RDONLY) = -1 EMFILE (No file descriptors available)',
        '15 open("/usr/lib/unused", O_RDONLY <unfinished ...>',
        "13 <... execve resumed>)             = 0",
        "14 <... open resumed>)               = 3</usr/bin/ssl_client>",
        '14 open("/tmp/body", O_RDWR|O_CREAT, 0600) = 4</tmp/body>',
        "14 +++ exited with 0 +++",
    ]
    assert read(lines, image) == {*files, "/usr/bin/ssl_client"}
