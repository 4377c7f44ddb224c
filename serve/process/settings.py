"""Settings: environment variables, and what follows from the machine where they are unset.

`python -m alpenglow._serve.process.settings` checks them and prints those that Apache needs, for a shell to export.
"""

import os
import re
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from ipaddress import ip_network
from pathlib import Path

from alpenglow._serve.process.cgroup import Limits, limits

MIB = 1 << 20
# Measured in the image (README.md, "Small hosts") and rounded up: what serving takes without a model, what Apache, each
# of its connections (the kernel's part included), each worker and the pages of programs that must be in memory take
# beside the process that loads the model, and what a request's JSON grows to while it is read, encoded and predicted.
LEAST_MEMORY = 42 * MIB
FRONT_MEMORY, CONNECTION_MEMORY = 4 * MIB, 32 << 10
WORKER_MEMORY = 8 * MIB
KERNEL_MEMORY = 4 * MIB  # what the kernel keeps for all of them, and the pages of programs that it had better not drop
MODEL_MEMORY = 24 * MIB  # the Adult forest's, once it is loaded
UNSHARED_MEMORY = 16 * MIB  # what workers share with the master until it loads another model
# What a body that is not small takes while it is predicted: a part of it, whatever the format (tests/serve/
# test_growth.py), then copies of it and of its answer; texts that are not ASCII may have four bytes a character.
PART_MEMORY, GROWTH, WIDE_GROWTH = 5 * MIB, 8, 10
MOST_BODY, LEAST_BODY = 16 * MIB, MIB // 8
MOST_WORKERS = 64
# A worker that works on one request for longer than Gunicorn's 30 seconds is taken for lost: 300 µs for each row.
MOST_ROWS = 100_000
# Of Apache: requests that are answered at once, and connections, most of which wait: a third of the memory beyond
# what a small model and a worker take is for them.
LEAST_THREADS, MOST_THREADS = 16, 128
LEAST_CONNECTIONS, MOST_CONNECTIONS = 128, 4096
CONNECTIONS_BEYOND = 60 * MIB
OWN_DESCRIPTORS = 40  # of Apache: files, pipes, its poll
KEPT, KEPT_FROM = 32, 80 * MIB  # KiB that a connection keeps between two requests, with so much memory


class SettingsError(ValueError):
    """A variable has a value that cannot be used; the message names it and says what it takes."""


@dataclass(frozen=True)
class Settings:
    """How to serve."""

    port: int
    bind: str  # host:port, or unix:path
    workers: int | None  # None: as many as fit beside the model
    threads: int  # of Apache
    model: Path
    max_body: int  # bytes
    max_rows: int  # of one request
    max_answer: int  # bytes
    passing: int  # bytes of all bodies and answers that are not small and on their way
    token: str | None = None  # that predictions want
    verify: bool = True  # whether a model is asked for its witnesses before it is served
    model_name: str | None = None  # in place of the one in its signature
    health_route: str | None = None  # paths beside those that there are
    predict_route: str | None = None
    origins: tuple[str, ...] = ()  # of pages in a browser that may ask

    @property
    def address(self) -> str | None:
        """The URL to call it at; None on a Unix socket."""
        return None if self.bind.startswith("unix:") else f"http://{self.bind}"


