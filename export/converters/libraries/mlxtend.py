"""mlxtend's votes and stacks of estimators, and its choices of columns."""

from typing import Any

import numpy as np
import pandas as pd
from onnx import TensorProto

from alpenglow._export.arithmetic.borders import ANSWER, MARGIN, PARTS, Borders
from alpenglow._export.arithmetic.classes import at, labelled, labels
from alpenglow._export.converters.ensemble.voting import mean, most_votes
from alpenglow._export.graph.columns import as_kind, kind_of, select, width
from alpenglow._export.graph.nodes import Inputs, Nodes, Outputs, Predictor, Transformer
from alpenglow._export.graph.responses import response
from alpenglow._export.graph.text import is_string
from alpenglow._export.pipeline.selectors import selected
from alpenglow._export.pipeline.tasks import answers_to

LIBRARY = "mlxtend"
PACKAGE = "mlxtend"
TESTED = ("0.23", "0.25")
CHOOSING = ("ColumnSelector", "ExhaustiveFeatureSelector", "SequentialFeatureSelector")


def convert_vote(nodes: Nodes, model: Any, inputs: Inputs) -> Outputs:
    """Hard: the class with the most votes. Soft: the mean of the probabilities, which it tells in both cases."""
    outputs: Outputs = {}
    if answers_to(model, "predict_proba"):
        outputs = labelled(nodes, model, mean(nodes, model.clfs_, model.weights, inputs, "probabilities"))
    if model.voting == "soft":
        return outputs
    if model.weights and min(model.weights) < 0:
        raise NotImplementedError("it gives a vote a negative weight")
    # What it has fitted itself, it has fitted on numbers of classes.
    numbers = np.arange(len(model.classes_))
    known = numbers if model.fit_base_estimators else labels(model.classes_)
    most = most_votes(nodes, model.clfs_, model.weights, inputs, known)
    return outputs | {"label": at(nodes, model.classes_, most)}


def convert_classifier(nodes: Nodes, model: Any, inputs: Inputs) -> Outputs:
    """A classifier, on the answers of others."""
    if isinstance(model.classes_, list):
        raise NotImplementedError("it predicts several labels at once")
    return nodes.outputs(model.meta_clf_, beside(nodes, model, inputs, answers(nodes, model, inputs)))


def answers(nodes: Nodes, model: Any, inputs: Inputs) -> Inputs:
    """The labels or probabilities of all classifiers, or the mean of these."""
    if not model.use_probas:
        if np.asarray(model.classes_).dtype.kind in "OUST":
            raise NotImplementedError("it hands labels that are text on to what decides: fit it with use_probas=True")
        found = [response(nodes, one, inputs, "predict") for one in model.clfs_]
        return [nodes.table(nodes.column(nodes.cast(x, TensorProto.DOUBLE)), 1)[0] for x in found]
    count = len(model.classes_)
    kept = list(range(count))[{"first": slice(1, None), "last": slice(-1)}.get(model.drop_proba_col, slice(None))]
    if getattr(model, "average_probas", False):
        probabilities = [mean(nodes, model.clfs_, None, inputs, "probabilities")]
    else:
        probabilities = [response(nodes, one, inputs, "predict_proba") for one in model.clfs_]
    return [nodes.table(nodes.pick(x, kept), len(kept))[0] for x in probabilities]


def convert_regressor(nodes: Nodes, model: Any, inputs: Inputs) -> Outputs:
    """A regressor, on the predictions of others."""
    own = width(inputs) if model.use_features_in_secondary else 0
    each = (model.meta_regr_.n_features_in_ - own) // len(model.regr_)
    found = [nodes.table(response(nodes, one, inputs, "predict"), each)[0] for one in model.regr_]
    return nodes.outputs(model.meta_regr_, beside(nodes, model, inputs, found))


def beside(nodes: Nodes, model: Any, inputs: Inputs, found: Inputs) -> Inputs:
    """Answers, behind the inputs themselves if it hands these on, too."""
    if not model.use_features_in_secondary:
        return nodes.table(nodes.matrix(found), width(found))
    if any(is_string(variable) for variable in inputs):
        raise NotImplementedError("it hands text on to what decides: fit it with use_features_in_secondary=False")
    together = [*inputs, *found]
    return nodes.table(nodes.matrix(together), width(together), kind_of(inputs))


def choose(nodes: Nodes, model: Any, inputs: Inputs) -> Inputs:
    """Some of the columns."""
    places = getattr(model, "k_feature_idx_", getattr(model, "best_idx_", None))
    if places is None:
        example = nodes.example_of(model, inputs)
        names = list(example.columns) if isinstance(example, pd.DataFrame) else [str(i) for i in range(width(inputs))]
        places = selected(model, names)
    return select(nodes, inputs, places)


def densify(nodes: Nodes, model: Any, inputs: Inputs) -> Inputs:
    """The same columns, no longer sparse."""
    return as_kind(nodes, inputs, sparse=False)


def same(nodes: Nodes, model: Any, inputs: Inputs) -> Inputs:
    """The same columns."""
    return inputs


def kinds(mlxtend: Any, module: str, *names: str) -> list[type]:
    """The classes of one of the library's modules; none while nobody has imported that."""
    found = getattr(mlxtend, module, None)
    return [getattr(found, name) for name in names] if found else []


def predictors(mlxtend: Any) -> dict[type, Predictor]:
    """The converters of what predicts."""
    return {
        **dict.fromkeys(kinds(mlxtend, "classifier", "EnsembleVoteClassifier"), convert_vote),
        **dict.fromkeys(kinds(mlxtend, "classifier", "StackingClassifier", "StackingCVClassifier"), convert_classifier),
        **dict.fromkeys(kinds(mlxtend, "regressor", "StackingRegressor", "StackingCVRegressor"), convert_regressor),
    }


def transformers(mlxtend: Any) -> dict[type, Transformer]:
    """Those of what transforms."""
    return {
        **dict.fromkeys(kinds(mlxtend, "feature_selection", *CHOOSING), choose),
        **dict.fromkeys(kinds(mlxtend, "preprocessing", "DenseTransformer"), densify),
        **dict.fromkeys(kinds(mlxtend, "preprocessing", "CopyTransformer"), same),
    }


def borders(mlxtend: Any) -> dict[type, Borders]:
    """Where they decide."""
    return {
        **dict.fromkeys(transformers(mlxtend), PARTS),
        **dict.fromkeys(kinds(mlxtend, "classifier", "EnsembleVoteClassifier"), ANSWER),
        **dict.fromkeys(kinds(mlxtend, "classifier", "StackingClassifier", "StackingCVClassifier"), MARGIN),
        **dict.fromkeys(kinds(mlxtend, "regressor", "StackingRegressor", "StackingCVRegressor"), PARTS),
    }
