"""Kubernetes: a Deployment for each process, the topology's job, and `kubectl apply -k`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from jararaca_shared.yaml_text import yaml_text

from jararaca_compiler.deploying.deployment import HEADER, Deployment, Files, Process
from jararaca_compiler.deploying.names import kubernetes_value
from jararaca_compiler.deploying.targets.docker import USER_ID

Object = dict[str, Any]

PROBE_SECONDS = 10
START_SECONDS = 120
"""How long a start may take: longer than a process waits for its broker."""

JOB_KEPT_SECONDS = 86_400


def kubernetes(deployment: Deployment) -> Files:
    """One file a process, with its disruption budget; the job; and what names them all."""
    files = {
        f"kubernetes/{process.kind}.yaml": documents(
            [_deployment(deployment, process), *_budget(deployment, process)]
        )
        for process in deployment.processes
    }
    files["kubernetes/topology.yaml"] = documents([_topology_job(deployment)])
    kustomization: Object = {
        "apiVersion": "kustomize.config.k8s.io/v1beta1",
        "kind": "Kustomization",
        **({"namespace": deployment.settings.namespace} if deployment.settings.namespace else {}),
        "resources": sorted(path.partition("/")[2] for path in files),
    }
    return {**files, "kubernetes/kustomization.yaml": documents([kustomization])}


def documents(objects: Sequence[Object]) -> str:
    """Objects as one YAML stream."""
    return HEADER + "---\n".join(yaml_text(each) for each in objects)


def metadata(deployment: Deployment, kind: str, name: str | None = None) -> Object:
    """The name and labels of an object of a process."""
    namespace = deployment.settings.namespace
    return {
        "name": name or f"{deployment.name}-{kind}",
        **({"namespace": namespace} if namespace else {}),
        "labels": _labels(deployment, kind),
    }


def _labels(deployment: Deployment, kind: str) -> Object:
    return {
        "app.kubernetes.io/name": deployment.name,
        "app.kubernetes.io/component": kind,
        "app.kubernetes.io/managed-by": "jararaca",
    }


def selector(deployment: Deployment, kind: str) -> Object:
    """What tells the pods of a process from others."""
    labels = _labels(deployment, kind)
    del labels["app.kubernetes.io/managed-by"]
    return {"matchLabels": labels}


def _deployment(deployment: Deployment, process: Process) -> Object:
    # KEDA sets the number of workers; to name one here would undo that with each `kubectl apply`.
    scaled = process.kind == "worker" and "keda" in deployment.settings.targets
    replicas = deployment.settings.replicas if process.kind == "worker" else _standing_by(process)
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": metadata(deployment, process.kind),
        "spec": {
            **({} if scaled else {"replicas": replicas}),
            "revisionHistoryLimit": 5,
            "strategy": {
                "type": "RollingUpdate",
                "rollingUpdate": {"maxSurge": 1, "maxUnavailable": 0},
            },
            "selector": selector(deployment, process.kind),
            "template": _pod(deployment, process),
        },
    }


def _standing_by(process: Process) -> int:
    """One more scheduler, and relay, takes over where one is gone."""
    return 2


def _pod(deployment: Deployment, process: Process) -> Object:
    metrics = deployment.facts.metrics_port if process.observed else None
    scrape = {
        "prometheus.io/scrape": "true",
        "prometheus.io/port": str(metrics),
        "prometheus.io/path": "/metrics",
    }
    return {
        "metadata": {
            "labels": _labels(deployment, process.kind),
            **({"annotations": scrape} if metrics else {}),
        },
        "spec": {
            **_account_less(),
            "terminationGracePeriodSeconds": deployment.grace,
            "containers": [
                {
                    **_container(deployment, process.kind, process.command, deployment.secret),
                    "env": _environment(deployment, process),
                    **_ports(deployment, process),
                    **_probes(deployment, process),
                }
            ],
            "volumes": [{"name": "tmp", "emptyDir": {}}],
        },
    }


def _account_less() -> Object:
    return {
        "automountServiceAccountToken": False,
        "securityContext": {
            "runAsNonRoot": True,
            "runAsUser": USER_ID,
            "runAsGroup": USER_ID,
            "seccompProfile": {"type": "RuntimeDefault"},
        },
    }


def _container(deployment: Deployment, kind: str, command: Sequence[str], secret: str) -> Object:
    settings = deployment.settings
    return {
        "name": kind,
        "image": deployment.image,
        "command": list(command),
        "envFrom": [{"secretRef": {"name": secret}}],
        "resources": {
            "requests": {"cpu": settings.cpu, "memory": settings.memory},
            "limits": {"memory": settings.memory},
        },
        "securityContext": {
            "allowPrivilegeEscalation": False,
            "readOnlyRootFilesystem": True,
            "capabilities": {"drop": ["ALL"]},
        },
        "volumeMounts": [{"name": "tmp", "mountPath": "/tmp"}],
    }


def _environment(deployment: Deployment, process: Process) -> list[Object]:
    given = dict(deployment.environment(process))
    if process.observed and (deployment.facts.health_port or deployment.facts.metrics_port):
        given = {"LISTEN_HOST": "0.0.0.0", **given}
    return [{"name": name, "value": kubernetes_value(value)} for name, value in given.items()]


def _ports(deployment: Deployment, process: Process) -> Object:
    facts = deployment.facts
    named = {"health": facts.health_port, "metrics": facts.metrics_port}
    found = [{"name": name, "containerPort": port} for name, port in named.items() if port]
    return {"ports": found} if found and process.observed else {}


def _probes(deployment: Deployment, process: Process) -> Object:
    if deployment.facts.health_port is None or not process.observed:
        return {}

    def asking(path: str, failures: int) -> Object:
        return {
            "httpGet": {"path": path, "port": "health"},
            "periodSeconds": PROBE_SECONDS,
            "timeoutSeconds": 3,
            "failureThreshold": failures,
        }

    return {
        "startupProbe": asking("/live", START_SECONDS // PROBE_SECONDS),
        "livenessProbe": asking("/live", 6),
        "readinessProbe": asking("/ready", 1),
    }


def _budget(deployment: Deployment, process: Process) -> list[Object]:
    return [
        {
            "apiVersion": "policy/v1",
            "kind": "PodDisruptionBudget",
            "metadata": metadata(deployment, process.kind),
            "spec": {
                "maxUnavailable": 1,
                "selector": selector(deployment, process.kind),
            },
        }
    ]


def _topology_job(deployment: Deployment) -> Object:
    """A job cannot be changed: another topology or image is a job of another name."""
    name = f"{deployment.name}-topology-{deployment.topology_digest}"
    target = deployment.facts.target
    return {
        "apiVersion": "batch/v1",
        "kind": "Job",
        "metadata": metadata(deployment, "topology", name),
        "spec": {
            "backoffLimit": 6,
            "ttlSecondsAfterFinished": JOB_KEPT_SECONDS,
            "template": {
                "metadata": {"labels": _labels(deployment, "topology")},
                "spec": {
                    **_account_less(),
                    "restartPolicy": "OnFailure",
                    "containers": [
                        {
                            **_container(
                                deployment,
                                "topology",
                                ("jararaca", "topology", "apply"),
                                deployment.deploy_secret,
                            ),
                            **(
                                {"env": [{"name": "APP_PATH", "value": kubernetes_value(target)}]}
                                if target
                                else {}
                            ),
                        }
                    ],
                    "volumes": [{"name": "tmp", "emptyDir": {}}],
                },
            },
        },
    }
