"""mlxtend's votes, stacks and choices of columns."""

from collections.abc import Iterator
from typing import Any

from mlxtend.classifier import EnsembleVoteClassifier, StackingClassifier, StackingCVClassifier
from mlxtend.feature_selection import ColumnSelector, ExhaustiveFeatureSelector, SequentialFeatureSelector
from mlxtend.preprocessing import DenseTransformer
from mlxtend.regressor import StackingCVRegressor, StackingRegressor
from sklearn.base import clone
from sklearn.ensemble import RandomForestClassifier, RandomForestRegressor
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import KBinsDiscretizer, StandardScaler
from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor

from docs.survey import tables

FOREST = RandomForestClassifier(10, random_state=0)
TREE = DecisionTreeClassifier(max_depth=3, random_state=0)
SHALLOW = DecisionTreeClassifier(max_depth=2, random_state=0)
REGRESSORS = [RandomForestRegressor(10, random_state=0), DecisionTreeRegressor(max_depth=3)]


def cases() -> Iterator[tuple[str, str, Any, Any, Any]]:
    """Classifiers on three and on two classes, regressors on diabetes."""
    features, target = tables.numbers_two()
    for name, model in classifiers():
        yield name, "wine", clone(model), *tables.numbers_many()
        yield name, "cancer", clone(model), features, (target == "benign").astype(int)
    for name, model in regressors():
        yield name, "diabetes", clone(model), *tables.numbers_regression()


def classifiers() -> Iterator[tuple[str, Any]]:
    """What votes, what stacks, and what chooses columns in front of a forest."""
    pair = [FOREST, TREE]
    yield "EnsembleVoteClassifier, hard", EnsembleVoteClassifier(pair)
    yield "EnsembleVoteClassifier, hard, weighted", EnsembleVoteClassifier([*pair, SHALLOW], weights=[0.3, 0.3, 0.6])
    yield "EnsembleVoteClassifier, soft", EnsembleVoteClassifier(pair, voting="soft")
    yield "EnsembleVoteClassifier, soft, weighted", EnsembleVoteClassifier(pair, voting="soft", weights=[1, 2])
    for kind in (StackingClassifier, StackingCVClassifier):
        yield kind.__name__, kind(pair, LogisticRegression())
        yield f"{kind.__name__} of probabilities", kind(pair, FOREST, use_probas=True, drop_proba_col="last")
        yield f"{kind.__name__} beside the columns", kind(pair, FOREST, use_features_in_secondary=True)
    averaged = StackingClassifier(pair, FOREST, use_probas=True, average_probas=True)
    yield "StackingClassifier of the mean probabilities", averaged
    yield "ColumnSelector", make_pipeline(StandardScaler(), ColumnSelector((4, 0, 2)), FOREST)
    yield "SequentialFeatureSelector", make_pipeline(SequentialFeatureSelector(TREE, k_features=3, cv=2), FOREST)
    exhaustive = ExhaustiveFeatureSelector(TREE, max_features=2, cv=2, print_progress=False)
    yield "ExhaustiveFeatureSelector", make_pipeline(ColumnSelector((0, 1, 2)), exhaustive, FOREST)
    bins = KBinsDiscretizer(4, quantile_method="averaged_inverted_cdf")
    yield "DenseTransformer", make_pipeline(bins, DenseTransformer(), FOREST)


def regressors() -> Iterator[tuple[str, Any]]:
    """What stacks."""
    for kind in (StackingRegressor, StackingCVRegressor):
        yield kind.__name__, kind(REGRESSORS, Ridge())
        yield f"{kind.__name__} beside the columns", kind(REGRESSORS, REGRESSORS[0], use_features_in_secondary=True)
