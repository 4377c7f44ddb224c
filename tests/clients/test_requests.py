"""Clients that post by themselves: the seed's, in its own words, and those of KServe and SageMaker."""

import joblib
import pytest
import requests

from tests.clients.programs import SCRIPTS
from tests.commands import run


def test_the_seed_s_own_client_prints_what_it_always_has(programs, server) -> None:
    printed = run(programs / "python", SCRIPTS / "seed_client.py", server.url).stdout
    assert printed == '{"predictions":[" <=50K"]}'


@pytest.fixture(scope="module")
def rows(sample):
    return sample.sample(300, random_state=2)


@pytest.fixture(scope="module")
def expected(rows, artifacts) -> list[str]:
    labels: list[str] = joblib.load(artifacts / "pipeline.joblib").predict(rows).tolist()
    assert len(set(labels)) == 2
    return labels


@pytest.mark.parametrize("form", ["split", "records"])
def test_the_seed_s_request_for_many_rows_over_one_connection(server, rows, expected, form) -> None:
    with requests.Session() as session:
        for start in (0, 100, 200):
            answer = session.post(
                f"{server.url}/predict",
                headers={"Content-Type": "application/json"},
                data=rows[start : start + 100].to_json(orient=form),
                timeout=60,
            )
            assert answer.json() == {"predictions": expected[start : start + 100]}


@pytest.mark.parametrize("form", ["records", "rows"])
def test_kserve_s_first_protocol(server, rows, expected, form) -> None:
    url = f"{server.url}/v1/models/adult"
    assert requests.get(url, timeout=60).json()["ready"] is True
    instances = rows.to_dict("records") if form == "records" else rows.to_numpy().tolist()
    answer = requests.post(f"{url}:predict", json={"instances": instances}, timeout=60)
    assert (answer.status_code, answer.json()) == (200, {"predictions": expected})


@pytest.mark.parametrize(("model", "status", "message"), [("adult", 400, "'age'"), ("adults", 404, "'adults'")])
def test_kserve_s_first_protocol_refuses_with_one_text(server, rows, model, status, message) -> None:
    instances = rows[:1].drop(columns="age").to_dict("records")
    answer = requests.post(f"{server.url}/v1/models/{model}:predict", json={"instances": instances}, timeout=60)
    assert answer.status_code == status
    assert list(answer.json()) == ["error"]
    assert message in answer.json()["error"]


@pytest.mark.parametrize("header", [True, False])
@pytest.mark.parametrize("path", ["/invocations", "/predict"])
def test_sagemaker_s_csv(server, rows, expected, path, header) -> None:
    assert requests.get(f"{server.url}/ping", timeout=60).status_code == 200
    headers = {"Content-Type": "text/csv" if header else "text/csv; header=absent", "Accept": "application/json"}
    content = rows.to_csv(index=False, header=header)
    answer = requests.post(server.url + path, headers=headers, data=content, timeout=60)
    assert (answer.status_code, answer.json()) == (200, {"predictions": expected})
