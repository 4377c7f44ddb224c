"""Asks a model for its witnesses on the machine that serves it.

What export's machine cannot prove is what another version or build of ONNX Runtime, or another processor, answers.
"""

import platform
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import cycle
from pathlib import Path
from typing import Any, Literal

import msgspec
import numpy as np
import onnxruntime
from numpy.typing import NDArray

from alpenglow._serve.model import Model, ModelError
from alpenglow._serve.witnesses import KEY, Witnesses, decode

BUDGET = 1.0  # seconds that a start or a reload gives them
CALLS = (1, 7, 24)  # rows that are asked at once, in turns: ONNX Runtime computes one row otherwise than several
ROUNDING = 1e-5  # that of `Parity.tolerance`, where there is no proof


class Verification(msgspec.Struct, frozen=True, omit_defaults=True):
    """What became of the witnesses, and where; `GET /model` shows it."""

    result: Literal["passed", "passed in part", "off", "no witnesses"]
    checked: int = 0
    witnesses: int = 0
    time: str | None = None  # of its end, in UTC
    seconds: float | None = None
    onnxruntime: str | None = None
    machine: str | None = None  # such as x86_64
    processor: str | None = None

    def __str__(self) -> str:
        if self.result == "no witnesses":
            return "It carries no witnesses: whether it answers here as it was proved is not known"
        if self.result == "off":
            return "It is not verified"
        some = f"all {self.witnesses}" if self.checked == self.witnesses else f"{self.checked} of {self.witnesses}"
        return f"{here()} gives {some} witnesses the answers that were proved"


UNVERIFIED = Verification("off")


def carried(model: Model, path: Path) -> Witnesses | None:
    """A model's witnesses; None where it has none.

    Raises:
        ModelError: They are none of this model, or not to be read.
    """
    text = model.session.get_modelmeta().custom_metadata_map.get(KEY)
    if text is None:
        return None
    try:
        found = decode(text)
    except ValueError as error:
        raise ModelError(f"{path} has witnesses that this version does not read: {error}") from error
    kinds = [column.kind for column in model.signature.columns]
    widths = {kind: values.shape[1] for kind, values in found.values.items()}
    if widths != {kind: kinds.count(kind) for kind in kinds} or not found.answers.keys() <= model.outputs.keys():
        raise ModelError(f"{path} has witnesses with other columns or outputs than its graph")
    return found


def verify(model: Model, path: Path, within: float = float("inf")) -> Verification:
    """Ask a model for its witnesses, as many as the time allows.

    Args:
        model: Loaded.
        path: Of its file, for what is said.
        within: Seconds; a call that has begun by then is waited for.

    Raises:
        ModelError: An answer is another one than was proved, or there is none.
    """
    witnesses = carried(model, path)
    if witnesses is None:
        return Verification("no witnesses")
    start, checked = time.monotonic(), 0
    for part in calls(len(witnesses.kinds)):
        fault = next(faults(model, witnesses, part), None)
        if fault:
            raise ModelError(f"{path} answers otherwise here ({here()}) than was proved: {fault}")
        checked = part.stop
        if time.monotonic() - start > within:
            break
    return Verification(
        "passed" if checked == len(witnesses.kinds) else "passed in part",
        checked,
        len(witnesses.kinds),
        datetime.now(UTC).isoformat(timespec="seconds").replace("+00:00", "Z"),
        round(time.monotonic() - start, 4),
        onnxruntime.__version__,
        platform.machine(),
        processor(),
    )


def calls(rows: int) -> Iterator[slice]:
    """The rows in parts."""
    at = 0
    for count in cycle(CALLS):
        if at >= rows:
            return
        yield slice(at, min(at + count, rows))
        at += count


def faults(model: Model, witnesses: Witnesses, part: slice) -> Iterator[str]:
    """What some of the rows are answered otherwise, each in some words."""
    rows = len(witnesses.kinds[part])
    names = list(witnesses.answers)
    try:
        given = model.predict({kind: values[part] for kind, values in witnesses.values.items()}, names)
    except Exception as error:  # ONNX Runtime's exceptions share no base class below Exception
        yield f"witness {part.start} is not predicted: {' '.join(str(error).split())}"
        return
    tolerance = model.signature.parity.tolerance if model.signature.parity else ROUNDING
    for name, found in zip(names, given, strict=True):
        expected = witnesses.answers[name][part]
        if found.shape != expected.shape:
            yield f"witness {part.start}: expected {name} in the shape {list(expected.shape)}, got {list(found.shape)}"
            return
        far = differences(name, expected, found, witnesses.scale).reshape(rows, -1)
        for row in np.flatnonzero((far > tolerance).any(axis=1)):
            worst = int(far[row].argmax())
            place = f"{name}[{worst}]" if far.shape[1] > 1 else name
            wanted, got = (values.reshape(rows, -1)[row].tolist()[worst] for values in (expected, found))
            at = part.start + int(row)
            yield f"witness {at} ({witnesses.kinds[at]}): expected {place} {wanted!r}, got {got!r}"


def differences(name: str, expected: NDArray[Any], given: NDArray[Any], scale: float) -> NDArray[np.float64]:
    """How far answers are from those expected, of the same shape; a label that differs is infinitely far."""
    if name == "label":
        return np.where(expected == given, 0.0, np.inf)
    return relative(expected, given, scale)


def relative(expected: NDArray[Any], given: NDArray[Any], scale: float) -> NDArray[np.float64]:
    """How far numbers are from those expected, of the same shape: relative to their size, or to `scale` if larger."""
    size = np.maximum(np.abs(expected), scale)
    with np.errstate(invalid="ignore"):
        far = np.where(expected == given, 0.0, np.abs(expected - given) / size)
    return np.where(np.isnan(expected) & np.isnan(given), 0.0, np.where(np.isnan(far), np.inf, far))


def here() -> str:
    """What answers."""
    return f"ONNX Runtime {onnxruntime.__version__} on {processor() or platform.machine()}"


def processor() -> str | None:
    """The processor's name as the kernel has it (proc(5)); None where it has none, as on aarch64."""
    try:
        with Path("/proc/cpuinfo").open(encoding="utf-8", errors="replace") as lines:
            return next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), None)
    except OSError:
        return None
