"""A Swarm of this machine, a stack of `deploy/stack.yaml` in it, and clients that ask it all the time."""

import json
import shutil
import subprocess
import tempfile
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import requests

from tests.commands import ROOT, run
from tests.image.containers import IMAGE, Container, wait_until
from tests.servers import HAPROXY, Client, free_port

BALANCER, STACK = "alpenglow-test-haproxy", "alpenglow-test"
SERVICE = f"{STACK}_alpenglow"
PATIENCE = 90  # seconds until Swarm has done what it was told
CLIENTS, PAUSE = 6, 0.02  # seconds between the requests of each
JSON = {"Content-Type": "application/json"}


@dataclass
class Outcome:
    """Answers to the first try by their text, and what failed at the first and at both tries."""

    answers: Counter[str] = field(default_factory=Counter)
    once: list[str] = field(default_factory=list)
    twice: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Stack(Client):
    """The replicas, by way of HAProxy."""

    url: str

    def tasks(self) -> list[Container]:
        """The containers that run, as Docker knows them here."""
        ids = run("docker", "ps", "--quiet", "--filter", f"label=com.docker.swarm.service.name={SERVICE}").stdout
        return [Container(id_, "") for id_ in ids.split()]

    def states(self) -> list[tuple[str, str]]:
        """Of tasks on all nodes, what Swarm wants of them and what they do: Running, once they are healthy."""
        lines = run("docker", "service", "ps", "--format={{.DesiredState}} {{.CurrentState}}", SERVICE).stdout
        return [(wanted, state) for wanted, state, *_ in map(str.split, lines.splitlines())]

    def update(self, *options: str) -> None:
        """`docker service update`, until Swarm has done it or taken it back."""
        run("docker", "service", "update", "--quiet", "--no-resolve-image", *options, SERVICE, check=False)

    def settle(self, replicas: int) -> None:
        """Wait until so many are healthy, and no others are left."""

        def settled() -> bool:
            states = self.states()
            wanted = [state for wish, state in states if wish == "Running"]
            return wanted == ["Running"] * replicas and sum(state == "Running" for _, state in states) == replicas

        wait_until(settled, f"{replicas} replicas are healthy, and no others are left", PATIENCE)

    def restored(self, image: str, replicas: int) -> None:
        """Have so many of an image, whatever was before."""
        self.update("--image", image, "--replicas", str(replicas))
        self.settle(replicas)

    def state(self) -> str:
        """What became of the last update."""
        return run("docker", "service", "inspect", "--format={{.UpdateStatus.State}}", SERVICE).stdout.strip()

    def image(self) -> str:
        """What replicas are started from."""
        spec = "--format={{.Spec.TaskTemplate.ContainerSpec.Image}}"
        return run("docker", "service", "inspect", spec, SERVICE).stdout.strip()

    @contextmanager
    def asked(self, body: bytes) -> Iterator[Outcome]:
        """Clients that post the body, and once more where that fails, until the block ends."""
        outcome, over = Outcome(), threading.Event()
        threads = [threading.Thread(target=self.client, args=(body, outcome, over)) for _ in range(CLIENTS)]
        for thread in threads:
            thread.start()
        try:
            yield outcome
            over.wait(2)  # what comes after the change
        finally:
            over.set()
            for thread in threads:
                thread.join()
        failed = f"{len(outcome.once)} failed once, {len(outcome.twice)} twice"
        print(f"\n{sum(outcome.answers.values()):,} requests answered at once, {failed}: {outcome.once[:3]}")

    def client(self, body: bytes, outcome: Outcome, over: threading.Event) -> None:
        """One of them; each request has a connection of its own."""
        while not over.wait(PAUSE):
            try:
                outcome.answers[self.answer(body)] += 1
            except (requests.RequestException, AssertionError) as error:
                outcome.once.append(repr(error))
                try:
                    self.answer(body)
                except (requests.RequestException, AssertionError) as again:
                    outcome.twice.append(repr(again))

    def answer(self, body: bytes) -> str:
        """The text of an answer with status 200."""
        found = requests.post(f"{self.url}/predict?probabilities=true", data=body, headers=JSON, timeout=60)
        assert found.status_code == 200, found.text
        return found.text


@contextmanager
def swarm(address: str) -> Iterator[None]:
    """This engine as the first node of a Swarm, and its manager."""
    run("docker", "swarm", "init", "--advertise-addr", address)
    try:
        yield
    finally:
        run("docker", "swarm", "leave", "--force")


@contextmanager
def deployed(replicas: int) -> Iterator[Stack]:
    """The stack, with this machine's HAProxy."""
    port = free_port()
    settings = {"IMAGE": IMAGE, "REPLICAS": str(replicas), "BALANCER": BALANCER, "PORT": str(port)}
    file = ROOT / "deploy" / "stack.yaml"
    run("docker", "stack", "deploy", "--resolve-image=never", "--compose-file", file, STACK, **settings)
    stack = Stack(f"http://127.0.0.1:{port}")
    try:
        stack.settle(replicas)
        wait_until(lambda: answers(stack.url), "HAProxy has found a replica", PATIENCE)
        yield stack
    finally:
        run("docker", "stack", "rm", STACK)
        wait_until(
            lambda: not run("docker", "ps", "-aq", f"--filter=name={STACK}_").stdout, "the stack is gone", PATIENCE
        )


def answers(url: str) -> bool:
    """Whether somebody there is ready."""
    try:
        return requests.get(f"{url}/health/ready", timeout=5).ok
    except requests.RequestException:
        return False


@contextmanager
def balancer() -> Iterator[None]:
    """An image of this machine's HAProxy and the libraries that it wants: registries have better ones."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        libraries = subprocess.run(["ldd", str(HAPROXY)], capture_output=True, text=True, check=True).stdout
        for word in (str(HAPROXY), *libraries.split()):
            if word.startswith("/") and Path(word).is_file():
                place = folder / "root" / Path(word).parent.relative_to("/")
                place.mkdir(parents=True, exist_ok=True)
                shutil.copy(word, place)
        command = json.dumps([str(HAPROXY), "-db", "-f", "/usr/local/etc/haproxy/haproxy.cfg"])
        (folder / "Dockerfile").write_text(f"FROM scratch\nCOPY root /\nSTOPSIGNAL SIGUSR1\nENTRYPOINT {command}\n")
        run("docker", "build", "--tag", BALANCER, folder)
    try:
        yield
    finally:
        run("docker", "image", "rm", "--force", BALANCER)
