"""What clients of other servers, browsers and Prometheus get from the container, through Apache."""

import re

import pytest
import requests

# The tests of the bare server; pytest finds them here, too, and they go through Apache.
from tests.clients.test_mlflow_client import test_data_frames  # noqa: F401
from tests.clients.test_triton import (  # noqa: F401
    infer,
    pipeline,
    rows,
    test_all_outputs_as_bytes_where_none_is_named,
    test_labels_and_probabilities,
    test_what_a_server_says_of_itself_and_its_model,
)
from tests.image.containers import serving, started
from tests.serve.test_odd_values import (  # noqa: F401
    test_a_value_is_predicted_as_scikit_learn_predicts_it,
    test_strictly_an_unknown_category_is_refused_with_those_that_are_known,
)


def test_csv(server, rows, pipeline) -> None:  # noqa: F811
    body = "\ufeff" + rows.to_csv(index=False)
    answer = requests.post(
        f"{server.url}/predict", data=body.encode(), headers={"Content-Type": "text/csv"}, timeout=30
    )
    assert answer.json()["predictions"] == pipeline.predict(rows).tolist()


def test_the_page_and_all_that_it_loads(server) -> None:
    page = server.get("/docs")
    assert page.headers["Content-Type"] == "text/html; charset=utf-8"
    files = set(re.findall(r'(?:src|href)="(docs/[^"]+)"', page.text))
    assert files
    for path in files:
        answer = server.get(f"/{path}")
        assert answer.status_code == 200
        assert answer.headers["Content-Security-Policy"].startswith("default-src 'none'; script-src 'self'")
        assert answer.headers["Content-Type"].startswith(("text/css", "text/javascript"))


def test_nobody_outside_reads_the_metrics(server) -> None:
    answer = server.get("/metrics")
    assert answer.status_code == answer.json()["status"] == 403
    inside = server.execute("wget", "-q", "-O", "-", "http://127.0.0.1:5000/metrics").stdout
    assert "alpenglow_http_requests_total" in inside
    assert 'alpenglow_process_proportional_memory_bytes{process="worker 1",kind="anonymous"}' in inside


def test_those_who_are_named_read_the_metrics(seed_request) -> None:
    with serving("--env=METRICS_FROM=10.0.0.0/8 172.16.0.0/12 192.168.0.0/16 127.0.0.1") as container:
        container.post(seed_request)
        assert "\nalpenglow_rows_total 1\n" in container.get("/metrics").text


@pytest.mark.parametrize(
    "setting", ["METRICS_FROM=everybody", "MAX_ROWS=0", "TOKEN_FILE=/nowhere", "TOKEN_FILE=/app/start.sh"]
)
def test_a_wrong_setting_stops_the_start_with_one_line(setting) -> None:
    with started(f"--env={setting}") as container:
        assert container.exit_code(30) == 1
        (line,) = container.log().splitlines()
        assert line.startswith(f"serve: {setting.partition('=')[0]} is ")


def test_a_mounted_token_is_wanted(tmp_path, seed_request) -> None:
    (tmp_path / "token").write_text("secret\n")
    (tmp_path / "token").chmod(0o644)
    tmp_path.chmod(0o755)
    with serving(f"--volume={tmp_path}/token:/run/secrets/token:ro") as container:
        assert container.post(seed_request).status_code == 401
        headers = {"Authorization": "Bearer secret"}
        answer = requests.post(f"{container.url}/predict", data=seed_request, headers=headers, timeout=30)
        assert answer.json() == {"predictions": [" <=50K"]}
        container.wait_until_healthy()


def test_a_limit_of_rows(seed_request) -> None:
    with serving("--env=MAX_ROWS=1") as container:
        assert container.predictions(seed_request) == [" <=50K"]
        answer = container.post(b'[{"age":1},{"age":2}]')
        assert (answer.status_code, answer.json()["detail"][:30]) == (413, "at most 1 rows are taken at on")