def from_environment(environment: Mapping[str, str], limits: Limits) -> Settings:
    """Read the variables that README.md lists, and Vertex AI's where there are none; check METRICS_FROM.

    Raises:
        SettingsError: One of them cannot be used, or there is too little memory whatever they are.
    """
    if limits.memory < LEAST_MEMORY:
        raise SettingsError(
            f"the memory limit of {limits.memory // MIB} MiB is too small: serving takes {LEAST_MEMORY // MIB} MiB "
            "and what the model needs"
        )
    check_addresses(environment.get("METRICS_FROM", ""))
    port = number(environment, "PORT", 1, 65535) or number(environment, "AIP_HTTP_PORT", 1, 65535) or 5000
    bind = environment.get("BIND") or "127.0.0.1"
    max_body = number(environment, "MAX_BODY", 1, 1 << 40) or default_max_body(limits)
    return Settings(
        port=port,
        bind=bind if bind.startswith("unix:") else f"{bind}:{port}",
        workers=number(environment, "WORKERS", 1, MOST_WORKERS),
        threads=default_threads(limits),
        model=Path(environment.get("MODEL") or "artifacts/model.onnx"),
        max_body=max_body,
        max_rows=number(environment, "MAX_ROWS", 1, 1 << 40) or MOST_ROWS,
        max_answer=max(MIB, max_body),
        passing=passing(max_body),
        token=token(environment.get("TOKEN_FILE")),
        verify=switch(environment, "VERIFY"),
        model_name=word(environment, "MODEL_NAME"),
        health_route=route(environment, "HEALTH_ROUTE") or route(environment, "AIP_HEALTH_ROUTE"),
        predict_route=route(environment, "PREDICT_ROUTE") or route(environment, "AIP_PREDICT_ROUTE"),
        origins=origins(environment, "CORS_ORIGINS"),
    )


def number(environment: Mapping[str, str], name: str, least: int, most: int) -> int | None:
    """A variable's whole number; None where it is unset or empty."""
    text = environment.get(name, "")
    if not text:
        return None
    if not (text.isascii() and text.isdigit() and least <= int(text) <= most):
        raise SettingsError(f"{name} is a whole number from {least} to {most}, not {text!r}")
    return int(text)


def switch(environment: Mapping[str, str], name: str) -> bool:
    """A variable that is on or off; on where it is unset or empty."""
    text = environment.get(name) or "on"
    if text not in ("on", "off"):
        raise SettingsError(f"{name} is on or off, not {text!r}")
    return text == "on"


def word(environment: Mapping[str, str], variable: str) -> str | None:
    """A variable's word for a path; None where it is unset or empty."""
    text = environment.get(variable) or None
    if text and not re.fullmatch(r"[\w.-]+", text, re.ASCII):
        raise SettingsError(f"{variable} is letters, digits, '_', '.' and '-', not {text!r}")
    return text


def route(environment: Mapping[str, str], variable: str) -> str | None:
    """A variable's path; None where it is unset or empty."""
    text = environment.get(variable) or None
    if text and not re.fullmatch(r"(/[\w.~:-]+)+", text, re.ASCII):
        raise SettingsError(f"{variable} is a path such as /score, not {text!r}")
    return text


def origins(environment: Mapping[str, str], variable: str) -> tuple[str, ...]:
    """A variable's origins as browsers send them (RFC 6454), with blanks between; `*` alone for all."""
    found = tuple(environment.get(variable, "").split())
    for text in found:
        if not (re.fullmatch(r"https?://[^/\s*]+", text, re.ASCII) or found == ("*",)):
            raise SettingsError(
                f"{variable} is origins such as https://example.com, with blanks between, or *, not {text!r}"
            )
    return found


def token(path: str | None) -> str | None:
    """The token in a file, without the line's end; None where no file is named.

    Raises:
        SettingsError: It cannot be read, or is no token: nothing is ever served without one that was asked for.
    """
    if not path:
        return None
    try:
        found = Path(path).read_text(encoding="ascii").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(f"TOKEN_FILE is a file with a token, and {path} cannot be read: {error}") from error
    if not (found and found.isprintable() and " " not in found):
        raise SettingsError(f"TOKEN_FILE is a file with one token and nothing else, and {path} is not")
    return found


def check_addresses(text: str) -> None:
    """METRICS_FROM, which Apache reads itself, has addresses and networks, with blanks between.

    Raises:
        SettingsError: One of them is neither.
    """
    for part in text.split():
        try:
            ip_network(part, strict=False)
        except ValueError as error:
            raise SettingsError(
                f"METRICS_FROM is addresses and networks with blanks between, such as 10.0.0.0/8 ::1: {error}"
            ) from error


