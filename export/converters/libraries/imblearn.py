"""imbalanced-learn: what has drawn its rows anew to be fitted, and predicts as scikit-learn's own of that kind."""

from copy import copy
from typing import Any

from sklearn.pipeline import Pipeline

from alpenglow._export.arithmetic.borders import ANSWER, MARGIN, PARTS, Borders
from alpenglow._export.converters import pipeline
from alpenglow._export.converters.ensemble import adaboost, bagging, forests
from alpenglow._export.graph.nodes import Inputs, Nodes, Outputs, Predictor, Transformer
from alpenglow._export.pipeline.steps import behind_sampler, is_sampler

LIBRARY = "imblearn"
PACKAGE = "imbalanced-learn"
TESTED = ("0.11", "0.14")


def convert_pipeline(nodes: Nodes, model: Any, inputs: Inputs) -> Outputs:
    """Steps that transform, and one that predicts."""
    return pipeline.convert_pipeline(nodes, without_samplers(model), inputs)


def transform_pipeline(nodes: Nodes, model: Any, inputs: Inputs) -> Inputs:
    """Steps that transform."""
    return pipeline.transform_pipeline(nodes, without_samplers(model), inputs)


def without_samplers(model: Any) -> Pipeline:
    """The steps that do something to rows that are not to be learnt from."""
    return Pipeline([(name, step) for name, step in model.steps if not is_sampler(step)])


def convert_bagging(nodes: Nodes, model: Any, inputs: Inputs) -> Outputs:
    """Estimators that each stand behind a sampler."""
    bare = copy(model)
    bare.estimators_ = [behind_sampler(estimator) for estimator in model.estimators_]
    return bagging.convert(nodes, bare, inputs)


def predictors(imblearn: Any) -> dict[type, Predictor]:
    """The converters of what predicts."""
    return {
        imblearn.ensemble.BalancedBaggingClassifier: convert_bagging,
        imblearn.ensemble.BalancedRandomForestClassifier: forests.convert,
        imblearn.ensemble.EasyEnsembleClassifier: convert_bagging,
        imblearn.ensemble.RUSBoostClassifier: adaboost.convert_classifier,
        imblearn.pipeline.Pipeline: convert_pipeline,
    }


def transformers(imblearn: Any) -> dict[type, Transformer]:
    """Those of what transforms."""
    return {imblearn.pipeline.Pipeline: transform_pipeline}


def borders(imblearn: Any) -> dict[type, Borders]:
    """Where they decide."""
    return {
        imblearn.ensemble.BalancedBaggingClassifier: ANSWER,
        imblearn.ensemble.BalancedRandomForestClassifier: ANSWER,
        imblearn.ensemble.EasyEnsembleClassifier: MARGIN,
        imblearn.ensemble.RUSBoostClassifier: MARGIN,
        imblearn.pipeline.Pipeline: PARTS,
    }
