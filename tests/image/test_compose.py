"""Several replicas on one host: Compose starts them as deploy/compose.yaml says, HAProxy spreads the requests."""

import http.server
import json
import os
import random
import secrets
import shutil
import socket
import subprocess
import threading
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
import requests

from tests.commands import ROOT, run
from tests.image.containers import IMAGE, Container, bridge, kill, wait_until
from tests.servers import APACHE, HAPROXY, MODULES, Client, free_port, start, wait_for

MIB = 1 << 20
ANSWER = '{"predictions":[" <=50K"]}'


def compose_command() -> tuple[str, ...] | None:
    """Compose 2 is a plugin of docker, Compose 1 a command of its own."""
    plugin = ("docker", "compose")
    if shutil.which("docker") and not subprocess.run([*plugin, "version"], capture_output=True, check=False).returncode:
        return plugin
    return ("docker-compose",) if shutil.which("docker-compose") else None


COMPOSE = compose_command()

pytestmark = [
    pytest.mark.skipif(COMPOSE is None, reason="neither docker compose nor docker-compose is installed"),
    pytest.mark.skipif(HAPROXY is None, reason="haproxy is not installed"),
    pytest.mark.skipif(os.geteuid() != 0, reason="HAProxy becomes the user of haproxy.cfg only if root starts it"),
]


@dataclass(frozen=True)
class Replicas:
    """A project of Compose."""

    name: str
    address: str
    ports: range
    files: tuple[Path, ...]

    def compose(self, *command: str) -> str:
        """Run a command of Compose; what it prints on standard output."""
        assert COMPOSE
        files = [word for file in self.files for word in ("--file", file)]
        settings = {"IMAGE": IMAGE, "ADDRESS": self.address, "PORTS": f"{self.ports[0]}-{self.ports[-1]}"}
        return run(*COMPOSE, "--project-name", self.name, *files, *command, **settings).stdout

    def scale(self, number: int) -> list[Container]:
        """Start or stop replicas until there are so many, and wait until they answer."""
        self.compose("up", "--detach", "--no-build", "--no-recreate", "--scale", f"alpenglow={number}")
        containers = [self.container(id_) for id_ in self.compose("ps", "-q").split()]
        for container in containers:
            container.wait_until_ready()
        return containers

    def container(self, id_: str) -> Container:
        """One of them, at the port that it has now."""
        return Container(id_, "http://" + run("docker", "port", id_, "5000").stdout.strip())


@contextmanager
def composed(*more: Path, address: str = "127.0.0.1") -> Iterator[Replicas]:
    """A project without replicas yet; everything of it is removed at the end."""
    files = (ROOT / "deploy" / "compose.yaml", *more)
    replicas = Replicas(f"alpenglow-{secrets.token_hex(4)}", address, free_ports(4), files)
    try:
        yield replicas
    finally:
        replicas.compose("down", "--volumes", "--timeout", "1")


def free_ports(number: int) -> range:
    """Ports side by side that nobody listens on, below those that the kernel gives to clients."""
    while True:
        first = random.randrange(20_000, 30_000)
        ports = range(first, first + number)
        try:
            for port in ports:
                with socket.socket() as probe:
                    probe.bind(("", port))
        except OSError:
            continue
        return ports


@dataclass(frozen=True)
class Front(Client):
    """HAProxy."""

    url: str


def haproxy(address: str, ports: Sequence[int], folder: Path) -> AbstractContextManager[Front]:
    """HAProxy in front of four ports."""
    return balancing([HAPROXY, "-db", "-f", ROOT / "deploy" / "haproxy.cfg"], address, ports, folder)


def apache(address: str, ports: Sequence[int], folder: Path) -> AbstractContextManager[Front]:
    """Apache's balancer in front of the same."""
    command = [APACHE, "-f", ROOT / "deploy" / "apache-balancer.conf", "-DFOREGROUND"]
    return balancing(command, address, ports, folder, RUN=str(folder), MODULES=MODULES)


@contextmanager
def balancing(
    command: Sequence[object], address: str, ports: Sequence[int], folder: Path, **more: str
) -> Iterator[Front]:
    """A balancer that is told its port and those of the replicas by variables."""
    front, output = Front(f"http://127.0.0.1:{free_port()}"), folder / "balancer.log"
    settings = {f"PORT{number}": str(port) for number, port in enumerate(ports, 1)}
    settings |= {"ADDRESS": address, "PORT": front.url.rpartition(":")[2], **more}
    with output.open("wb") as log:
        process = start(command, log, **settings)
        try:
            wait_for(front.url, process, output)
            yield front
        finally:
            process.terminate()
            process.wait(10)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """One that the containers' user can read."""
    tmp_path.chmod(0o755)
    return tmp_path


