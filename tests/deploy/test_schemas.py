"""What is exported is what its readers take: by the schemas that they publish themselves."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest
from jararaca_compiler.deploying.deployment import Deployment
from jararaca_compiler.deploying.targets.compose import compose
from jararaca_compiler.deploying.targets.grafana import dashboard
from jararaca_compiler.deploying.targets.keda import keda
from jararaca_compiler.deploying.targets.kubernetes import kubernetes
from jararaca_compiler.deploying.targets.prometheus import prometheus

from tests.deploy.deployments import HOSTILE, documents, hostile, shop, with_relay
from tests.support.brokers import missing
from tests.support.fetched import node_package, python_package

KUBERNETES = ("1.25.0", "1.37.0")
DEPLOYMENTS = {
    "shop": shop(),
    "relay": with_relay(namespace="production", targets=("kubernetes", "keda")),
    **{f"hostile-{number}": hostile(text) for number, text in enumerate(HOSTILE)},
}
ALL = pytest.mark.parametrize("deployment", DEPLOYMENTS.values(), ids=DEPLOYMENTS)


def kubernetes_schemas(version: str) -> Path:
    package = python_package("kubernetes-validate", "1.37.0")
    return package / f"kubernetes_validate/kubernetes-json-schema/v{version}-local-strict"


def refuse_unknown(found: dict[str, Any], schemas: Path) -> None:
    """By the strict schemas: a key that Kubernetes does not know is an error."""
    group, _, version = found["apiVersion"].rpartition("/")
    short = f"{group.partition('.')[0]}-{version}" if group else version
    schema = json.loads((schemas / f"{found['kind'].lower()}-{short}.json").read_text())
    definitions = json.loads((schemas / "_definitions.json").read_text())
    registry = jsonschema_rs.Registry([("json-schema:///api/_definitions.json", definitions)])
    options: Any = {"registry": registry, "base_uri": "json-schema:///api/it.json"}
    jsonschema_rs.Draft202012Validator(schema, **options).validate(found)


@pytest.mark.parametrize("version", KUBERNETES)
@ALL
def test_kubernetes_takes_its_objects(deployment: Deployment, version: str) -> None:
    schemas = kubernetes_schemas(version)
    files = kubernetes(deployment)
    for text in files.values():
        for found in documents(text):
            if found["kind"] != "Kustomization":
                refuse_unknown(found, schemas)
    assert {path.partition("/")[2] for path in files} > set(
        documents(files["kubernetes/kustomization.yaml"])[0]["resources"]
    )


def test_the_schemas_of_kubernetes_refuse_a_key_that_it_does_not_know() -> None:
    [found, _] = documents(kubernetes(shop())["kubernetes/worker.yaml"])
    found["spec"]["template"]["spec"]["containers"][0]["livenessProb"] = {}
    with pytest.raises(jsonschema_rs.ValidationError, match="livenessProb"):
        refuse_unknown(found, kubernetes_schemas("1.37.0"))


VALIDATING = """
import fs from "node:fs";
for (const found of JSON.parse(fs.readFileSync(0, "utf8"))) {
  const models = await import(`./node_modules/${process.argv[2]}`);
  new models[found.kind](found).validate();
}
"""


def validated_by_models(package: str, version: str, entry: str, objects: list[Any]) -> None:
    """By the models of custom resources: made from the definitions that their authors publish."""
    folder = node_package(package, version).parents[2]
    script = folder / "validating.mjs"
    script.write_text(VALIDATING)
    command = ["node", str(script), f"{package}/{entry}/index.js"]
    done = subprocess.run(
        command, input=json.dumps(objects), cwd=folder, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr


def test_keda_takes_its_objects() -> None:
    found = [
        each
        for deployment in DEPLOYMENTS.values()
        for text in keda(deployment).values()
        for each in documents(text)
    ]
    assert len(found) == 2 * len(DEPLOYMENTS)
    entry = "keda.sh/v1alpha1"
    validated_by_models("@kubernetes-models/keda", "2.0.0", entry, found)
    found[1]["spec"]["triggers"][0].pop("type")
    with pytest.raises(AssertionError, match="type"):
        validated_by_models("@kubernetes-models/keda", "2.0.0", entry, found)


def test_the_operator_of_prometheus_takes_its_objects() -> None:
    found = [
        each
        for deployment in DEPLOYMENTS.values()
        for each in documents(prometheus(deployment)["prometheus/operator.yaml"])
    ]
    entry = "monitoring.coreos.com/v1"
    validated_by_models("@kubernetes-models/prometheus-operator", "6.0.0", entry, found)


def test_compose_takes_its_file() -> None:
    package = python_package("check-jsonschema", "0.39.0")
    path = "check_jsonschema/builtin_schemas/vendor/compose-spec.json"
    validator = jsonschema_rs.validator_for(json.loads((package / path).read_text()))
    for deployment in DEPLOYMENTS.values():
        [found] = documents(compose(deployment)["compose.yaml"])
        validator.validate(found)
        # What Compose would replace is doubled: only our own two variables are left.
        texts = json.dumps(found).replace("$$", "")
        assert texts.count("${") == texts.count("${BROKER_URL:-") + texts.count("${BACKEND_URL:-")
        assert "$(" not in texts


READING = """
import json, sys
sys.path[:0] = sys.argv[1:]
from grafana_foundation_sdk.cog.encoder import JSONEncoder
from grafana_foundation_sdk.models.dashboard import Dashboard
import grafana_foundation_sdk.models as models
given = json.load(sys.stdin)
for each in given:
    print(JSONEncoder(sort_keys=True).encode(Dashboard.from_json(each)))
