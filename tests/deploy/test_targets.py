"""What an operator relies on in the exported files, whatever the application is."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

import pytest
from jararaca_compiler.deploying.deployment import Deployment
from jararaca_compiler.deploying.names import kubernetes_value
from jararaca_compiler.deploying.settings import DeploySettings
from jararaca_compiler.deploying.targets.docker import docker
from jararaca_compiler.deploying.targets.grafana import dashboard
from jararaca_compiler.deploying.targets.keda import keda
from jararaca_compiler.deploying.targets.kubernetes import kubernetes
from jararaca_compiler.deploying.targets.rabbitmq import most_connections, rabbitmq
from jararaca_compiler.deploying.targets.systemd import systemd

from tests.deploy.deployments import documents, shop, shop_facts, texts, with_relay


def pod(deployment: Deployment, kind: str) -> dict[str, Any]:
    [found, _] = documents(kubernetes(deployment)[f"kubernetes/{kind}.yaml"])
    spec: dict[str, Any] = found["spec"]["template"]["spec"]
    return spec


def container(deployment: Deployment, kind: str) -> dict[str, Any]:
    [found] = pod(deployment, kind)["containers"]
    return dict(found)


def environment(deployment: Deployment, kind: str) -> dict[str, str]:
    return {each["name"]: each["value"] for each in container(deployment, kind)["env"]}


def test_a_pod_gets_as_long_to_stop_as_its_slowest_handler_may_take() -> None:
    assert max(each.timeout or 0 for each in shop_facts().handlers) == 60
    assert pod(shop(), "worker")["terminationGracePeriodSeconds"] == 70
    assert environment(shop(), "worker")["SHUTDOWN_TIMEOUT"] == "60"
    quick = tuple(replace(each, timeout=1.0) for each in shop_facts().handlers)
    assert Deployment(replace(shop_facts(), handlers=quick), DeploySettings()).grace == 40
    assert shop(shutdown_timeout=5.0).grace == 15


def test_processes_are_reached_by_probes_and_declare_nothing() -> None:
    for kind in ("worker", "scheduler"):
        assert environment(shop(), kind)["LISTEN_HOST"] == "0.0.0.0"
        assert environment(shop(), kind)["NO_DECLARE"] == "1"
        found = container(shop(), kind)
        assert found["readinessProbe"]["httpGet"] == {"path": "/ready", "port": "health"}
        assert found["livenessProbe"]["httpGet"] == {"path": "/live", "port": "health"}
        started = found["startupProbe"]
        waits = int(environment(shop(), "worker")["WAIT_FOR_BROKER"])
        assert started["failureThreshold"] * started["periodSeconds"] > waits
        assert {each["name"] for each in found["ports"]} == {"health", "metrics"}
    assert "readinessProbe" in container(with_relay(), "relay")
    bare = Deployment(replace(shop_facts(), health_port=None), DeploySettings())
    assert "livenessProbe" not in container(bare, "worker")


def test_nothing_runs_as_root_or_may_become_it() -> None:
    for kind in ("worker", "scheduler", "relay"):
        assert pod(with_relay(), kind)["securityContext"]["runAsNonRoot"] is True
        context = container(with_relay(), kind)["securityContext"]
        assert context["allowPrivilegeEscalation"] is False
        assert context["readOnlyRootFilesystem"] is True
    lines = docker(shop())["Dockerfile"].splitlines()
    assert lines.index("USER 10001") > lines.index("COPY --from=build /venv /venv")


def test_what_the_image_copies_is_readable_whatever_the_checkouts_umask_was() -> None:
    lines = docker(shop(copy=("schemas/", "data/prices.csv")))["Dockerfile"].splitlines()
    readable = lines.index("RUN chmod -R a+rX schemas/ data/prices.csv")
    assert lines.index("COPY . .") < readable < lines.index("COPY --from=build /venv /venv")
    assert 'COPY --from=build ["/source/schemas", "/app/schemas"]' in lines
    assert 'COPY --from=build ["/source/data/prices.csv", "/app/data/prices.csv"]' in lines
    assert "chmod" not in docker(shop())["Dockerfile"]


def test_the_image_has_the_extras_of_the_application_and_not_the_compiler() -> None:
    [installs] = [
        line for line in docker(shop())["Dockerfile"].splitlines() if "pip install" in line
    ]
    extras = "inject,prometheus,redis,sqlalchemy,websockets"
    assert installs.endswith(f". 'jararaca-contracts[{extras}]'")


def test_the_image_starts_the_application_that_was_exported() -> None:
    lines = docker(shop())["Dockerfile"].splitlines()
    [named] = [line for line in lines if line.startswith("ENV APP_PATH=")]
    assert named == f"ENV APP_PATH={shop_facts().target}"
    bare = Deployment(replace(shop_facts(), target=None), DeploySettings())
    assert "APP_PATH" not in docker(bare)["Dockerfile"]


def test_which_processes_there_are_follows_from_the_application() -> None:
    assert [each.kind for each in shop().processes] == ["worker", "scheduler"]
    assert [each.kind for each in with_relay().processes] == ["worker", "scheduler", "relay"]
    inside = replace(shop_facts(), scheduler_inside=True)
    assert [each.kind for each in Deployment(inside, DeploySettings()).processes] == ["worker"]


def test_another_topology_or_image_is_another_job() -> None:
    def name(deployment: Deployment) -> str:
        [job] = documents(kubernetes(deployment)["kubernetes/topology.yaml"])
        found: str = job["metadata"]["name"]
        return found

    more = {**shop_facts().definitions, "queues": []}
    other = Deployment(replace(shop_facts(), definitions=more), DeploySettings())
    assert len({name(shop()), name(shop(image="shop:2")), name(other)}) == 3
    assert name(shop()) == name(shop())
    assert re.fullmatch(r"shop-topology-[0-9a-f]{8}", name(shop()))


def test_keda_leaves_ordered_queues_and_the_number_of_replicas_alone() -> None:
    first, *rest = shop_facts().handlers
    ordered = replace(shop_facts(), handlers=(replace(first, ordered=True), *rest))
    [_, scaled] = documents(keda(Deployment(ordered, DeploySettings()))["keda/worker.yaml"])
    queues = {each["metadata"]["queueName"] for each in scaled["spec"]["triggers"]}
    parts = {name for each in rest for name in each.partitions}
    assert queues - parts == {each.queue for each in rest if not each.partitions} - {first.queue}
    [with_keda, _] = documents(kubernetes(shop())["kubernetes/worker.yaml"])
    [without, _] = documents(
        kubernetes(shop(targets=("kubernetes",), replicas=3))["kubernetes/worker.yaml"]
    )
    assert "replicas" not in with_keda["spec"] and without["spec"]["replicas"] == 3


def test_keda_takes_all_partitions_of_a_queue_for_one_backlog() -> None:
    [_, scaled] = documents(keda(shop(messages_per_replica=201))["keda/worker.yaml"])
    asked = {
        each["metadata"]["queueName"]: each["metadata"]["value"]
        for each in scaled["spec"]["triggers"]
    }
    parts = {name: value for name, value in asked.items() if "watch_payments" in name}
    assert parts == {f"shop.watch_payments.p{number}": "51" for number in range(4)}
    assert asked["shop.orders"] == "201"


def test_the_broker_takes_all_connections_of_a_rollout() -> None:
    twice_as_many = 2 * (10 + 2)
    assert most_connections(shop(max_replicas=10)) >= 2 * twice_as_many
    assert "set_vhost_limits" not in rabbitmq(shop())["rabbitmq/accounts.sh"]
    assert "set_vhost_limits -p own" in rabbitmq(shop(vhost="own"))["rabbitmq/accounts.sh"]


def test_the_dashboard_has_a_row_for_each_handler_with_all_that_is_asked_of_it() -> None:
    rows = [each for each in dashboard(shop())["panels"] if each["type"] == "row"]
    assert len(rows) == 1 + len(shop_facts().handlers)
    for row in rows[1:]:
        assert [each["title"] for each in row["panels"]] == [
            *("Rate", "Latency", "Failures", "Retries", "Dead letters", "Backlog"),
            "Age of the oldest",
        ]


def test_variables_of_the_operator_win_and_are_not_replaced() -> None:
    given = shop(environment={"PREFETCH": "5", "GREETING": "$(PREFETCH) %i"})
    assert environment(given, "worker")["PREFETCH"] == "5"
    assert environment(given, "worker")["GREETING"] == "$$(PREFETCH) %i"
    unit = systemd(given)["systemd/shop-worker@.service"]
    assert 'Environment="GREETING=$(PREFETCH) %%i"' in unit
    assert kubernetes_value("$ (x)") == "$ (x)"


@pytest.mark.parametrize("target", ["docker", "compose", "systemd", "grafana", "kubernetes"])
def test_a_target_alone_writes_its_files_and_the_steps(target: str) -> None:
    files = texts(shop(targets=(target,)))
    places = {path.partition("/")[0] for path in files} - {"README.md"}
    alone = {"docker": {"Dockerfile", "Dockerfile.dockerignore"}, "compose": {"compose.yaml"}}
    assert places == alone.get(target, {target})
    assert files["README.md"].startswith("# Deploying shop\n")
