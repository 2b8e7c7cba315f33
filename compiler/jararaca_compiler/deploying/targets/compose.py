"""Compose: the application on one machine, with a broker to try it on."""

from __future__ import annotations

from typing import Any

from jararaca_shared.yaml_text import yaml_text

from jararaca_compiler.deploying.deployment import HEADER, Deployment, Files, Process
from jararaca_compiler.deploying.names import compose_value

Service = dict[str, Any]
BROKER = "${BROKER_URL:-amqp://guest:guest@rabbitmq:5672/}"
BACKEND = "${BACKEND_URL:-redis://redis:6379/0}"


def compose(deployment: Deployment) -> Files:
    """`docker compose -f deploy/compose.yaml up --build`, in the project's folder."""
    services: dict[str, Service] = {"rabbitmq": _rabbitmq()}
    if deployment.facts.shared:
        services["redis"] = _redis()
    services["topology"] = _topology(deployment)
    for process in deployment.processes:
        services[process.kind] = _process(deployment, process)
    document: dict[str, Any] = {
        "name": deployment.name,
        "services": services,
        "volumes": {"rabbitmq": {}},
    }
    if _has_metrics(deployment):
        services["prometheus"] = _prometheus()
    return {"compose.yaml": HEADER + yaml_text(document)}


def _rabbitmq() -> Service:
    return {
        "image": "rabbitmq:4-management",
        "ports": ["127.0.0.1:5672:5672", "127.0.0.1:15672:15672"],
        "volumes": ["rabbitmq:/var/lib/rabbitmq"],
        "healthcheck": {
            "test": ["CMD", "rabbitmq-diagnostics", "-q", "check_running"],
            "interval": "5s",
            "timeout": "10s",
            "retries": 24,
        },
    }


def _redis() -> Service:
    return {
        "image": "redis:7",
        "healthcheck": {
            "test": ["CMD", "redis-cli", "ping"],
            "interval": "5s",
            "timeout": "5s",
            "retries": 12,
        },
    }


def _image(deployment: Deployment) -> Service:
    dockerfile = f"{deployment.settings.output}/Dockerfile"
    up = "/".join([".."] * len(deployment.settings.output.strip("/").split("/")))
    return {
        "image": deployment.image,
        "build": {"context": up, "dockerfile": dockerfile},
        "env_file": [{"path": ".env", "required": False}],
    }


def _topology(deployment: Deployment) -> Service:
    return {
        **_image(deployment),
        "command": ["jararaca", "topology", "apply"],
        "environment": _environment(deployment, {"APP_PATH": deployment.facts.target or ""}),
        "depends_on": {"rabbitmq": {"condition": "service_healthy"}},
    }


def _process(deployment: Deployment, process: Process) -> Service:
    listening = {"LISTEN_HOST": "0.0.0.0"} if process.observed else {}
    waits: Service = {"topology": {"condition": "service_completed_successfully"}}
    if deployment.facts.shared:
        waits["redis"] = {"condition": "service_healthy"}
    return {
        **_image(deployment),
        "command": list(process.command),
        "environment": _environment(deployment, {**listening, **deployment.environment(process)}),
        "depends_on": waits,
        "stop_grace_period": f"{deployment.grace}s",
        "restart": "unless-stopped",
        "read_only": True,
        "tmpfs": ["/tmp"],
        "cap_drop": ["ALL"],
        "security_opt": ["no-new-privileges:true"],
        **_live(deployment, process),
        **({"scale": deployment.settings.replicas} if process.kind == "worker" else {}),
    }


def _environment(deployment: Deployment, given: dict[str, str]) -> dict[str, str]:
    backend = {"BACKEND_URL": BACKEND} if deployment.facts.shared else {}
    own = {name: compose_value(value) for name, value in given.items() if value}
    return {"BROKER_URL": BROKER, **backend, **own}


def _live(deployment: Deployment, process: Process) -> Service:
    port = deployment.facts.health_port
    if port is None or not process.observed:
        return {}
    asks = f"import urllib.request as u; u.urlopen('http://localhost:{port}/ready', timeout=3)"
    return {
        "healthcheck": {
            "test": ["CMD", "python3", "-c", asks],
            "interval": "10s",
            "timeout": "5s",
            "retries": 3,
            "start_period": "60s",
        }
    }


def _has_metrics(deployment: Deployment) -> bool:
    return bool(deployment.facts.metrics_port) and "prometheus" in deployment.settings.targets


def _prometheus() -> Service:
    return {
        "image": "prom/prometheus:v3.5.0",
        "profiles": ["metrics"],
        "command": ["--config.file=/etc/prometheus/prometheus.yaml"],
        "volumes": ["./prometheus:/etc/prometheus:ro"],
        "ports": ["127.0.0.1:9090:9090"],
    }
