"""What a worker says when it starts: who it is, what it consumes, and what waits."""

from __future__ import annotations

from collections.abc import Sequence

from jararaca.application.microservice import Microservice
from jararaca.cli.console import count, paint, table
from jararaca.cli.processes.settings import WorkerSettings
from jararaca.handlers.decorators import spec_of
from jararaca.routing.table import Route
from jararaca.transport.url import safe_url

INDENT = "  "
NOTHING = "none: give the Microservice compiled services, or controllers=[...]"


def summary(
    microservice: Microservice,
    consumed: Sequence[Route],
    waiting: Sequence[Route],
    settings: WorkerSettings,
) -> str:
    """The lines before `ready`: service, broker, queues with their handlers, stubs."""
    versions = ", ".join(f"{each.title} {each.version}" for each in microservice.services)
    name = f"{microservice.name} ({versions})" if versions else NOTHING
    facts = [["service", name], ["broker", safe_url(settings.broker_url)]]
    if microservice.from_code:
        place = settings.app or "package.module:app"
        facts.append(["document", f"built from code: write it with `jararaca import {place}`"])
    if settings.backend_url:
        facts.append(["backend", safe_url(settings.backend_url)])
    blocks = [table([[paint(name, "dim"), text] for name, text in facts])]
    if consumed:
        blocks.append(_queues("to consume", consumed))
    if waiting:
        blocks.append(_queues("not consumed: these handlers are still stubs", waiting))
    return "\n\n".join(blocks) + "\n"


def ready_line(consumed: Sequence[Route]) -> str:
    """The line after the last consumer is up."""
    queues = {route.queue for route in consumed}
    # A handler of several messages has a row for each.
    handlers = count(len({(each.controller, each.handler) for each in consumed}), "handler")
    return f"{paint('ready', 'good')}: {handlers} on {count(len(queues), 'queue')}"


def _queues(title: str, routes: Sequence[Route]) -> str:
    rows = [[route.queue, _handler(route), route.message.MESSAGE_TOPIC] for route in routes]
    return f"{paint(title, 'bold')}\n" + table(rows, ["queue", "handler", "topic"], INDENT)


def _handler(route: Route) -> str:
    spec = spec_of(route.handler)
    name = f"{route.controller.__qualname__}.{spec.name}"
    return f"{name} {paint('(stub)', 'warn')}" if spec.stub else name
