"""imbalanced-learn's pipeline and ensembles."""

from collections.abc import Iterator
from typing import Any

from imblearn import FunctionSampler
from imblearn.ensemble import (
    BalancedBaggingClassifier,
    BalancedRandomForestClassifier,
    EasyEnsembleClassifier,
    RUSBoostClassifier,
)
from imblearn.over_sampling import SMOTE
from imblearn.pipeline import make_pipeline
from imblearn.under_sampling import RandomUnderSampler
from sklearn.base import clone
from sklearn.calibration import CalibratedClassifierCV
from sklearn.ensemble import RandomForestClassifier, VotingClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV
from sklearn.preprocessing import StandardScaler
from sklearn.tree import DecisionTreeClassifier

from docs.survey import tables

FOREST = RandomForestClassifier(10, random_state=0)


def cases() -> Iterator[tuple[str, str, Any, Any, Any]]:
    """Each on three and on two classes."""
    for name, model in models():
        for data, table in {"wine": tables.numbers_many(), "cancer": tables.numbers_two()}.items():
            yield name, data, clone(model), *table


def models() -> Iterator[tuple[str, Any]]:
    """Pipelines with samplers, alone and inside others, and ensembles."""
    sampled = make_pipeline(StandardScaler(), SMOTE(random_state=0), FOREST)
    yield "Pipeline with SMOTE", sampled
    yield (
        "Pipeline with a sampler in front",
        make_pipeline(RandomUnderSampler(random_state=0), StandardScaler(), FOREST),
    )
    yield "Pipeline with FunctionSampler", make_pipeline(FunctionSampler(), StandardScaler(), FOREST)
    yield "Pipeline in GridSearchCV", GridSearchCV(sampled, {"randomforestclassifier__max_depth": [2, None]}, cv=2)
    yield "Pipeline in CalibratedClassifierCV", CalibratedClassifierCV(sampled, cv=2)
    yield "Pipelines in VotingClassifier", VotingClassifier([("one", sampled), ("other", FOREST)], voting="soft")
    yield "BalancedRandomForestClassifier", BalancedRandomForestClassifier(10, random_state=0)
    yield "BalancedBaggingClassifier", BalancedBaggingClassifier(random_state=0)
    yield (
        "BalancedBaggingClassifier of LogisticRegression",
        BalancedBaggingClassifier(LogisticRegression(), n_estimators=5, max_features=0.5, random_state=0),
    )
    yield "EasyEnsembleClassifier", EasyEnsembleClassifier(3, random_state=0)
    yield (
        "EasyEnsembleClassifier of trees",
        EasyEnsembleClassifier(5, DecisionTreeClassifier(max_depth=3), random_state=0),
    )
    yield "RUSBoostClassifier", RUSBoostClassifier(n_estimators=10, random_state=0)
