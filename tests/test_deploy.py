"""Dockerfile, compose.yaml and the Helm chart name what is there, and keep to what they promise."""

from __future__ import annotations

import json
import re
import shlex
from fnmatch import fnmatch
from pathlib import Path
from typing import Any

import pytest
import yaml

from app.config import Settings, env_name

ROOT = Path(__file__).parents[1]
CHART = ROOT / "examples/deploy/chart"
TEMPLATES = sorted((CHART / "templates").glob("*"))
KNOWN = {env_name(field) for field in Settings.model_fields}
FILES = [
    ROOT / "Dockerfile",
    ROOT / "compose.yaml",
    ROOT / "docs/deploy.md",
    *(ROOT / "examples/deploy").rglob("*.*"),
]
PINNED = re.compile(r"[\w./-]+:v?\d[\w.-]*")


class Loader(yaml.SafeLoader):
    """Knows what Compose adds to YAML."""


Loader.add_constructor("!reset", lambda loader, node: None)


def compose(name: str = "compose.yaml") -> dict[str, Any]:
    return yaml.load((ROOT / name).read_text(encoding="utf-8"), Loader)


def instructions() -> list[tuple[str, str]]:
    """Of the Dockerfile, continued lines joined."""
    text = (ROOT / "Dockerfile").read_text(encoding="utf-8")
    text = re.sub(r"(?m)^\s*#.*\n", "", text)
    lines = re.sub(r"\\\n", " ", text).splitlines()
    return [(line.split()[0], line.split(maxsplit=1)[1]) for line in lines if line.strip()]


def of(wanted: str) -> list[str]:
    return [rest for name, rest in instructions() if name == wanted]


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.name)
def test_every_setting_that_is_named_exists(file: Path):
    named = set(re.findall(r"\bDOCENT_[A-Z_]+[A-Z]\b", file.read_text(encoding="utf-8")))
    assert named - KNOWN - {"DOCENT_SERVER"} == set()  # the cookie of the proxies


# -- the image -----------------------------------------------------------------------------------------


def test_everything_that_is_copied_is_there_and_let_in():
    ignored = (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
    let_in = {line[1:] for line in ignored if line.startswith("!")}
    assert "*" in ignored
    sources = [source for rest in of("COPY") if "--from" not in rest for source in shlex.split(rest)[:-1]]
    assert len(sources) >= 8
    assert [source for source in sources if not (ROOT / source).exists()] == []
    assert set(sources) == let_in
    assert not any(fnmatch(name, pattern) for name in (".env", "data", ".git") for pattern in let_in)


def test_the_package_that_is_built_holds_all_its_folders():
    project = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    [packages] = re.findall(r"(?m)^packages = (\[.*\])$", project)[:1]
    assert set(json.loads(packages)) <= {rest.split()[0] for rest in of("COPY")}


def test_the_image_runs_without_root_and_hears_signals():
    assert re.fullmatch(r"[1-9]\d*:[1-9]\d*", of("USER")[-1])
    for name in ("ENTRYPOINT", "CMD"):
        assert all(isinstance(json.loads(rest), list) for rest in of(name)), name
    check = of("HEALTHCHECK")[0].partition("CMD ")[2]
    compile(json.loads(check)[2], "healthcheck", "exec")
    assert "/healthz" in check


def test_no_secret_and_no_version_that_moves_is_in_the_image():
    assert all(
        PINNED.fullmatch(rest.split()[0].replace("${PYTHON}", of("ARG")[0].partition("=")[2]))
        for rest in of("FROM")
    )
    given = " ".join(of("ENV") + of("ARG"))
    assert not re.search(r"(?i)key|token|password|secret", given)


# -- compose -------------------------------------------------------------------------------------------

FILES_OF_COMPOSE = ["compose.yaml", "examples/deploy/compose.replicas.yaml"]


@pytest.mark.parametrize("name", FILES_OF_COMPOSE)
def test_images_are_pinned_and_what_is_mounted_is_there(name: str):
    held = compose(name)
    for service, made in held["services"].items():
        if image := made.get("image"):
            assert PINNED.fullmatch(re.sub(r"\$\{\w+:-([^}]*)\}", r"\1", image)), service
        for volume in made.get("volumes", []):
            source = re.sub(r"\$\{\w+:-([^}]*)\}", r"\1", volume).split(":")[0]
            assert source in held.get("volumes", {}) or (ROOT / source).exists(), volume


def test_services_wait_for_what_can_be_waited_for():
    services = compose()["services"]
    for name, made in services.items():
        for other, how in made.get("depends_on", {}).items():
            assert "test" in services[other]["healthcheck"], other
            # One of another profile may not be there.
            assert how["condition"] == "service_healthy"
            assert how.get("required", True) == ("profiles" not in services[other]), (name, other)
    assert {"chroma", "milvus", "qdrant"} <= {
        made["profiles"][0] for made in services.values() if "profiles" in made
    }


def test_the_password_has_no_default_and_is_in_no_file():
    text = (ROOT / "compose.yaml").read_text(encoding="utf-8")
    assert set(re.findall(r"\$\{POSTGRES_PASSWORD(.)(.)", text)) == {(":", "?")}


def test_containers_of_ours_are_closed_and_have_time_to_end():
    services = compose()["services"]
    for name in ("app", "ingest"):
        made = services[name]
        assert made["read_only"] and made["cap_drop"] == ["ALL"] and made["tmpfs"] == ["/tmp"], name
        seconds = float(re.sub(r"\$\{\w+:-([^}]*)\}", r"\1", made["environment"]["DOCENT_STOP_SECONDS"]))
        assert int(made["stop_grace_period"].removesuffix("s")) >= seconds + 10
    assert services["app"]["ports"] == ["${PUBLISHED:-127.0.0.1:8501}:8501"]


# -- the chart -----------------------------------------------------------------------------------------


def values() -> dict[str, Any]:
    return yaml.safe_load((CHART / "values.yaml").read_text(encoding="utf-8"))


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda file: file.name)
def test_a_template_is_closed_and_names_values_that_there_are(template: Path):
    text = template.read_text(encoding="utf-8")
    opened = re.findall(r"\{\{-? *(?:if|range|with|define|block)\b", text)
    assert len(opened) == len(re.findall(r"\{\{-? *end\b", text))
    for path in re.findall(r"\.Values\.([\w.]+)", text):
        held: Any = values()
        for part in path.split("."):
            assert part in held, path
            held = held[part]


