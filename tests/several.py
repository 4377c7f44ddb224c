"""Models of several labels at once, of each form that their answers have."""

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.multiclass import OneVsRestClassifier
from sklearn.multioutput import ClassifierChain, MultiOutputClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import LinearSVC

import alpenglow
from tests.tables import wine

FEATURES = wine()[["alcohol", "hue", "proline", "magnesium"]].fillna(13.0)
KIND = wine()["target"].to_numpy()
NAMED = pd.DataFrame(
    {
        "kind, it's": np.array(["", " red", '<b>"ü"'])[KIND],
        "2": np.where(FEATURES["hue"] > 1, "light", "dark"),
    }
)
INDICATORS = pd.DataFrame({"first": KIND == 0, "light": FEATURES["hue"] > 1, "strong": FEATURES["alcohol"] > 13})
LINEAR = make_pipeline(StandardScaler(), LogisticRegression())
# By name what is fitted on what: probabilities by target, or in a matrix; numbers in place of integers; labels alone.
MODELS: dict[str, tuple[Any, pd.DataFrame]] = {
    "texts": (RandomForestClassifier(5, random_state=0), NAMED),
    "booleans": (RandomForestClassifier(5, random_state=0), INDICATORS),
    "matrix": (OneVsRestClassifier(LINEAR), INDICATORS.astype(int)),
    "chain": (ClassifierChain(LINEAR, order=[2, 0, 1]), INDICATORS.astype(int)),
    "alone": (MultiOutputClassifier(make_pipeline(StandardScaler(), LinearSVC())), NAMED),
}


def exported(name: str, path: Path) -> Any:
    """The fitted estimator, once it is exported."""
    estimator, labels = MODELS[name]
    estimator.fit(FEATURES, labels)
    alpenglow.export(estimator, FEATURES, path, name=name, training={"target": list(labels)})
    return estimator


def flat(shares: Any) -> list[list[float]]:
    """Probabilities as `/predict` has them: of each row those of all targets side by side."""
    found: list[list[float]] = (np.hstack(shares) if isinstance(shares, list) else np.asarray(shares)).tolist()
    return found
