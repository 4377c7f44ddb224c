"""What to post, in a form that can be pasted."""

import shlex
from collections.abc import Sequence

import msgspec

from alpenglow._serve.process.settings import Settings
from alpenglow._serve.signature import Column, Parity, Signature
from alpenglow._serve.verification import Verification


def example(columns: Sequence[Column]) -> bytes:
    """A request of one row, made of each column's example."""
    values = [as_integer(column.example) for column in columns]
    return msgspec.json.encode({"columns": [column.name for column in columns], "data": [values]})


def post(path: str, body: bytes, token: str | None = None) -> bytes:
    """A request with a body of JSON, as it goes over the wire."""
    headers = {"Host": "localhost", "Content-Type": "application/json", "Content-Length": str(len(body))}
    if token:
        headers["Authorization"] = f"Bearer {token}"
    lines = [f"POST {path} HTTP/1.1", *(f"{name}: {value}" for name, value in headers.items()), "", ""]
    return "\r\n".join(lines).encode() + body


def as_integer(value: float | str | bool) -> float | str | bool:
    """A whole number without its `.0`, as people write it."""
    return int(value) if isinstance(value, float) and value.is_integer() and abs(value) < 2**53 else value


def curl(address: str, columns: Sequence[Column]) -> str:
    """A command for the shell that gets a prediction."""
    url, payload = shlex.quote(f"{address}/predict"), shlex.quote(example(columns).decode())
    return f"curl {url} -H 'Content-Type: application/json' -d {payload}"


def instructions(signature: Signature) -> str:
    """What `GET /predict` answers."""
    columns = "\n".join(
        f"  {column.name}: {column.type}{'' if column.nullable else ', required'}" for column in signature.columns
    )
    return (
        f"{signature.name} {signature.version}, a {signature.task}. POST rows to this address as JSON, "
        'in the form that pandas writes with to_json(orient="split"):\n\n'
        f"{example(signature.columns).decode()}\n\n"
        f'The answer is {{"predictions": [...]}}, one for each row{labels(signature)}. '
        f"The columns, in any order:\n\n{columns}\n"
        f"{faithfulness(signature.parity)}"
    )


def labels(signature: Signature) -> str:
    """What each of several labels at once is of."""
    if not signature.targets:
        return ""
    return f", each a list of labels: {', '.join(target.name for target in signature.targets)}"


def faithfulness(parity: Parity | None) -> str:
    """How the model's answers compare with those of what it was made of."""
    if parity is None:
        return "\nNot proved: nobody has compared its answers with those of the model that it was made of.\n"
    what = []
    if parity.reference is None or parity.largest_difference is None:
        labels = f"{parity.different_labels:,} labels" if parity.different_labels else "no label"
        allowed = f" ({parity.allowed_label_differences:,} allowed)" if parity.allowed_label_differences else ""
        what.append(f"{labels} differed{allowed}")
    if parity.largest_difference is not None:
        what.append(f"numbers by up to {parity.largest_difference:.2g} ({parity.tolerance:g} allowed)")
    made = "exported" if parity.reference is None else "adopted"
    proved = f" Proved equal, whatever reaches them: {'; '.join(parity.proved)}." if parity.proved else ""
    return (
        f"\nCompared with {parity.reference or 'scikit-learn'} on {parity.rows:,} rows when it was {made}: "
        f"{', '.join(what)}.{proved}\n"
    )


def announcement(settings: Settings, workers: int, signature: Signature, verification: Verification) -> str:
    """What the terminal shows once the server listens."""
    team = f"{workers} worker{'s' if workers > 1 else ''}"
    unproved = "" if signature.parity else ", not proved"
    part = verification.checked < verification.witnesses
    some = f", {verification.checked} of {verification.witnesses} witnesses checked" if part else ""
    what = f"{signature.name} {signature.version} ({signature.task}{unproved}{some}) from {settings.model}"
    if settings.address is None:
        return f"Serving {what} on {settings.bind} with {team}."
    return (
        f"\nServing {what} at {settings.address} with {team}.\n\n"
        f"Try it:   {curl(settings.address, signature.columns)}\n"
        "Stop it:  Ctrl-C\n"
    )
