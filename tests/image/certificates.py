"""Certificates for TLS that nobody vouches for."""

from pathlib import Path

from tests.commands import run

COMMAND = "openssl req -x509 -newkey rsa:2048 -nodes -days 1 -subj /CN=localhost -keyout tls.key -out tls.crt"
NAMES = "subjectAltName=DNS:localhost,IP:127.0.0.1"


def self_signed(folder: Path) -> None:
    """Make `tls.crt` for localhost and its key `tls.key` in a folder; every user can read them."""
    run(*COMMAND.split(), "-addext", NAMES, folder=folder)
    for name in ("tls.crt", "tls.key"):
        (folder / name).chmod(0o644)