def load(url: str, body: bytes, number: int, at_half: Callable[[], object]) -> Counter[str]:
    """Post so many requests from 16 clients, a connection for each; half-way, do something. Answers, and how often."""
    event = threading.Thread(target=at_half)

    def one(index: int) -> str:
        if index == number // 2:
            event.start()
        try:
            answer = requests.post(
                url + "/predict", data=body, headers={"Content-Type": "application/json"}, timeout=60
            )
        except requests.RequestException as error:
            return repr(error)
        return answer.text if answer.status_code == 200 else f"{answer.status_code} {answer.text}"

    with ThreadPoolExecutor(16) as clients:
        answers = Counter(clients.map(one, range(number)))
    event.join()
    return answers


def rows(seed_request: bytes, number: int) -> tuple[bytes, str]:
    """The request with its row so many times, and the answer."""
    table = json.loads(seed_request)
    request = {"columns": table["columns"], "data": table["data"] * number}
    return json.dumps(request).encode(), json.dumps({"predictions": [" <=50K"] * number}, separators=(",", ":"))


def predictions(container: Container) -> int:
    """How many requests it has answered with predictions, by its log."""
    return sum(line["path"] == "/predict" and line["status"] == 200 for line in container.requests())


def test_every_replica_gets_requests(folder, seed_request: bytes) -> None:
    with composed() as replicas:
        containers = replicas.scale(3)
        with haproxy(replicas.address, replicas.ports, folder) as front:
            assert [front.predictions(seed_request) for _ in range(30)] == [[" <=50K"]] * 30
            wait_until(lambda: sum(map(predictions, containers)) == 30, "30 requests are in the replicas' logs")
        assert all(predictions(container) >= 5 for container in containers)


def test_a_replica_has_no_more_rights_and_memory_than_it_needs() -> None:
    with composed() as replicas:
        (container,) = replicas.scale(1)
        (found,) = json.loads(run("docker", "inspect", container.id).stdout)
        host = found["HostConfig"]
        assert (host["Memory"], host["MemorySwap"]) == (160 * MIB, 160 * MIB)  # the sum of both: no swap
        assert (host["NanoCpus"], host["PidsLimit"]) == (10**9, 512)
        assert host["ReadonlyRootfs"] is True
        assert host["Tmpfs"] == {"/tmp": "size=64m"}
        assert (host["CapDrop"], host["CapAdd"], host["Privileged"]) == (["ALL"], None, False)
        assert host["SecurityOpt"] == ["no-new-privileges"]
        assert [port["HostIp"] for port in found["NetworkSettings"]["Ports"]["5000/tcp"]] == ["127.0.0.1"]
        assert found["Config"]["User"] == "65534:65534"
        assert found["Config"]["StopTimeout"] == 15
        assert "/health/ready" in found["Config"]["Healthcheck"]["Test"][-1]

        lines = Path(f"/proc/{found['State']['Pid']}/status").read_text().splitlines()
        status = dict(line.split(":\t", 1) for line in lines)
        assert status["Uid"].split() == ["65534"] * 4
        assert {name: int(value, 16) for name, value in status.items() if name.startswith("Cap")} == {
            "CapInh": 0, "CapPrm": 0, "CapEff": 0, "CapBnd": 0, "CapAmb": 0,
        }  # fmt: skip
        assert status["NoNewPrivs"] == "1"
        assert container.execute("touch", "/app/file", check=False).returncode != 0


@pytest.mark.parametrize(
    ("address", "size"),
    [
        ("127.0.0.1", 1),  # by Docker's proxy, which takes connections in a replica's place
        ("docker0", 1),
        ("docker0", 300),  # more than HAProxy could send twice
    ],
)
def test_a_stop_of_a_replica_under_load_loses_no_request(address: str, size: int, folder, seed_request: bytes) -> None:
    body, answer = rows(seed_request, size)
    with composed(address=str(bridge().ip) if address == "docker0" else address) as replicas:
        containers = replicas.scale(3)
        stopped = containers[1]
        with haproxy(replicas.address, replicas.ports, folder) as front:
            answers = load(front.url, body, 2000, at_half=lambda: run("docker", "stop", stopped.id))
            assert answers == {answer: 2000}
            assert (stopped.state()["Running"], stopped.state()["ExitCode"]) == (False, 0)
            wait_until(lambda: sum(map(predictions, containers)) == 2000, "each request was predicted once")
            before = predictions(stopped)
            assert 0 < before < 1000

            assert len(replicas.scale(3)) == 3
            assert stopped.state()["Running"]

            def answers_again() -> bool:
                front.predictions(seed_request)
                return predictions(stopped) > before

            wait_until(answers_again, "the replica that was stopped gets requests again")


