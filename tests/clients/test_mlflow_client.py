"""MLflow's own scoring client in front of ours."""

import joblib
import pytest

from alpenglow import __version__
from tests.tables import diabetes


def test_data_frames(mlflow_client, server, sample, artifacts) -> None:
    rows = sample.sample(500, random_state=1)
    expected = joblib.load(artifacts / "pipeline.joblib").predict(rows).tolist()
    assert len(set(expected)) == 2
    answer = mlflow_client(server, send="frame", columns=rows.to_dict("list"))
    assert answer == {"version": __version__, "predictions": expected}


@pytest.mark.parametrize("kind", ["frame", "records"])
def test_gaps_which_the_client_writes_as_nan_among_text_too(mlflow_client, both, kind) -> None:
    rows = both["proline"].rows
    assert rows[["alcohol", "colour"]].isna().any().all()
    answer = mlflow_client(both["proline"].alpenglow, send=kind, columns=rows.to_dict("list"))
    assert answer["predictions"] == both["proline"].pipeline.predict(rows).tolist()


def test_arrays_for_a_model_of_numbers(mlflow_client, served) -> None:
    server = served(diabetes(), "target")
    rows = diabetes().drop(columns="target")
    expected = joblib.load(server.folder / "pipeline.joblib").predict(rows).tolist()
    assert mlflow_client(server, send="array", columns=rows.to_dict("list"))["predictions"] == expected


def test_the_client_shows_what_is_wrong(mlflow_client, server, sample) -> None:
    row = sample[:1].drop(columns="age").to_dict("list")
    error = mlflow_client(server, send="frame", columns=row)["error"]
    assert error.startswith("Invocation failed (error code 400, response: {")
    assert '"error_code":"BAD_REQUEST"' in error
    assert "'age'" in error
