"""The manifests: rendered by a real kubectl, valid for several versions of Kubernetes, and as strict as they say.

No cluster runs here: nothing says more than that.
"""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.clients.programs import programs_of
from tests.commands import ROOT, run

KUBERNETES = ROOT / "deploy" / "kubernetes"
FOLDERS = ["base", "small", "production", "canary"]
COMPONENTS = ["model-on-claim", "model-in-image-volume", "scale-by-requests"]
VERSIONS = ["1.30", "1.33", "1.35", "1.37"]
CUSTOM = {"ServiceMonitor"}  # resources of operators, whose schemas are not Kubernetes' own
DRAINED = 10  # seconds that a stop gives to requests that have arrived (apache/httpd.conf)
Document = dict[str, Any]


@pytest.fixture(scope="session")
def programs() -> Path:
    return programs_of("platforms")


def rendered(programs: Path, folder: Path) -> list[Document]:
    """What kubectl would apply."""
    return list(yaml.safe_load_all(run(programs / "kubectl", "kustomize", folder).stdout))


@pytest.fixture(scope="session", params=[*FOLDERS, *COMPONENTS])
def documents(
    programs: Path, tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest
) -> list[Document]:
    """Each folder by itself, and each component on top of production."""
    if request.param in FOLDERS:
        return rendered(programs, KUBERNETES / request.param)
    # kustomize takes only relative paths.
    folder = tmp_path_factory.mktemp(request.param)
    up = "../" * (len(folder.parts) - 1)
    (folder / "kustomization.yaml").write_text(
        yaml.safe_dump(
            {"resources": [f"{up}{KUBERNETES}/production"[0:]], "components": [f"{up}{KUBERNETES}/{request.param}"]}
        )
    )
    return rendered(programs, folder)


def of_kind(documents: Sequence[Document], kind: str) -> list[Document]:
    return [document for document in documents if document["kind"] == kind]


def pods(documents: Sequence[Document]) -> list[Document]:
    return [document["spec"]["template"] for document in of_kind(documents, "Deployment")]


@pytest.mark.parametrize("version", VERSIONS)
def test_kubernetes_takes_it(programs: Path, documents: list[Document], tmp_path: Path, version: str) -> None:
    own = [document for document in documents if document["kind"] not in CUSTOM]
    (tmp_path / "all.yaml").write_text(yaml.safe_dump_all(own))
    done = run(programs / "kubernetes-validate", "--strict", "-k", version, tmp_path / "all.yaml", check=False)
    if version == "1.30" and any("image" in volume for pod in pods(documents) for volume in pod["spec"]["volumes"]):
        assert "Additional properties are not allowed ('image' was unexpected)" in done.stdout + done.stderr
        return
    assert done.returncode == 0, done.stdout + done.stderr
    assert (done.stdout + done.stderr).count("passed for resource") == len(own)


