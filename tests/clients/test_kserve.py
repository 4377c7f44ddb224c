"""KServe's own client in front of ours, with both of its protocols."""

import joblib
import pytest


@pytest.mark.parametrize("protocol", ["v1", "v2"])
def test_the_server_lives_and_the_model_is_ready(kserve_client, server, protocol) -> None:
    assert kserve_client(server, protocol=protocol, model="adult") == {"live": True, "ready": True}


@pytest.mark.parametrize(("protocol", "binary"), [("v1", False), ("v2", False), ("v2", True)])
def test_predictions(kserve_client, server, sample, artifacts, protocol, binary) -> None:
    rows = sample.sample(200, random_state=2)
    pipeline = joblib.load(artifacts / "pipeline.joblib")
    found = kserve_client(server, protocol=protocol, model="adult", columns=rows.to_dict("list"), binary=binary)
    if protocol == "v1":
        assert found == {"predictions": pipeline.predict(rows).tolist()}
    else:
        assert found["outputs"]["label"] == pipeline.predict(rows).tolist()
        assert found["outputs"]["probabilities"] == pipeline.predict_proba(rows).tolist()


@pytest.mark.parametrize("protocol", ["v1", "v2"])
def test_an_error_says_what_is_wrong(kserve_client, server, sample, protocol) -> None:
    columns = sample.iloc[:2].drop(columns="age").to_dict("list")
    assert "'age'" in kserve_client(server, protocol=protocol, model="adult", columns=columns)["error"]