def test_a_new_model_reaches_every_replica_and_loses_no_request(forest, linear, folder, seed_request: bytes) -> None:
    mine, models = folder / "mine.yaml", folder / "model"
    models.mkdir()
    copy(forest, models)
    mine.write_text(json.dumps({"services": {"alpenglow": {"volumes": [f"{models}:/model:ro"]}}}))  # YAML, too
    with composed(mine) as replicas:
        containers = replicas.scale(3)

        def replace() -> None:
            copy(linear, models)
            replicas.compose("kill", "-s", "HUP")

        with haproxy(replicas.address, replicas.ports, folder) as front:
            assert load(front.url, seed_request, 2000, at_half=replace) == {ANSWER: 2000}
        for container in containers:
            wait_until(lambda log=container.log: log().count("Serving adult") == 2, "the new model is announced")
            assert container.state()["Running"]
            assert container.state()["OOMKilled"] is False


def copy(model: Path, folder: Path) -> None:
    """Put a model in place as a whole: nobody sees half of it."""
    shutil.copy(model, folder / "next.onnx")
    (folder / "next.onnx").chmod(0o644)
    (folder / "next.onnx").rename(folder / "model.onnx")


def test_a_replica_that_dies_loses_but_answers_that_have_begun_and_starts_again(folder, seed_request: bytes) -> None:
    with composed() as replicas:
        containers = replicas.scale(3)
        # With restart: unless-stopped, Docker would not start one again that it has sent any signal.
        replicas.compose("kill", "-s", "HUP")
        for container in containers:
            wait_until(lambda log=container.log: log().count("Serving adult") == 2, "the model is loaded anew")
        dying = containers[1]
        master, _ = dying.parent_and_children("gunicorn")
        with haproxy(replicas.address, replicas.ports, folder) as front:
            answers = load(front.url, seed_request, 2000, at_half=lambda: kill(master))
        # Its one worker may have had the first half of an answer on its way.
        assert [answer for answer in answers if answer != ANSWER and "IncompleteRead" not in answer] == []
        assert answers[ANSWER] >= 1998
        wait_until(lambda: dying.log().count("Serving adult") == 3, "the replica is started again")
        assert dying.state()["Running"]


@pytest.mark.parametrize("front", [haproxy, apache])
def test_one_stopped_one_frozen_and_one_slow_lose_nothing_for_who_asks_twice(
    front, folder, seed_request: bytes
) -> None:
    """Nothing but what the frozen one has in hand fails, and that is answered when it is sent again."""
    failed: list[str] = []
    with composed(address=str(bridge().ip)) as replicas:
        stopped, frozen, slow = replicas.scale(3)

        def one(number: int) -> bool:
            if number == 300:
                run("docker", "update", "--cpus=0.3", slow.id)
                run("docker", "pause", frozen.id)
                run("docker", "stop", stopped.id)
            for _ in range(2):
                try:
                    answer = balancer.post(seed_request)
                except requests.RequestException as error:
                    failed.append(repr(error))
                    continue
                if answer.text == ANSWER:
                    return True
                failed.append(f"{answer.status_code} {answer.text}")
            return False

        with front(replicas.address, replicas.ports, folder) as balancer, ThreadPoolExecutor(16) as clients:
            try:
                assert all(clients.map(one, range(1500)))
            finally:
                run("docker", "unpause", frozen.id, check=False)
            wait_until(lambda: balancer.post(seed_request).text == ANSWER, "it answers")
            before = predictions(frozen)

            def answers_again() -> bool:
                balancer.predictions(seed_request)
                return predictions(frozen) > before

            wait_until(answers_again, "the one that was frozen gets requests again")
    assert len(failed) <= 16, failed


def test_a_replica_is_told_the_client_and_the_id_of_a_request(folder) -> None:
    with echoing() as port, haproxy("127.0.0.1", [port] * 4, folder) as front:
        first = front.get("/", headers={"X-Forwarded-For": "192.0.2.1"}).json()
        assert first["x-forwarded-for"] == ["127.0.0.1"]
        second, third = front.get("/").json(), front.get("/", headers={"X-Request-ID": "mine"}).json()
        ((one,), (another,)) = first["x-request-id"], second["x-request-id"]
        assert len(one) == len(another) == 36
        assert one != another
        assert third["x-request-id"] == ["mine"]


@contextmanager
def echoing() -> Iterator[int]:
    """A server that answers with the headers of the request, on a free port."""

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.end_headers()
            self.wfile.write(json.dumps({name: self.headers.get_all(name) for name in self.headers}).encode())

        def log_message(self, *_: object) -> None:
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever).start()
        try:
            yield server.server_port
        finally:
            server.shutdown()


def test_without_a_replica_the_answer_is_a_problem(folder, seed_request: bytes) -> None:
    with haproxy("127.0.0.1", free_ports(4), folder) as front:
        answer = front.post(seed_request)
        assert answer.status_code == 503
        assert answer.headers["Content-Type"] == "application/problem+json"
        assert answer.json() == {"title": "Service Unavailable", "status": 503}
