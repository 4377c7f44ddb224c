"""A model with a column of every sort, rows for it, and the service to compare with."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from falcon.testing import TestClient
from sklearn.compose import make_column_transformer
from sklearn.ensemble import RandomForestClassifier
from sklearn.impute import SimpleImputer
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, PolynomialFeatures

import alpenglow
from alpenglow._serve.app import create_app
from alpenglow._serve.model import load
from alpenglow._serve.process.settings import Settings
from tests.tables import wine

Post = Callable[..., Any]


@pytest.fixture(scope="session")
def wines() -> pd.DataFrame:
    """Numbers with gaps and without, texts that are known, or closed, or may be missing, booleans."""
    table = wine()[["alcohol", "colour", "strong"]]
    random = np.random.default_rng(0)
    size = random.choice(["small", "large"], len(table))
    return table.assign(proline=random.normal(700, 200, len(table)), size=size)


@pytest.fixture(scope="session")
def model(wines, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A forest of three classes."""
    transformer = make_column_transformer(
        (SimpleImputer(), ["alcohol"]),
        (PolynomialFeatures(1), ["proline", "strong"]),  # refuses gaps
        (OneHotEncoder(handle_unknown="ignore"), ["colour"]),
        (OneHotEncoder(), ["size"]),
    )
    forest = make_pipeline(transformer, RandomForestClassifier(10, random_state=0)).fit(wines, wine()["target"])
    path = tmp_path_factory.mktemp("wine") / "wine.onnx"
    alpenglow.export(forest, wines, path)
    columns = {c.name: (c.type, c.nullable, c.closed) for c in alpenglow.load(path).signature.columns}
    assert columns["alcohol"] == ("number", True, False)
    assert columns["proline"] == ("number", False, False)
    assert columns["colour"] == ("string", True, False)
    assert columns["size"] == ("string", False, True)
    assert columns["strong"] == ("boolean", False, False)
    return path


def served(model: Path) -> Post:
    """`post(body, content_type)` to the service, without a server."""
    settings = Settings(5000, "127.0.0.1:5000", 1, 1, model, 1 << 24, 100_000, 1 << 24, 1 << 24)
    client = TestClient(create_app(load(model), settings))

    def post(body: bytes, content_type: str = "application/json") -> Any:
        query = {"probabilities": "true"}
        return client.simulate_post("/predict", body=body, params=query, headers={"Content-Type": content_type}).json

    return post


@pytest.fixture(scope="session")
def post(model) -> Post:
    """To the service with the model."""
    return served(model)
