"""Settings: environment variables, and what follows from the machine where they are unset."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from serve.cgroup import Limits

MIB = 1 << 20
# Measured on the Adult forest, rounded up: what the master and its model take, what each worker adds to that, and
# what a request's JSON grows to while it is read, encoded and predicted.
BASE_MEMORY = 96 * MIB
WORKER_MEMORY = 16 * MIB
GROWTH = 12
MOST_BODY, LEAST_BODY = 16 * MIB, MIB
MOST_WORKERS = 64


class SettingsError(ValueError):
    """A variable has a value that cannot be used; the message names it and says what it takes."""


@dataclass(frozen=True)
class Settings:
    """How to serve."""

    bind: str  # host:port, or unix:path
    workers: int
    model: Path
    max_body: int  # bytes

    @property
    def address(self) -> str | None:
        """The URL to call it at; None on a Unix socket."""
        return None if self.bind.startswith("unix:") else f"http://{self.bind}"


def from_environment(environment: Mapping[str, str], limits: Limits) -> Settings:
    """Read PORT, BIND, WORKERS, MODEL and MAX_BODY.

    Raises:
        SettingsError: One of them cannot be used.
    """
    workers = number(environment, "WORKERS", 1, MOST_WORKERS) or default_workers(limits)
    port = number(environment, "PORT", 1, 65535) or 5000
    bind = environment.get("BIND") or "127.0.0.1"
    return Settings(
        bind=bind if bind.startswith("unix:") else f"{bind}:{port}",
        workers=workers,
        model=Path(environment.get("MODEL") or "artifacts/model.onnx"),
        max_body=number(environment, "MAX_BODY", 1, 1 << 40) or default_max_body(limits, workers),
    )


def number(environment: Mapping[str, str], name: str, least: int, most: int) -> int | None:
    """A variable's whole number; None where it is unset or empty."""
    text = environment.get(name, "")
    if not text:
        return None
    if not (text.isascii() and text.isdigit() and least <= int(text) <= most):
        raise SettingsError(f"{name} is a whole number from {least} to {most}, not {text!r}")
    return int(text)


def default_workers(limits: Limits) -> int:
    """One for each processor, as far as the memory goes."""
    return max(1, min(limits.cpus, (limits.memory - BASE_MEMORY) // WORKER_MEMORY, MOST_WORKERS))


def default_max_body(limits: Limits, workers: int) -> int:
    """As much as all workers can take at once without running out of memory."""
    spare = limits.memory - BASE_MEMORY - workers * WORKER_MEMORY
    return max(LEAST_BODY, min(MOST_BODY, spare // (workers * GROWTH)))
