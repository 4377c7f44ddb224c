"""Whether a loaded graph is what its signature says: what `export` writes is, another hand's work may not be."""

from collections.abc import Iterator
from typing import Any

from alpenglow._serve.signature import NUMBERS, TEXTS, TIMES, Signature

KINDS = {"tensor(double)": NUMBERS, "tensor(string)": TEXTS, "tensor(int64)": TIMES}
LABELS = {
    "string": "tensor(string)",
    "integer": "tensor(int64)",
    "number": "tensor(double)",
    "boolean": "tensor(bool)",
}
SCORES = {
    "classification": {"probabilities", "decision"},
    "regression": {"prediction"},
    "clustering": set[str](),
    "outlier-detection": {"decision"},
}


def faults(inputs: list[Any], outputs: list[Any], signature: Signature) -> Iterator[str]:
    """What keeps a graph from being served, each fault in some words.

    Args:
        inputs: ONNX Runtime's, with `name`, `type` and `shape`; once `serve.graph` has joined them.
        outputs: The same.
        signature: That came with the graph.
    """
    yield from input_faults(inputs, signature)
    yield from output_faults(outputs, signature)


def input_faults(inputs: list[Any], signature: Signature) -> Iterator[str]:
    """Those of what goes in."""
    columns = {kind: [c.name for c in signature.columns if c.kind == kind] for kind in KINDS.values()}
    fed = set()
    for node in inputs:
        kind = KINDS.get(node.type)
        free = len(node.shape) == 2 and not isinstance(node.shape[0], int)
        if kind and free and node.name in columns[kind] and node.shape[1] == 1:
            fed.add(node.name)
        elif kind and free and isinstance(node.shape[1], int) and node.shape[1] == len(columns[kind]) > 1:
            fed.update(columns[kind])
        else:
            yield f"its input {described(node)} is no column of the signature, float64, string or int64 [N, 1]"
    for column in signature.columns:
        if column.name not in fed:
            yield f"it has no input for the signature's column {column.name!r}"


def output_faults(outputs: list[Any], signature: Signature) -> Iterator[str]:
    """Those of what comes out."""
    answer = "prediction" if signature.task == "regression" else "label"
    known = SCORES[signature.task] | {answer}
    if answer not in {node.name for node in outputs}:
        yield f"it has no output {answer!r}"
    for node in outputs:
        wanted = LABELS[signature.label_type or "integer"] if node.name == "label" else "tensor(double)"
        ranks = (1,) if node.name == "label" else (1, 2)
        if node.name not in known or node.type != wanted or len(node.shape) not in ranks:
            expected = f"{' or '.join(sorted(known))}, float64 or of the labels' type"
            yield f"its output {described(node)} is none of a {signature.task}: {expected}"
        elif node.name == "probabilities" and node.shape[-1] != len(signature.classes or ()):
            yield f"its output {described(node)} has another number of columns than the signature has classes"


def described(node: Any) -> str:
    """An input or output in words."""
    shape = ", ".join("N" if at == 0 and not isinstance(size, int) else str(size) for at, size in enumerate(node.shape))
    return f"{node.name!r} ({node.type} [{shape}])"
