"""Several labels at once: the clients of MLflow and Triton in front of ours, and MLflow's own server beside it."""

import json
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import joblib
import numpy as np
import pytest

from tests.clients.conftest import mlflow
from tests.servers import Server, gunicorn
from tests.several import FEATURES, MODELS, exported

ROWS = FEATURES.iloc[::9]


@pytest.fixture(scope="module")
def servers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, tuple[Server, Any]]]:
    """By name: the server, and the estimator that it was made of."""
    with ExitStack() as stack:
        found = {}
        for name in MODELS:
            folder = tmp_path_factory.mktemp(name)
            estimator = exported(name, folder / "model.onnx")
            joblib.dump(estimator, folder / "pipeline.joblib")
            joblib.dump(FEATURES, folder / "sample.joblib")
            found[name] = stack.enter_context(gunicorn(folder / "model.onnx", WORKERS="1")), estimator
        yield found


@pytest.mark.parametrize("name", MODELS)
@pytest.mark.parametrize("binary", [False, True], ids=["JSON", "bytes"])
def test_triton(triton_client, servers, name, binary) -> None:
    server, estimator = servers[name]
    ways = {"binary_inputs": binary, "binary_outputs": binary}
    columns = {column: [[value] for value in ROWS[column].tolist()] for column in ROWS}
    found = triton_client(server, model=name, columns=columns, **ways)["values"]
    assert found["label"] == estimator.predict(ROWS).tolist()
    if hasattr(estimator, "predict_proba"):
        shares = estimator.predict_proba(ROWS)
        for place, target in enumerate(MODELS[name][1] if isinstance(shares, list) else ()):
            np.testing.assert_array_equal(found[f"probabilities.{target}"], shares[place])
        if not isinstance(shares, list):
            np.testing.assert_allclose(found["probabilities"], shares, rtol=0, atol=1e-12)


@pytest.mark.parametrize("name", MODELS)
def test_mlflow_s_client(mlflow_client, servers, name) -> None:
    server, estimator = servers[name]
    answer = mlflow_client(server, send="frame", columns=ROWS.to_dict("list"))
    assert answer["predictions"] == estimator.predict(ROWS).tolist()


def test_mlflow_s_own_server_answers_the_same(servers, programs: Path, tmp_path_factory) -> None:
    body = json.dumps({"dataframe_split": ROWS.to_dict("split")})
    ours, _ = servers["texts"]
    with mlflow(ours.folder, programs, tmp_path_factory.mktemp("mlflow")) as theirs:
        wanted = theirs.post(body, "/invocations").json()
    assert ours.post(body, "/invocations").json() == wanted
