"""KEDA: workers by what waits in the queues."""

from __future__ import annotations

from typing import Any

from jararaca_compiler.deploying.deployment import Deployment, Files
from jararaca_compiler.deploying.targets.kubernetes import documents, metadata


def keda(deployment: Deployment) -> Files:
    """A ScaledObject with a trigger for each queue that more workers help."""
    triggers = [_trigger(deployment, queue) for queue in scaling_queues(deployment)]
    if not triggers:
        return {}
    authentication = {
        "apiVersion": "keda.sh/v1alpha1",
        "kind": "TriggerAuthentication",
        "metadata": metadata(deployment, "broker"),
        "spec": {
            "secretTargetRef": [
                {"parameter": "host", "name": deployment.secret, "key": "BROKER_URL"}
            ]
        },
    }
    scaled = {
        "apiVersion": "keda.sh/v1alpha1",
        "kind": "ScaledObject",
        "metadata": metadata(deployment, "worker"),
        "spec": {
            "scaleTargetRef": {"name": f"{deployment.name}-worker"},
            "minReplicaCount": deployment.settings.replicas,
            "maxReplicaCount": deployment.settings.max_replicas,
            "cooldownPeriod": 300,
            "fallback": {"failureThreshold": 3, "replicas": deployment.settings.replicas},
            "triggers": triggers,
        },
    }
    return {"keda/worker.yaml": documents([authentication, scaled])}


def scaling_queues(deployment: Deployment) -> list[str]:
    """Without those that RabbitMQ gives to one consumer at a time: another would stand by."""
    ordered = {each.queue for each in deployment.facts.handlers if each.ordered}
    return [queue for queue in deployment.queues if queue not in ordered]


def _trigger(deployment: Deployment, queue: str) -> dict[str, Any]:
    return {
        "type": "rabbitmq",
        "metadata": {
            "protocol": "amqp",
            "queueName": queue,
            "mode": "QueueLength",
            "value": str(deployment.settings.messages_per_replica),
        },
        "authenticationRef": {"name": f"{deployment.name}-broker"},
    }
