"""OneHotEncoder, OrdinalEncoder and TargetEncoder, exact for missing and unknown values.

skl2onnx's own cut numbers to integers (25.5 becomes the category 25) and take the text "nan" for a missing value.
"""

from itertools import chain
from typing import Any

import numpy as np
from numpy.typing import NDArray
from onnx import TensorProto
from sklearn.preprocessing import OneHotEncoder, OrdinalEncoder, TargetEncoder

from alpenglow._export.arithmetic.borders import Borders, by_feature
from alpenglow._export.converters.preprocessing.categories import asked, look_up, look_up_rows
from alpenglow._export.graph.columns import as_kind
from alpenglow._export.graph.nodes import Inputs, Nodes
from alpenglow._export.graph.text import as_text, is_string


def one_hot(nodes: Nodes, model: Any, inputs: Inputs) -> Inputs:
    """Encode all columns of text at once if each column of the output stands for one category, else each apart."""
    variables = nodes.single_columns(inputs)
    columns = output_columns(model)
    together = all(map(is_string, variables)) and all(map(one_to_one, columns, model._n_features_outs))
    joined = at_once(nodes, model, variables, columns) if together else one_by_one(nodes, model, variables, columns)
    width = sum(model._n_features_outs)
    return as_kind(nodes, nodes.table(joined, width), sparse=model.sparse_output)


def one_to_one(columns: NDArray[np.int64], width: int) -> bool:
    """Whether each output column has one category, and what is unknown has none."""
    return np.array_equal(np.sort(columns[columns < width]), np.arange(width)) and columns[-1] == width


def at_once(nodes: Nodes, model: Any, variables: Inputs, columns: list[NDArray[np.int64]]) -> str:
    """Number the texts of all columns, and compare each with what each output column stands for, `[N, width]`."""
    texts = [[as_text(value) for value in categories] for categories in model.categories_]
    numbers = {text: number for number, text in enumerate(dict.fromkeys(chain.from_iterable(texts)))}
    sources, wanted = [], []
    for index, (known, to) in enumerate(zip(texts, columns, strict=True)):
        kept = np.argsort(to[:-1], kind="stable")[: model._n_features_outs[index]]
        sources += [index] * len(kept)
        wanted += [numbers[known[place]] for place in kept]
    names = [variable.full_name for variable in variables]
    found = nodes.add(
        "LabelEncoder",
        [names[0] if len(names) == 1 else nodes.add("Concat", names, axis=1)],
        op_domain="ai.onnx.ml",
        keys_strings=list(numbers),
        values_int64s=list(numbers.values()),
        default_int64=-1,
    )
    same = nodes.add("Equal", [nodes.pick(found, sources), nodes.constant(np.array([wanted]))])
    return nodes.cast(same, TensorProto.DOUBLE)


def one_by_one(nodes: Nodes, model: Any, variables: Inputs, columns: list[NDArray[np.int64]]) -> str:
    """Encode each column apart, `[N, 1]` to `[N, 1, categories]`, and join them.

    In float32, the only type that ONNX Runtime's OneHot writes for integers; zeros and ones lose nothing.
    """
    off_on = nodes.constant(np.array([0.0, 1.0], np.float32))
    encoded = []
    for index, variable in enumerate(variables):
        width = model._n_features_outs[index]
        if width:
            found = look_up(nodes, variable, model.categories_[index], columns[index])
            encoded.append(nodes.add("OneHot", [found, nodes.constant(np.int64(width)), off_on], axis=-1))
    return nodes.cast(flat(nodes, encoded, sum(model._n_features_outs)), TensorProto.DOUBLE)


def output_columns(model: Any) -> list[NDArray[np.int64]]:
    """Which of its output columns each category of each input column sets; one past the last if it sets none."""
    blocks = [block == 1 for block in asked(model, model._n_features_outs, unknown=model.handle_unknown != "error")]
    return [np.where(block.any(axis=1), set_by(block), block.shape[1]).astype(np.int64) for block in blocks]


def set_by(block: NDArray[np.bool_]) -> NDArray[np.int64]:
    """The first column that is set in each row; zero where there are none."""
    return block.argmax(axis=1) if block.shape[1] else np.zeros(len(block), np.int64)


def flat(nodes: Nodes, blocks: list[str], width: int) -> str:
    """Tensors `[N, 1, K]` side by side, as `[N, width]`."""
    joined = blocks[0] if len(blocks) == 1 else nodes.add("Concat", blocks, axis=2)
    return nodes.add("Reshape", [joined, nodes.constant(np.array([-1, width]))])


def ordinal(nodes: Nodes, model: Any, inputs: Inputs) -> Inputs:
    """A number for each category."""
    unknown = model.handle_unknown != "error"
    encoded: list[Any] = []
    codes = asked(model, [1] * len(model.categories_), unknown=unknown)
    for variable, categories, code in zip(nodes.single_columns(inputs), model.categories_, codes, strict=True):
        encoded += nodes.table(look_up(nodes, variable, categories, code[:, 0]), 1)
    return encoded


def target(nodes: Nodes, model: Any, inputs: Inputs) -> Inputs:
    """The mean of the target for each category, or of each class that it may have."""
    width = len(model.classes_) if model.target_type_ == "multiclass" else 1
    encoded: list[Any] = []
    found = asked(model, [width] * len(model.categories_))
    for variable, categories, means in zip(nodes.single_columns(inputs), model.categories_, found, strict=True):
        encoded += look_up_rows(nodes, variable, categories, means)
    return encoded


TRANSFORMERS = {OneHotEncoder: one_hot, OrdinalEncoder: ordinal, TargetEncoder: target}
BORDERS = dict.fromkeys(TRANSFORMERS, Borders(lambda model: by_feature(model.categories_)))