def default_workers(limits: Limits, loaded: int, max_body: int) -> int:
    """One for each processor, as far as the memory goes beside the process that has loaded the model.

    Raises:
        SettingsError: There is no room for one.
    """
    left = limits.memory - loaded - front_memory(limits, max_body)
    if left < WORKER_MEMORY:
        needed = -(-(limits.memory - left + WORKER_MEMORY) // MIB)
        raise SettingsError(
            f"the memory limit of {limits.memory // MIB} MiB is too small: this model takes {needed} MiB to serve"
        )
    return min(limits.cpus, max(1, (left - in_hand(max_body)) // WORKER_MEMORY), MOST_WORKERS)


def front_memory(limits: Limits, max_body: int) -> int:
    """Bytes that Apache takes, with all its connections and with the bodies and answers that it holds."""
    return FRONT_MEMORY + CONNECTION_MEMORY * default_connections(limits) + 2 * front_passing(limits, max_body)


def in_hand(max_body: int) -> int:
    """Bytes that workers need to take the largest body at all."""
    return growth(max_body) + passing(max_body)


def passing(max_body: int) -> int:
    """Bytes of bodies and answers that are on their way to or from workers: one is, while another is predicted."""
    return 2 * max_body


def default_threads(limits: Limits) -> int:
    """Apache's threads: as many requests can be answered at once."""
    threads = max(LEAST_THREADS, min(MOST_THREADS, limits.memory // (3 * MIB)))
    return max(1, min(threads, (limits.descriptors - OWN_DESCRIPTORS) // 5))


def default_connections(limits: Limits) -> int:
    """How many clients Apache takes at once; the kernel keeps others until some have gone."""
    more = (limits.memory - CONNECTIONS_BEYOND) // (3 * CONNECTION_MEMORY)
    # Beside those, as many as twice the threads may be closing, and each thread may have a connection to Gunicorn.
    left = limits.descriptors - OWN_DESCRIPTORS - 3 * default_threads(limits)
    return max(1, min(max(LEAST_CONNECTIONS, min(MOST_CONNECTIONS, more)), left))


def front_passing(limits: Limits, max_body: int) -> int:
    """Bytes of large bodies that Apache holds at once, and as much again of large answers."""
    return max(max_body + (64 << 10), min(8 * max_body, limits.memory // 128))


def default_max_body(limits: Limits) -> int:
    """As much as can be taken without running out of memory, and another of the kind on its way."""
    spare = limits.memory - LEAST_MEMORY - MODEL_MEMORY - limits.cpus * WORKER_MEMORY - PART_MEMORY
    return max(LEAST_BODY, min(MOST_BODY, limits.memory // 64, spare // WIDE_GROWTH))


def growth(body: int, wide: bool = True) -> int:
    """Bytes that a body of so many bytes takes, itself and its answer with it; `wide`: it may be other than ASCII."""
    return PART_MEMORY + (WIDE_GROWTH if wide else GROWTH) * body


def copy_certificate() -> None:
    """Where Apache reads it. Without TLS nobody needs Python's `ssl`.

    Raises:
        CertificateError: It cannot be used.
    """
    from alpenglow._serve.process import certificate

    pair = certificate.found(os.environ)
    if pair:
        certificate.put(pair, os.environ)


def for_apache(settings: Settings, limits: Limits) -> dict[str, int]:
    """The variables of apache/httpd.conf that follow from the settings."""
    return {
        "PORT": settings.port,
        "THREADS": settings.threads,
        "PER_THREAD": default_connections(limits) // settings.threads - 1,  # Apache adds one for each
        "KEPT": KEPT if limits.memory >= KEPT_FROM else 1,
        "MAX_BODY": settings.max_body,
        "PASSING": front_passing(limits, settings.max_body),
    }


def main() -> None:
    """Print `NAME=VALUE ...`.

    Raises:
        SystemExit: A setting cannot be used; the message is one line.
    """
    try:
        there = limits()
        settings = from_environment(os.environ, there)
        if os.environ.get("TLS_COPIES"):
            copy_certificate()
    except ValueError as error:
        sys.exit(f"serve: {error}")
    print(*(f"{name}={value}" for name, value in for_apache(settings, there).items()))


if __name__ == "__main__":
    main()
