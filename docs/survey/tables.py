"""The data that the survey fits on: numbers, and a table of mixed types with gaps."""

from typing import Any

import numpy as np
import pandas as pd
from sklearn.datasets import load_breast_cancer, load_diabetes, load_wine

ROWS = 150


def numbers_many() -> tuple[pd.DataFrame, "pd.Series[int]"]:
    """Wine: 13 numbers of very different size, three classes."""
    data = load_wine(as_frame=True)
    return shuffled(data.data, data.target)


def numbers_two() -> tuple[pd.DataFrame, "pd.Series[str]"]:
    """Breast cancer: the first 10 numbers, two classes with text labels."""
    data = load_breast_cancer(as_frame=True)
    return shuffled(data.data.iloc[:, :10], data.target.map({0: "malignant", 1: "benign"}))


def numbers_regression() -> tuple[pd.DataFrame, "pd.Series[float]"]:
    """Diabetes: ten numbers, and a number to predict."""
    data = load_diabetes(as_frame=True)
    return shuffled(data.data, data.target)


def numbers_second_regression() -> tuple[pd.DataFrame, "pd.Series[float]"]:
    """Wine: the colour's intensity from the other numbers; always positive."""
    data = load_wine(as_frame=True)
    return shuffled(data.data.drop(columns="color_intensity"), data.data["color_intensity"])


def indicators() -> pd.DataFrame:
    """Of wine, for each of three labels whether it is there."""
    features, kind = numbers_many()
    return pd.DataFrame(
        {"first": kind == 0, "light": features["hue"] > 1, "strong": features["alcohol"] > 13}, dtype=int
    )


def several_texts() -> pd.DataFrame:
    """Of wine, two labels at once, of three and two classes."""
    features, kind = numbers_many()
    names = np.array(["first", "second", "third"])
    return pd.DataFrame({"kind": names[kind], "hue": np.where(features["hue"] > 1, "light", "dark")})


def mixed() -> pd.DataFrame:
    """Wine with a tenth of the numbers missing, a text column with gaps and an empty string, and a boolean column."""
    features, _ = numbers_many()
    random = np.random.default_rng(0)
    table = features.mask(random.random(features.shape) < 0.1)
    colour = np.where(features["hue"] > 1, "red", "brown").astype(object)
    colour[random.random(len(table)) < 0.1] = None
    colour[:3] = ""
    return table.assign(colour=colour, strong=features["alcohol"] > 13)


def categories() -> pd.DataFrame:
    """Wine with two columns of pandas' categories, texts with gaps and ordered whole numbers."""
    table = mixed().drop(columns="strong")
    size = pd.cut(table["proline"], 5, labels=[1, 2, 3, 5, 8])
    return table.assign(colour=pd.Categorical(table["colour"]), size=size)


def shuffled(features: pd.DataFrame, target: "pd.Series[Any]") -> tuple[pd.DataFrame, "pd.Series[Any]"]:
    """Some of the rows, in an order that has every class among the first."""
    order = np.random.default_rng(0).permutation(len(features))[:ROWS]
    return features.iloc[order].reset_index(drop=True), target.iloc[order].reset_index(drop=True)


def texts() -> tuple[pd.DataFrame, "pd.Series[str]"]:
    """Lines of scikit-learn's own descriptions of data sets, and which one each is from."""
    descriptions = {"wine": load_wine().DESCR, "cancer": load_breast_cancer().DESCR, "diabetes": load_diabetes().DESCR}
    lines = [(line.strip(), name) for name, text in descriptions.items() for line in text.splitlines() if line.strip()]
    return shuffled(pd.DataFrame({"text": [line for line, _ in lines]}), pd.Series([name for _, name in lines]))
