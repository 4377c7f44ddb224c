"""`make image-sizes`: how large Docker images are that serve the same model, ours and what one would write instead.

Only an image that answers right is measured. Writes `docs/image-sizes.json` and draws it.
"""

import json
import platform
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import requests

from benchmarks.image_bases import Base, base
from benchmarks.image_layers import COMPRESSION, Size, size
from docs import image_sizes
from tests.servers import free_port

IMAGES = Path(__file__).parent / "images"
ARTIFACTS = Path("artifacts")
PIPELINE, MODEL = "pipeline.joblib", "model.onnx"
REQUEST = Path("tests/seed_request.json")
ANSWER = {"predictions": [" <=50K"]}
PATIENCE = 120  # seconds until a container must answer
VERSIONS = """
import importlib, sys
print("python", "%d.%d.%d" % sys.version_info[:3])
for name in sys.argv[1:]:
    print(name, importlib.import_module(name).__version__)
"""


@dataclass(frozen=True)
class Contender:
    """An image: what it is made of, how it is asked for a prediction, the modules whose versions matter."""

    name: str
    label: str
    base: str
    artifacts: tuple[str, ...]
    modules: tuple[str, ...]
    port: int = 5000
    path: str = "/predict"
    envelope: str | None = None  # the key that the table is sent under

    @property
    def tag(self) -> str:
        """The image's name; that of `make image` is ours."""
        return self.name if self is OURS else f"alpenglow-peer-{self.name}"

    def body(self) -> object:
        """A row, as it takes it."""
        table = json.loads(REQUEST.read_text(encoding="utf-8"))
        return {self.envelope: table} if self.envelope else table


DEBIAN, PYTHON = "debian:bookworm-slim", "python:3.11-slim"
ONNX = ("onnxruntime", "numpy")
SKLEARN = ("sklearn", "pandas", "numpy")
OURS = Contender("alpenglow", "Alpenglow", "alpine:3.23", (MODEL,), ("falcon", "gunicorn", *ONNX))
ALTERNATIVES = (
    Contender("fastapi_onnxruntime", "FastAPI + ONNX Runtime", PYTHON, (MODEL,), ("fastapi", "uvicorn", *ONNX)),
    Contender("fastapi_sklearn", "FastAPI + scikit-learn", PYTHON, (PIPELINE,), ("fastapi", "uvicorn", *SKLEARN)),
    Contender("seed", "Flask + Gunicorn + Apache", DEBIAN, (PIPELINE,), ("flask", "gunicorn", *SKLEARN)),
    Contender(
        "mlflow",
        "MLflow's build-docker",
        PYTHON,
        (PIPELINE, "sample.joblib"),
        ("mlflow", *SKLEARN),
        port=8080,
        path="/invocations",
        envelope="dataframe_split",
    ),
)


def main() -> int:
    """Build, ask and measure all images; print the table."""
    try:
        report = measure()
    except RuntimeError as error:
        print(f"image-sizes: {error}", file=sys.stderr)
        return 1
    image_sizes.write(report)
    image_sizes.table()
    return 0


def measure() -> image_sizes.Report:
    """Everything, ours first.

    Raises:
        RuntimeError: Something is missing, a build failed, or an image does not answer as it should.
    """
    if not shutil.which("docker"):
        raise RuntimeError("install Docker first, such as docker.io of Debian's packages")
    docker = printed("docker", "version", "--format", "{{.Server.Version}}")
    if not printed("docker", "image", "ls", "--quiet", OURS.tag):
        raise RuntimeError("make our own image first: make image")
    pip = Path(sys.executable).with_name("pip")
    bases = {name: base(name.partition(":")[0], name, pip) for name in (DEBIAN, PYTHON)}
    bases[OURS.base] = Base(OURS.base, origin(OURS.base))
    for contender in ALTERNATIVES:
        build(contender, bases[contender.base])
    contenders = (OURS, *ALTERNATIVES)
    versions = [ask(contender) for contender in contenders]
    with ThreadPoolExecutor() as pool:  # zlib lets other threads run
        base_sizes = dict(zip(bases, pool.map(lambda name: size(bases[name].image), bases), strict=True))
        sizes = list(pool.map(lambda contender: size(contender.tag), contenders))
    return {
        "date": date.today().isoformat(),
        "docker": docker,
        "architecture": platform.machine(),
        "compression": COMPRESSION,
        "images": [
            described(contender, bases[contender.base], base_sizes[contender.base], measured, found)
            for contender, measured, found in zip(contenders, sizes, versions, strict=True)
        ],
    }