def test_no_container_may_do_more_than_it_has_to(documents: list[Document]) -> None:
    for pod in pods(documents):
        spec = pod["spec"]
        assert spec["automountServiceAccountToken"] is False
        assert spec["securityContext"]["runAsNonRoot"] is True
        assert spec["securityContext"]["runAsUser"] > 0
        assert spec["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
        for container in spec["containers"]:
            own = container["securityContext"]
            assert own["readOnlyRootFilesystem"] is True
            assert own["allowPrivilegeEscalation"] is False
            assert own["capabilities"] == {"drop": ["ALL"]}
        assert not {"hostNetwork", "hostPID", "hostIPC"} & spec.keys()
        assert not any("hostPath" in volume for volume in spec["volumes"])


def test_memory_is_guaranteed_and_is_what_was_measured_or_more(documents: list[Document]) -> None:
    smallest = max(each["limit"] for each in json.loads((ROOT / "docs/image-memory.json").read_text())["models"])
    for pod in pods(documents):
        (container,) = pod["spec"]["containers"]
        resources = container["resources"]
        assert resources["requests"]["memory"] == resources["limits"]["memory"]
        assert int(resources["limits"]["memory"].removesuffix("Mi")) >= smallest


def test_a_stop_waits_for_what_has_arrived(documents: list[Document]) -> None:
    for pod in pods(documents):
        (container,) = pod["spec"]["containers"]
        word, seconds = container["lifecycle"]["preStop"]["exec"]["command"]
        assert word == "sleep"
        assert pod["spec"]["terminationGracePeriodSeconds"] >= int(seconds) + DRAINED
        assert (
            int(seconds)
            >= container["readinessProbe"]["periodSeconds"] * container["readinessProbe"]["failureThreshold"]
        )


def test_the_probes_ask_paths_that_there_are(documents: list[Document], server: Any) -> None:
    for pod in pods(documents):
        (container,) = pod["spec"]["containers"]
        names = {port["name"] for port in container["ports"]}
        for name in ("startupProbe", "readinessProbe", "livenessProbe"):
            probe = container[name]["httpGet"]
            assert probe["port"] in names
            assert server.get(probe["path"]).status_code == 200


def test_the_service_reaches_every_pod_and_each_deployment_its_own(documents: list[Document]) -> None:
    (service,) = of_kind(documents, "Service")
    found = pods(documents)
    for pod in found:
        assert service["spec"]["selector"].items() <= pod["metadata"]["labels"].items()
        assert service["spec"]["ports"][0]["targetPort"] in {
            port["name"] for port in pod["spec"]["containers"][0]["ports"]
        }
    for deployment in of_kind(documents, "Deployment"):
        wanted = deployment["spec"]["selector"]["matchLabels"].items()
        assert [pod for pod in found if wanted <= pod["metadata"]["labels"].items()] == [deployment["spec"]["template"]]


def test_the_network_policy_is_for_every_pod_and_lets_nothing_out(documents: list[Document]) -> None:
    (policy,) = of_kind(documents, "NetworkPolicy")
    assert policy["spec"]["egress"] == []
    assert set(policy["spec"]["policyTypes"]) == {"Ingress", "Egress"}
    for pod in pods(documents):
        assert policy["spec"]["podSelector"]["matchLabels"].items() <= pod["metadata"]["labels"].items()


def test_a_rollout_never_has_fewer_replicas_than_before(documents: list[Document]) -> None:
    for deployment in of_kind(documents, "Deployment"):
        assert deployment["spec"]["strategy"]["rollingUpdate"] == {"maxSurge": 1, "maxUnavailable": 0}


def test_production_is_spread_scaled_watched_and_drained_one_by_one(programs: Path) -> None:
    documents = rendered(programs, KUBERNETES / "production")
    (deployment,), (autoscaler,) = of_kind(documents, "Deployment"), of_kind(documents, "HorizontalPodAutoscaler")
    target = autoscaler["spec"]["scaleTargetRef"]
    assert (target["kind"], target["name"]) == ("Deployment", deployment["metadata"]["name"])
    assert autoscaler["spec"]["minReplicas"] == deployment["spec"]["replicas"] == 3
    spread = deployment["spec"]["template"]["spec"]["topologySpreadConstraints"]
    assert [each["topologyKey"] for each in spread] == ["kubernetes.io/hostname", "topology.kubernetes.io/zone"]
    (budget,), (monitor,) = of_kind(documents, "PodDisruptionBudget"), of_kind(documents, "ServiceMonitor")
    labels = deployment["spec"]["template"]["metadata"]["labels"].items()
    assert budget["spec"]["selector"]["matchLabels"].items() <= labels
    (service,) = of_kind(documents, "Service")
    assert monitor["spec"]["selector"]["matchLabels"].items() <= service["metadata"]["labels"].items()
    assert monitor["spec"]["endpoints"][0]["port"] == service["spec"]["ports"][0]["name"]


def test_a_canary_is_another_image_behind_the_same_service(programs: Path) -> None:
    documents = rendered(programs, KUBERNETES / "canary")
    images = {
        deployment["metadata"]["name"]: deployment["spec"]["template"]["spec"]["containers"][0]["image"]
        for deployment in of_kind(documents, "Deployment")
    }
    assert images == {"alpenglow": "alpenglow", "alpenglow-canary": "alpenglow:canary"}
    assert len(of_kind(documents, "Service")) == 1


# What KServe's Python package, and Kubernetes' that it stands on, know of each resource: its members and their types.
UNKNOWN = """
import re, sys, yaml
from kserve import models
from kubernetes import client

def unknown(kind, value, at):
    found = re.fullmatch(r"[lL]ist\\[(.*)\\]", kind)
    if found:
        return [each for place, one in enumerate(value) for each in unknown(found[1], one, f"{at}/{place}")]
    known = getattr(models, kind, None) or (getattr(client, kind) if kind.startswith("V1") else None)
    if known is None:
        return []
    names = {name: own for own, name in known.attribute_map.items()}
    return [f"{at}/{name}" for name in value.keys() - names.keys()] + [
        each for name in value.keys() & names.keys()
        for each in unknown(known.openapi_types[names[name]], value[name], f"{at}/{name}")
    ]

given = yaml.safe_load(open(sys.argv[1]))
print(*unknown(given["apiVersion"].split("/")[1].capitalize() + given["kind"], given, ""))
"""


@pytest.mark.parametrize("name", ["inference-service.yaml", "canary.yaml", "runtime.yaml"])
def test_kserve_s_own_models_know_what_is_for_kserve(programs: Path, tmp_path: Path, name: str) -> None:
    path = ROOT / "deploy" / "kserve" / name
    assert run(programs / "python", "-c", UNKNOWN, path).stdout.strip() == ""
    wrong = tmp_path / name
    wrong.write_text(path.read_text().replace("memory:", "memoery:").replace("name: ", "nam: "))
    assert "/metadata/nam" in run(programs / "python", "-c", UNKNOWN, wrong).stdout
