"""Apache's certificate and its key: copies, so that what Apache reads is what has been found good.

TLS_CERTIFICATE and TLS_KEY name the files that somebody may replace at any time, one after the other. The copies lie in
the folder TLS_COPIES, which `image/start.sh` makes where it wants TLS.
"""

import os
import ssl
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

NAMES = ("tls.crt", "tls.key")


class CertificateError(ValueError):
    """There is no pair that Apache could use; the message says why."""


class Pair(NamedTuple):
    """The contents of both files (PEM)."""

    certificate: bytes
    key: bytes


def found(environment: Mapping[str, str]) -> Pair | None:
    """The pair that is there now; None without TLS. It is looked at before it is returned.

    Raises:
        CertificateError: It cannot be used.
    """
    folder = environment.get("TLS_COPIES")
    if not folder:
        return None
    paths = Path(environment["TLS_CERTIFICATE"]), Path(environment["TLS_KEY"])
    try:
        pair = Pair(*(path.read_bytes() for path in paths))
        check(pair, Path(folder))
    except (OSError, ValueError) as error:  # ssl.SSLError is an OSError
        raise CertificateError(
            f"TLS takes a certificate and its key, and {paths[0]} and {paths[1]} are not: {error}"
        ) from error
    return pair


def check(pair: Pair, folder: Path) -> None:
    """OpenSSL, which Apache uses as well, can read both, and the key is the certificate's.

    Raises:
        OSError: Not so.
    """
    paths = [folder / f"{name}.checked" for name in NAMES]
    write(pair, paths)
    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(paths[0], paths[1], password=lambda: b"")
    finally:
        for path in paths:
            path.unlink()


def put(pair: Pair, environment: Mapping[str, str]) -> bool:
    """Let Apache find it the next time it reads its configuration; whether that makes a difference."""
    paths = [Path(environment["TLS_COPIES"]) / name for name in NAMES]
    if all(path.exists() and path.read_bytes() == content for content, path in zip(pair, paths, strict=True)):
        return False
    write(pair, paths)
    return True


def write(pair: Pair, paths: list[Path]) -> None:
    """For this user only."""
    for content, path in zip(pair, paths, strict=True):
        with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
            file.write(content)