def described(
    contender: Contender, built_on: Base, base_size: Size, measured: Size, versions: dict[str, str]
) -> image_sizes.Image:
    """One image of the report."""
    return {
        "name": contender.name,
        "label": contender.label,
        "base": {"name": contender.base, "origin": built_on.origin, "uncompressed": base_size.uncompressed},
        "uncompressed": measured.uncompressed,
        "compressed": measured.compressed,
        "versions": versions,
    }


def origin(image: str) -> str:
    """Where an image of this machine is from."""
    digests = printed("docker", "image", "inspect", image, "--format", "{{.RepoDigests}}")
    return image_sizes.PULLED if "@" in digests else image_sizes.FOUND_HERE


def build(contender: Contender, built_on: Base) -> None:
    """Build from the files of its folder and its artifacts."""
    print(f"building {contender.tag} ...", flush=True)
    with tempfile.TemporaryDirectory() as folder:
        context = Path(folder) / "context"
        shutil.copytree(IMAGES / contender.name, context)
        for artifact in contender.artifacts:
            shutil.copy(ARTIFACTS / artifact, context)
        printed("docker", "build", "--tag", contender.tag, "--build-arg", f"BASE={built_on.image}", str(context))


def ask(contender: Contender) -> dict[str, str]:
    """Start it and post the request; the versions in it.

    Raises:
        RuntimeError: It does not answer, or something else than the right label.
    """
    print(f"asking {contender.tag} ...", flush=True)
    with container(contender) as (identity, url):
        answer = posted(identity, url, contender.body())
        if answer != ANSWER:
            raise RuntimeError(f"{contender.tag} answers {answer}, not {ANSWER}")
        lines = printed("docker", "exec", identity, "python3", "-c", VERSIONS, *contender.modules).splitlines()
    return dict(line.split() for line in lines)


@contextmanager
def container(contender: Contender) -> Iterator[tuple[str, str]]:
    """Run an image on a free port of the loopback interface; the container's id and the URL."""
    address = f"127.0.0.1:{free_port()}"
    identity = printed("docker", "run", "--detach", "--publish", f"{address}:{contender.port}", contender.tag)
    try:
        yield identity, f"http://{address}{contender.path}"
    finally:
        printed("docker", "rm", "--force", "--volumes", identity)


def posted(identity: str, url: str, body: object, pause: float = 0.2) -> object:
    """The answer, as soon as there is one that a server gives which is ready; it is asked after each `pause` seconds.

    Raises:
        RuntimeError: There is none; the message ends with the container's log.
    """
    last, end = "nothing", time.monotonic() + PATIENCE
    while time.monotonic() < end and printed("docker", "inspect", identity, "--format", "{{.State.Running}}") == "true":
        try:
            response = requests.post(url, json=body, timeout=PATIENCE)
            if response.ok:
                return response.json()
            last = response.text
            if response.status_code not in (502, 503):  # what a proxy says until the server behind it is there
                break
        except requests.RequestException as error:
            last = str(error)
        time.sleep(pause)
    raise RuntimeError(f"no prediction at {url}, but {last}\n{logs(identity)}")


def logs(identity: str) -> str:
    """The end of what a container printed."""
    command = ["docker", "logs", "--tail", "20", identity]
    return subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=True).stdout


def printed(*command: str) -> str:
    """What a command prints.

    Raises:
        RuntimeError: It failed; the message ends with what it printed.
    """
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"{' '.join(command)} failed:\n{(done.stdout + done.stderr)[-2000:]}")
    return done.stdout.strip()


if __name__ == "__main__":
    sys.exit(main())
