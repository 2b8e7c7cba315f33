"""Which series are the application's, and which of its queues: for alerts and dashboard."""

from __future__ import annotations

from jararaca_compiler.deploying.deployment import Deployment
from jararaca_compiler.deploying.names import promql_any, promql_string

SUFFIX = ".dead-letters"
LETTERS = promql_string(r".+\.dead-letters")


def job(deployment: Deployment) -> str:
    """All series of the application."""
    return f"job={promql_string(deployment.name)}"


def dead_letter_queues(deployment: Deployment) -> str:
    """Those of its dead-letter queues."""
    if _told_by_suffix(deployment):
        return f"{job(deployment)},queue=~{LETTERS}"
    return f"{job(deployment)},queue=~{promql_any(deployment.dead_letters)}"


def consumed_queues(deployment: Deployment) -> str:
    """Those of the queues that somebody is to consume."""
    if not _told_by_suffix(deployment):
        return f"{job(deployment)},queue=~{promql_any(deployment.queues)}"
    every = {each.queue for each in deployment.facts.handlers}
    stubs = sorted(every - set(deployment.queues))
    besides = f",queue!~{promql_any(stubs)}" if stubs else ""
    return f"{job(deployment)},queue!~{LETTERS}{besides}"


def _told_by_suffix(deployment: Deployment) -> bool:
    """Whether all dead letters, and no other queues, are named as they usually are."""
    others = {each.queue for each in deployment.facts.handlers}
    named = all(each.endswith(SUFFIX) for each in deployment.dead_letters)
    return named and not any(each.endswith(SUFFIX) for each in others)
