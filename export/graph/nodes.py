"""What a converter works with: add a node, add a constant, ask another estimator."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from onnx import TensorProto, numpy_helper
from skl2onnx._parse import _parse_sklearn
from skl2onnx._supported_operators import sklearn_operator_name_map
from skl2onnx.common._registration import get_converter
from skl2onnx.common.data_types import DoubleTensorType, TensorType

from alpenglow._export.graph.times import is_time
from alpenglow._export.pipeline.handed import ROWS
from alpenglow._export.pipeline.subclasses import found_for
from alpenglow._export.pipeline.tasks import outputs_of

# skl2onnx 1.20 knows ai.onnx.ml up to version 3. Operators of version 5 pass through it under this domain, and
# `contract.to_contract` gives them their own.
ML5 = "ai.onnx.ml.5"

# The names of tensors, by what they hold. Of a classifier: `label` [N] and `probabilities` [N, C] or `decision` [N, 1]
# (two classes) or [N, C], or both; of a regressor: `prediction` [N, T]; of a clusterer: `label`; of an outlier
# detector: `label` and `decision` [N, 1].
Outputs = dict[str, str]
Inputs = Sequence[Any]  # skl2onnx's variables, `[N, 1]` or `[N, K]` each


@dataclass(frozen=True)
class Nodes:
    """Adds to the graph that skl2onnx is building.

    Attributes:
        scope: What skl2onnx hands to a converter; it makes names.
        container: The same; it takes nodes.
        predictors: Our own converters of what predicts, by the estimator's class.
        transformers: Those of what transforms.
        examples: Rows as scikit-learn hands them to steps that run Python of the user's own, by the step's `id`.
        times: The classes of what takes moments and durations.
    """

    scope: Any
    container: Any
    predictors: Mapping[type, "Predictor"]
    transformers: Mapping[type, "Transformer"]
    examples: Mapping[int, Any] = field(default_factory=dict)
    times: Mapping[type, bool] = field(default_factory=dict)

    def add(self, op: str, inputs: list[str], output: str | None = None, **attributes: Any) -> str:
        """Add a node with one output; return the output's name."""
        output = output or self.scope.get_unique_variable_name(op)
        self.container.add_node(op, inputs, output, name=self.scope.get_unique_operator_name(op), **attributes)
        return output

    def constant(self, value: Any) -> str:
        """Add a tensor of numbers, booleans or strings (dtype object); return its name."""
        array = np.asarray(value)
        name: str = self.scope.get_unique_variable_name("constant")
        if array.dtype == object:
            self.container.initializers.append(strings(array, name))
        else:
            self.container.add_initializer(name, None, None, numpy_helper.from_array(array))
        return name

    def cast(self, x: str, to: int) -> str:
        """Cast to a type of `TensorProto`."""
        return self.add("Cast", [x], to=to)

    def pick(self, x: str, columns: Any) -> str:
        """Columns `[N, K]` of `[N, F]`."""
        return self.add("Gather", [x, self.constant(np.asarray(columns, np.int64))], axis=1)

    def flat(self, x: str) -> str:
        """`[N, 1]` as `[N]`."""
        return self.add("Reshape", [x, self.constant(np.array([-1]))])

    def column(self, x: str) -> str:
        """`[N]` as `[N, 1]`."""
        return self.add("Reshape", [x, self.constant(np.array([-1, 1]))])

    def stack(self, tensors: list[str]) -> str:
        """Tensors `[N, K]` as one `[T, N, K]`."""
        return self.add("Concat", [self.add("Unsqueeze", [x, self.constant(np.array([0]))]) for x in tensors], axis=0)

    def ordered_sum(self, x: str) -> str:
        """The sum `[N, K]` over the first axis of `[T, N, K]`, added one after the other as a loop in Python does.

        ONNX Runtime keeps this order when it reduces the outermost axis.
        """
        return self.add("ReduceSum", [x, self.constant(np.array([0]))], keepdims=0)

    def matrix(self, inputs: Inputs) -> str:
        """All inputs as one tensor, float64 `[N, F]`."""
        names = [
            v.full_name if isinstance(v.type, DoubleTensorType) else self.cast(v.full_name, TensorProto.DOUBLE)
            for v in inputs
        ]
        return names[0] if len(names) == 1 else self.add("Concat", names, axis=1)

    def single_columns(self, inputs: Inputs) -> Inputs:
        """The inputs as variables `[N, 1]`, one for each column."""
        found: list[Any] = []
        for variable in inputs:
            width = variable.type.shape[1]
            if width == 1:
                found.append(variable)
            else:
                kind = type(variable.type)
                found += [self.table(self.pick(variable.full_name, [place]), 1, kind)[0] for place in range(width)]
        return found

    def table(self, x: str, width: int, kind: type[TensorType] = DoubleTensorType) -> Inputs:
        """A tensor `[N, width]`, float64 unless `kind` says otherwise, as the input of another estimator."""
        variable = self.scope.declare_local_variable("x", kind([None, width]))
        variable.init_status(is_fed=True)
        self.add("Identity", [x], variable.full_name)
        return [variable]

    def outputs(self, estimator: Any, inputs: Inputs) -> Outputs:
        """The outputs of another estimator, as part of the same graph."""
        self.check_times(estimator, inputs)
        own = found_for(self.predictors, type(estimator))
        if own:
            return own(self, estimator, inputs)
        table = self.table(self.matrix(inputs), sum(variable.type.shape[1] for variable in inputs))
        self.without_maps(estimator)
        found = [variable.full_name for variable in _parse_sklearn(self.scope, estimator, list(table))]
        return dict(zip(outputs_of(estimator), found, strict=False))

    def features(self, model: Any, inputs: Inputs) -> Inputs:
        """What a transformer, or a whole Pipeline of them, makes of the inputs."""
        if model is None or model == "passthrough":
            return inputs
        if model == "drop":
            return []
        self.check_times(model, inputs)
        own = found_for(self.transformers, type(model)) or self.transformers[object]
        return own(self, model, inputs)

    def check_times(self, model: Any, inputs: Inputs) -> None:
        """What gets moments or durations can do with them.

        Raises:
            NotImplementedError: It takes them for something else.
        """
        watched = found_for(self.transformers, type(model)) is None and not type(model).__module__.startswith(
            "sklearn."
        )
        if any(map(is_time, inputs)) and not watched and not found_for(self.times, type(model)):
            raise NotImplementedError(
                "it gets dates or durations: make numbers of them in a step before, a FunctionTransformer for example, "
                "such as the year, the day of the week or the days since a date"
            )

    def example_of(self, model: Any, inputs: Inputs) -> Any:
        """Some rows as a step gets them; an array of numbers for one that scikit-learn was not seen to ask."""
        if id(model) in self.examples:
            return self.examples[id(model)]
        if any(not isinstance(variable.type, DoubleTensorType) for variable in inputs):
            raise NotImplementedError("it gets text, and scikit-learn does not ask it when it predicts")
        return np.ones((ROWS, sum(variable.type.shape[1] for variable in inputs)))

    def is_foreign(self, model: Any) -> bool:
        """Whether somebody gave skl2onnx a converter for it."""
        return type(model) in sklearn_operator_name_map

    def foreign_features(self, model: Any, inputs: Inputs, width: int) -> Inputs:
        """What skl2onnx makes of a transformer, as so many columns of numbers."""
        table = self.table(self.matrix(inputs), sum(variable.type.shape[1] for variable in inputs))
        found = [variable.full_name for variable in _parse_sklearn(self.scope, model, list(table))]
        return self.table(self.cast(found[0], TensorProto.DOUBLE), width)

    def without_maps(self, estimator: Any) -> None:
        """Have skl2onnx give probabilities as one tensor, not as a sequence of maps."""
        if "zipmap" in allowed_options(estimator):
            for known in (self.scope, self.container):
                known.add_options(id(estimator), {"zipmap": False})


def strings(values: Any, name: str | None = None) -> TensorProto:
    """A tensor of strings. What comes with onnx cuts off the NUL that a string ends with."""
    array = np.asarray(values, dtype=object)
    content = [text.encode() for text in array.ravel().tolist()]
    return TensorProto(name=name, data_type=TensorProto.STRING, dims=array.shape, string_data=content)


def allowed_options(estimator: Any) -> Collection[str]:
    """The options of skl2onnx's converter for an estimator."""
    alias = sklearn_operator_name_map.get(type(estimator))
    return (get_converter(alias).get_allowed_options() or ()) if alias else ()


Predictor = Callable[[Nodes, Any, Inputs], Outputs]
Transformer = Callable[[Nodes, Any, Inputs], Inputs]
