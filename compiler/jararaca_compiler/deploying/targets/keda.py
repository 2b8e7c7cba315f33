"""KEDA: workers by what waits in the queues."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

from jararaca_compiler.deploying.deployment import Deployment, Files
from jararaca_compiler.deploying.targets.kubernetes import documents, metadata


def keda(deployment: Deployment) -> Files:
    """A ScaledObject with a trigger for each queue that more workers help."""
    triggers = [_trigger(deployment, *each) for each in scaling_queues(deployment)]
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


def scaling_queues(deployment: Deployment) -> Iterator[tuple[str, int]]:
    """Each with how many messages in it are one worker's.

    None that RabbitMQ gives to one consumer at a time: another would stand by. A partition has its
    part of the number: KEDA takes the trigger that asks for most, and does not add them.
    """
    most = deployment.settings.messages_per_replica
    by_queue = {each.queue: each for each in deployment.facts.handlers}
    for queue in deployment.queues:
        partitions = by_queue[queue].partitions
        if partitions:
            yield from ((each, math.ceil(most / len(partitions))) for each in partitions)
        elif not any(each.ordered for each in deployment.facts.handlers if each.queue == queue):
            yield queue, most


def _trigger(deployment: Deployment, queue: str, most: int) -> dict[str, Any]:
    return {
        "type": "rabbitmq",
        "metadata": {
            "protocol": "amqp",
            "queueName": queue,
            "mode": "QueueLength",
            "value": str(most),
        },
        "authenticationRef": {"name": f"{deployment.name}-broker"},
    }