def test_the_chart_carries_the_version_of_the_project():
    chart = yaml.safe_load((CHART / "Chart.yaml").read_text(encoding="utf-8"))
    [version] = re.findall(r'(?m)^version = "(.+)"$', (ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    assert chart["appVersion"] == version
    assert f"docent:${{TAG:-{version}}}" in (ROOT / "compose.yaml").read_text(encoding="utf-8")


CASES: dict[str, dict[str, Any]] = {
    "plain": {"existingSecret": "docent"},
    "alone": {"replicas": 1, "persistence": {"enabled": False}},
    "everything": {
        "existingSecret": "docent",
        "ingest": {"enabled": True},
        "ingress": {"enabled": True, "tlsSecret": "tls"},
        "autoscaling": {"enabled": True},
        "documents": {"persistentVolumeClaim": {"claimName": "documents"}},
        "imagePullSecrets": [{"name": "registry"}],
        "nodeSelector": {"disk": "ssd"},
    },
}


def rendered(given: dict[str, Any]) -> list[dict[str, Any]]:
    helm = pytest.importorskip("helm_python.chart", reason="pip install helm-python-sdk: Helm's own library")
    with helm.Chart.load(CHART) as chart:
        texts = chart.render(values=given, name="chat")
    files = (text for name, text in texts.items() if name.endswith(".yaml"))
    return [made for text in files for made in yaml.safe_load_all(text) if made]


@pytest.mark.parametrize("case", CASES)
def test_what_helm_makes_fits_the_schemas_of_kubernetes(case: str):
    made = rendered(CASES[case])
    schemas = pytest.importorskip("kubernetes_validate", reason="pip install kubernetes-validate")
    for one in made:
        schemas.validate(one, "1.31", strict=True)


def test_pods_are_closed_probed_and_have_time_to_end():
    made = {one["kind"]: one for one in rendered(CASES["everything"])}
    assert {"Deployment", "CronJob", "Ingress", "PodDisruptionBudget", "HorizontalPodAutoscaler"} <= set(made)
    pod = made["Deployment"]["spec"]["template"]["spec"]
    [container] = pod["containers"]
    assert pod["securityContext"]["runAsNonRoot"] and container["securityContext"]["readOnlyRootFilesystem"]
    assert container["readinessProbe"]["httpGet"]["path"] == "/readyz"
    assert (
        container["livenessProbe"]["httpGet"]["path"]
        == container["startupProbe"]["httpGet"]["path"]
        == "/healthz"
    )
    seconds = int(made["ConfigMap"]["data"]["DOCENT_STOP_SECONDS"])
    assert pod["terminationGracePeriodSeconds"] >= seconds + 15
    job = made["CronJob"]["spec"]["jobTemplate"]["spec"]
    assert job["parallelism"] == job["completions"] == 2
    assert job["template"]["spec"]["containers"][0]["args"][0] == "ingest"


def test_several_pods_without_a_database_are_refused():
    helm = pytest.importorskip("helm_python.chart", reason="pip install helm-python-sdk: Helm's own library")
    with pytest.raises(Exception, match="DOCENT_DATABASE_URL"):
        rendered({"replicas": 2})
    assert helm.lint(CHART, values=CASES["plain"])["errors"] == []
