"""Witnesses: rows that a model's file carries with the answers that were proved, to be asked where it is served.

`export` keeps them in `model.onnx` under `metadata_props["witnesses"]`; `serve.verification` asks them.
"""

import base64
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from alpenglow._serve.signature import MISSING, NUMBERS, TEXTS, TIMES

KEY = "witnesses"


@dataclass(frozen=True)
class Witnesses:
    """`N` rows, the most telling first."""

    kinds: list[str]  # of each row: what it was made for
    values: Mapping[str, NDArray[Any]]  # as `Model.predict` takes them
    answers: Mapping[str, NDArray[Any]]  # by output, `[N]` or `[N, K]`
    scale: float  # the usual size of a number among the answers; see `serve.verification.relative`


class Answer(msgspec.Struct, frozen=True):
    """What one output is, in the file: numbers as bytes, labels as they are."""

    width: int | None  # None: `[N]`
    values: bytes | list[str | bool | int | float]


class Packed(msgspec.Struct, frozen=True, omit_defaults=True):
    """Witnesses in the file: numbers as the bytes of float64, texts column after column, None for a missing one."""

    kinds: list[str]
    scale: float
    answers: dict[str, Answer]
    numbers: bytes | None = None
    texts: list[list[str | None]] | None = None
    times: bytes | None = None  # of int64


def encode(witnesses: Witnesses) -> str:
    """Witnesses as text; the same ones are the same text."""
    packed = Packed(
        kinds=witnesses.kinds,
        scale=witnesses.scale,
        answers={name: packed_answer(name, values) for name, values in witnesses.answers.items()},
        numbers=packed_numbers(witnesses.values[NUMBERS]) if NUMBERS in witnesses.values else None,
        texts=packed_texts(witnesses.values[TEXTS]) if TEXTS in witnesses.values else None,
        times=packed_numbers(witnesses.values[TIMES], "<i8") if TIMES in witnesses.values else None,
    )
    return base64.b64encode(zlib.compress(msgspec.msgpack.encode(packed), 9)).decode()


def decode(text: str) -> Witnesses:
    """What `encode` made.

    Raises:
        ValueError: It is something else.
    """
    try:
        packed = msgspec.msgpack.decode(zlib.decompress(base64.b64decode(text, validate=True)), type=Packed)
    except zlib.error as error:
        raise ValueError(str(error)) from error
    rows = len(packed.kinds)
    values: dict[str, NDArray[Any]] = {}
    if packed.numbers is not None:
        values[NUMBERS] = numbers(packed.numbers, rows)
    if packed.texts is not None:
        values[TEXTS] = texts(packed.texts, rows)
    if packed.times is not None:
        values[TIMES] = numbers(packed.times, rows, "<i8")
    answers = {name: answer(found, rows) for name, found in packed.answers.items()}
    return Witnesses(packed.kinds, values, answers, packed.scale)


def packed_answer(name: str, values: NDArray[Any]) -> Answer:
    """One output's answers."""
    width = values.shape[1] if values.ndim == 2 else None
    return Answer(width, values.tolist() if name == "label" else packed_numbers(values.reshape(len(values), -1)))


def answer(packed: Answer, rows: int) -> NDArray[Any]:
    """One output's answers, labels of their own type, other numbers in float64."""
    if isinstance(packed.values, bytes):
        found = numbers(packed.values, rows)
        return found[:, 0] if packed.width is None else found
    found = np.array(packed.values, dtype=object if any(isinstance(v, str) for v in packed.values) else None)
    return found.reshape(rows)


def packed_numbers(values: NDArray[Any], kind: str = "<f8") -> bytes:
    """`[N, K]`, column after column, the first byte of all numbers, then the second: like bytes lie together."""
    columns = np.ascontiguousarray(values.T, dtype=kind)
    return columns.view(np.uint8).reshape(-1, 8).T.tobytes()


def numbers(packed: bytes, rows: int, kind: str = "<f8") -> NDArray[Any]:
    """`[N, K]` of the bytes."""
    bits = np.frombuffer(packed, np.uint8).reshape(8, -1).T
    columns = np.ascontiguousarray(bits).view(kind).reshape(-1, rows)
    return np.ascontiguousarray(columns.T, dtype=kind.replace("<", "="))


def packed_texts(values: NDArray[Any]) -> list[list[str | None]]:
    """`[N, S]` as columns, None for a missing value."""
    return [[None if text == MISSING else text for text in column] for column in values.T.tolist()]


def texts(columns: list[list[str | None]], rows: int) -> NDArray[np.object_]:
    """`[N, S]` of the columns."""
    found = [[MISSING if text is None else text for text in column] for column in columns]
    return np.array(found, dtype=object).reshape(-1, rows).T
