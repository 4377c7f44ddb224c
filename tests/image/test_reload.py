"""SIGHUP: all of what can be reloaded is taken, or nothing, and no request is lost."""

import ssl
import subprocess
import threading
import time
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import requests

from tests.commands import run
from tests.image.certificates import self_signed
from tests.image.containers import Container, serving, started
from tests.image.load import load
from tests.tampered import tampered

REFUSED = "serve: nothing is reloaded: "


@dataclass
class Files:
    """What a container serves, in a folder for each mount."""

    folder: Path
    container: Container | None = None

    def model(self, path: Path) -> None:
        """Put a model in place, in one step."""
        self.put("model/model.onnx", path.read_bytes())

    def put(self, name: str, content: bytes) -> None:
        """Put a file in place, in one step."""
        (self.folder / "new").write_bytes(content)
        (self.folder / "new").chmod(0o644)
        (self.folder / "new").rename(self.folder / name)

    def pair(self, folder: Path) -> None:
        """Put a certificate and its key in place."""
        for name in ("tls.crt", "tls.key"):
            self.put(f"tls/{name}", (folder / name).read_bytes())

    def hup(self, words: str) -> None:
        """Reload, and wait until the log has these words once more."""
        assert self.container
        times = self.container.log().count(words)
        self.container.signal("HUP")
        self.container.wait_for_line(words, times + 1)