"""


def test_grafana_s_own_models_read_the_dashboard_and_write_it_again() -> None:
    package = python_package("grafana-foundation-sdk", "1769699998!10.1.0")
    made = [dashboard(each) for each in DEPLOYMENTS.values()]
    command = [sys.executable, "-c", READING, str(package)]
    done = subprocess.run(
        command, input=json.dumps(made), capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    for given, line in zip(made, done.stdout.splitlines(), strict=True):
        again = json.loads(line)
        assert again["title"] == given["title"] and again["uid"] == given["uid"]
        assert [each["title"] for each in again["panels"]] == [
            each["title"] for each in given["panels"]
        ]


@ALL
def test_panels_of_the_dashboard_do_not_overlap_and_have_numbers_of_their_own(
    deployment: Deployment,
) -> None:
    taken: set[tuple[int, int]] = set()
    numbers: list[int] = []
    top = dashboard(deployment)["panels"]
    for panel in [*top, *(each for row in top for each in row.get("panels", ()))]:
        grid = panel["gridPos"]
        cells = {
            (grid["x"] + across, grid["y"] + down)
            for across in range(grid["w"])
            for down in range(grid["h"])
        }
        assert grid["x"] + grid["w"] <= 24 and not cells & taken
        taken |= cells
        numbers.append(panel["id"])
    assert len(set(numbers)) == len(numbers)


@pytest.mark.parametrize("deployment", [shop(), with_relay()], ids=["shop", "relay"])
def test_systemd_takes_the_units(deployment: Deployment, tmp_path: Path) -> None:
    verify_units(deployment, tmp_path)


@pytest.mark.parametrize("text", HOSTILE)
def test_systemd_takes_units_of_any_names(text: str, tmp_path: Path) -> None:
    verify_units(hostile(text), tmp_path)


def verify_units(deployment: Deployment, tmp_path: Path) -> None:
    """In a root of their own, in which the application is installed."""
    from jararaca_compiler.deploying.targets.systemd import directory, systemd

    analyze = shutil.which("systemd-analyze")
    if analyze is None:
        missing("systemd-analyze is not installed: it verifies units")
    place = tmp_path / directory(deployment).strip("/")
    (place / ".venv/bin").mkdir(parents=True)
    (place / ".venv/bin/jararaca").write_text("#!/bin/sh\n")
    (place / ".venv/bin/jararaca").chmod(0o755)
    units = tmp_path / "etc/systemd/system"
    units.mkdir(parents=True)
    for path, text in systemd(deployment).items():
        (units / Path(path).name).write_text(text, encoding="utf-8")
    names = [each.name.replace("@.", "@1.") for each in units.iterdir()]
    for target in ("network-online", "multi-user", "sysinit", "basic", "shutdown", "network"):
        (units / f"{target}.target").write_text("[Unit]\nDescription=There\n")
    command = [analyze, "verify", "--man=no", f"--root={tmp_path}", *names]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    told = [line for line in done.stderr.splitlines() if "jararaca" in line or "worker" in line]
    assert done.returncode == 0 and not told, done.stderr
