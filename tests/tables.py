"""Tables that are not Adult, from the data sets that scikit-learn ships."""

import numpy as np
import pandas as pd
from sklearn.datasets import load_breast_cancer, load_diabetes, load_wine


def diabetes() -> pd.DataFrame:
    """A regression: 442 patients, ten numbers; the target is a whole number, most of them distinct."""
    table: pd.DataFrame = load_diabetes(as_frame=True, scaled=False).frame
    return table


def wine() -> pd.DataFrame:
    """Integer labels 0, 1, 2; a tenth of the values missing, a text column with gaps, a boolean column."""
    table: pd.DataFrame = load_wine(as_frame=True).frame
    random = np.random.default_rng(0)
    features = table.drop(columns="target")
    table = features.mask(random.random(features.shape) < 0.1).assign(target=table["target"])
    colour = np.where(features["hue"] > 1, "red", "brown").astype(object)
    colour[random.random(len(table)) < 0.1] = None
    return table.assign(colour=colour, strong=features["alcohol"] > 13)


def cancer() -> pd.DataFrame:
    """Boolean labels: whether a tumour is benign."""
    table: pd.DataFrame = load_breast_cancer(as_frame=True).frame
    return table.assign(target=table["target"] == 1)