@pytest.fixture(scope="module")
def pairs(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """Two certificates, each with its key."""
    folders = [tmp_path_factory.mktemp("pair") for _ in range(2)]
    for folder in folders:
        self_signed(folder)
    return folders


@pytest.fixture
def files(forest: Path, pairs: list[Path], tmp_path: Path) -> Iterator[Files]:
    """A container that speaks TLS and wants a token."""
    tmp_path.chmod(0o755)
    files = Files(tmp_path)
    for name in ("model", "token", "tls"):
        (tmp_path / name).mkdir()
    files.model(forest)
    files.put("token/token", b"secret\n")
    files.pair(pairs[0])
    volumes = [f"--volume={tmp_path}/{name}:/{name}:ro" for name in ("model", "token", "tls")]
    with serving(*volumes, "--env=TOKEN_FILE=/token/token", "--env=WORKERS=2", scheme="https") as container:
        files.container = container
        yield files


def presented(container: Container) -> str:
    """The certificate that it shows."""
    host, port = container.url.removeprefix("https://").split(":")
    return ssl.get_server_certificate((host, int(port)), timeout=30)


def status(container: Container, body: bytes, token: str) -> int:
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
    answer = requests.post(container.url + "/predict", data=body, headers=headers, verify=False, timeout=30)
    return answer.status_code


@pytest.mark.filterwarnings("ignore:Unverified HTTPS request")
def test_all_of_it_is_taken_or_nothing(files: Files, pairs, forest, linear, seed_request: bytes) -> None:
    container = files.container
    assert container
    first, second = ((folder / "tls.crt").read_text() for folder in pairs)
    instructions = requests.get(container.url + "/predict", verify=False, timeout=30).text

    def as_before() -> None:
        assert presented(container) == first
        assert status(container, seed_request, "secret") == 200
        assert status(container, seed_request, "other") == 401
        assert requests.get(container.url + "/predict", verify=False, timeout=30).text == instructions

    # Each time two of three are good ones.
    files.model(linear)
    files.pair(pairs[1])
    for token in (b"", b"\n", b"two\nlines\n", "pässwort\n".encode(), b"two words"):
        files.put("token/token", token)
        files.hup(f"{REFUSED}TOKEN_FILE is a file with")
        as_before()
    (files.folder / "token" / "token").unlink()
    files.hup(f"{REFUSED}TOKEN_FILE is a file with")
    (files.folder / "token" / "token").mkdir()
    files.hup(f"{REFUSED}TOKEN_FILE is a file with")
    as_before()

    (files.folder / "token" / "token").rmdir()
    files.put("token/token", b"other\n")
    key = (pairs[1] / "tls.key").read_bytes()
    locked = run("openssl", "rsa", "-aes128", "-passout", "pass:x", "-in", pairs[1] / "tls.key").stdout.encode()
    for content in (b"", key[:200], (pairs[0] / "tls.key").read_bytes(), second.encode(), locked):
        files.put("tls/tls.key", content)
        files.hup(f"{REFUSED}TLS takes a certificate and its key")
        as_before()
    files.put("tls/tls.key", key)
    (files.folder / "tls" / "tls.crt").unlink()
    files.hup(f"{REFUSED}TLS takes a certificate and its key")
    as_before()

    files.pair(pairs[1])
    for content in (b"", forest.read_bytes()[:100_000], key):
        files.put("model/model.onnx", content)
        files.hup(f"{REFUSED}/model/model.onnx is no ONNX model")
        as_before()
    tampered(linear, files.folder / "wrong.onnx")
    files.model(files.folder / "wrong.onnx")
    files.hup(f"{REFUSED}/model/model.onnx answers otherwise here (ONNX Runtime ")
    as_before()
    (files.folder / "model" / "model.onnx").unlink()
    files.hup(f"{REFUSED}there is no model at /model/model.onnx")
    as_before()

    files.model(linear)
    files.hup("Serving adult")
    settled(lambda: status(container, seed_request, "other") == 200)
    assert status(container, seed_request, "secret") == 401
    assert presented(container) == second
    assert requests.get(container.url + "/predict", verify=False, timeout=30).text != instructions
    assert container.state()["Running"]
    assert "Traceback" not in container.log()


def settled(done: object) -> None:
    """Old workers and an old Apache finish what they have."""
    assert callable(done)
    end = time.monotonic() + 20
    while not done():
        assert time.monotonic() < end
        time.sleep(0.1)


@pytest.mark.filterwarnings("ignore:Unverified HTTPS request")
def test_a_new_certificate_under_load_loses_no_request(files: Files, pairs, seed_request: bytes) -> None:
    container = files.container
    assert container
    stop = threading.Event()
    lost: list[str] = []
    answered: list[str] = []

    def ask() -> None:
        """On a kept connection, until its end is announced."""
        with requests.Session() as session, warnings.catch_warnings(action="ignore"):
            while not stop.is_set():
                try:
                    answer = session.post(
                        f"{container.url}/predict",
                        data=seed_request,
                        headers={"Authorization": "Bearer secret"},
                        timeout=30,
                        verify=False,
                    )
                    (answered if answer.status_code == 200 else lost).append(str(answer.status_code))
                except requests.RequestException as error:
                    lost.append(repr(error))

    threads = [threading.Thread(target=ask) for _ in range(6)]
    for thread in threads:
        thread.start()
    for turn in (1, 0, 1):
        files.pair(pairs[turn])
        files.hup("Serving adult")
        time.sleep(1)
        assert presented(container) == (pairs[turn] / "tls.crt").read_text()
    stop.set()
    for thread in threads:
        thread.join()
    assert lost == []
    assert len(answered) > 50
    settled(lambda: len(container.parent_and_children("httpd")[1]) == 1)  # the old one has ended


def test_ten_in_two_seconds_under_load_lose_nothing_and_end_on_the_last(
    forest, linear, tmp_path, seed_request: bytes
) -> None:
    tmp_path.chmod(0o755)
    (tmp_path / "model").mkdir()
    files = Files(tmp_path)
    files.model(forest)
    with serving(f"--volume={tmp_path}/model:/model:ro", "--env=WORKERS=2") as container:

        def replace() -> None:
            for turn in range(10):
                files.model([forest, linear][turn % 2])
                container.signal("HUP")
                time.sleep(0.1)

        before = container.get("/predict").text
        outcome = load(container, seed_request, 3000, at_half=replace)
        assert (outcome.answered, outcome.failed) == (3000, [])
        settled(lambda: container.get("/predict").text != before)
        time.sleep(2)
        assert container.get("/predict").text != before
        container.signal("TERM")
        assert container.exit_code(10) == 0
        assert "Traceback" not in container.log()


@pytest.mark.parametrize("seconds", [0, 0.1, 0.2, 0.4, 0.6])
def test_one_while_it_starts_is_harmless(seconds: float, seed_request: bytes) -> None:
    with started() as container:
        time.sleep(seconds)
        for _ in range(3):
            subprocess.run(["docker", "kill", "--signal=HUP", container.id], capture_output=True, check=True)
        container.wait_until_ready()
        assert container.predictions(seed_request) == [" <=50K"]
        assert container.state()["Running"]


def test_standard_output_has_json_only(seed_request: bytes) -> None:
    with serving() as container:
        container.predictions(seed_request)
        container.signal("HUP")
        container.wait_for_line("Serving adult", 2)
        lines = run("docker", "logs", container.id).stdout.splitlines()
        assert lines
        assert all(line.startswith("{") for line in lines)


def test_copies_are_for_the_user_alone(files: Files) -> None:
    assert files.container
    listed = files.container.execute("sh", "-c", "ls -ld /dev/shm/alpenglow.* /dev/shm/alpenglow.*/*").stdout
    assert [line.split()[0] for line in listed.splitlines()] == ["drwx------", "-rw-------", "-rw-------"]
