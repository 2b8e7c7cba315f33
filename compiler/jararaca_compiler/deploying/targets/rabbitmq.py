"""RabbitMQ: what is declared, the accounts' rights, and limits that stop a runaway."""

from __future__ import annotations

import json
import shlex

from jararaca_shared.application_facts import AccountFacts

from jararaca_compiler.deploying.deployment import HEADER, Deployment, Files

CONNECTIONS_A_PROCESS = 2
TOOLS = 10
"""Connections that are left for people, and for `topology apply`."""

REPLY_QUEUES_A_PROCESS = 1


def rabbitmq(deployment: Deployment) -> Files:
    """Definitions to import, and the calls of rabbitmqctl for accounts and limits."""
    vhost = deployment.settings.vhost
    definitions = {
        kind: [{**each, "vhost": vhost} for each in items]
        for kind, items in deployment.facts.definitions.items()
    }
    return {
        "rabbitmq/definitions.json": json.dumps(definitions, indent=2) + "\n",
        "rabbitmq/accounts.sh": "#!/bin/sh\n" + HEADER + "\n".join(_calls(deployment)) + "\n",
    }


def most_connections(deployment: Deployment) -> int:
    """Of all processes while one version replaces another."""
    others = 2 * (len(deployment.processes) - 1)
    processes = 2 * (deployment.settings.max_replicas + others)
    return CONNECTIONS_A_PROCESS * processes + TOOLS


def most_queues(deployment: Deployment) -> int:
    """Those that are declared, and the reply queues of requests; half as many more for growth."""
    declared = len(deployment.facts.definitions["queues"])
    replies = REPLY_QUEUES_A_PROCESS * 2 * deployment.settings.max_replicas
    return (declared + replies) * 3 // 2


def _calls(deployment: Deployment) -> list[str]:
    vhost, facts = deployment.settings.vhost, deployment.facts
    user, deploy_user = deployment.user, deployment.deploy_user
    connections = most_connections(deployment)
    limits = {"max-connections": connections + TOOLS, "max-queues": most_queues(deployment)}
    own = {"max-connections": connections}
    return [
        "# Both accounts must be there: rabbitmqctl add_user NAME",
        "set -eu",
        "# deploying: `jararaca topology apply`",
        *_rights(deploy_user, vhost, facts.deploying),
        "# running: workers, schedulers and relays",
        *_rights(user, vhost, facts.running),
        "# What comes above these is refused, and the log names the limit.",
        shlex.join(("rabbitmqctl", "set_user_limits", user, json.dumps(own))),
        # Others use the default virtual host, too.
        *(
            [shlex.join(("rabbitmqctl", "set_vhost_limits", "-p", vhost, json.dumps(limits)))]
            if vhost != "/"
            else []
        ),
    ]


def _rights(user: str, vhost: str, rights: AccountFacts) -> list[str]:
    three = (rights.configure, rights.write, rights.read)
    calls = [("set_permissions", "-p", vhost, user, *three)]
    calls += [("set_topic_permissions", "-p", vhost, user, *each) for each in rights.topics]
    return [shlex.join(("rabbitmqctl", *call)) for call in calls]
