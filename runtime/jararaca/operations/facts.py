"""What an application consists of, for `jararaca deploy export`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from itertools import groupby
from typing import Any

from jararaca_shared.application_facts import (
    AccountFacts,
    ApplicationFacts,
    HandlerFacts,
    ScheduleFacts,
)
from jararaca_shared.definitions import definitions
from jararaca_shared.settings import read_settings

from jararaca.application.loading import load_application, project_of
from jararaca.application.microservice import Microservice
from jararaca.contract.topology import Topology
from jararaca.handlers.decorators import spec_of
from jararaca.handlers.handler_spec import HandlerSpec
from jararaca.operations.permissions import Permissions, deploying, running
from jararaca.routing.declarations import topology_of
from jararaca.routing.table import Route, Service
from jararaca.scheduling.embedded import EmbeddedScheduler
from jararaca.scheduling.jobs import Job, is_scheduled, jobs_of
from jararaca.scheduling.timing import Interval
from jararaca.transport.amqp.delaying.provisioning import provisioned

EXTRAS = {
    "sqlalchemy": "sqlalchemy",
    "websockets": "websockets",
    "prometheus": "prometheus",
    "opentelemetry": "otel",
}
"""The extra of an integration, by its module in `jararaca.integrations`."""

ENCODINGS = {"avro": "avro", "protobuf": "protobuf"}
BEGIN = datetime(2024, 1, 1, tzinfo=UTC)
"""Where schedules are looked at from: what is exported is the same on each day."""

LOOKED_AT = timedelta(days=366)
MOST_OCCURRENCES = 12_000
"""More than a week of each minute."""


def facts_of_target(target: str | None) -> ApplicationFacts:
    """Of the application that `target` names, as a command's argument does.

    Raises ConfigurationError.
    """
    from pathlib import Path

    microservice = load_application(target)
    given = target or read_settings(project_of(Path.cwd())).get("app")
    return facts_of(microservice, str(given) if given else None)


def facts_of(microservice: Microservice, target: str | None = None) -> ApplicationFacts:
    """All that an operator has to know of an application. Raises ConfigurationError."""
    by_module = {_module(each): each for each in microservice.integrations}
    database = next((each for each in microservice.integrations if _has_outbox(each)), None)
    services = microservice.services
    topologies = [topology_of(service) for service in services]
    jobs = jobs_of(microservice, lambda _, method: method) if is_scheduled(microservice) else ()
    handlers = tuple(_handlers(services))
    inside = any(isinstance(each, EmbeddedScheduler) for each in microservice.integrations)
    shared = bool(jobs) or "websockets" in by_module
    shared = shared or (database is None and any(each.idempotent for each in handlers))
    return ApplicationFacts(
        name=microservice.name,
        target=target,
        extras=tuple(sorted(_extras(microservice, by_module, jobs, shared))),
        handlers=handlers,
        schedules=tuple(_schedule(job) for job in jobs),
        scheduler_inside=inside,
        outbox=database is not None,
        relay_inside=database is not None and bool(getattr(database, "relays", False)),
        web_sockets="websockets" in by_module,
        shared=shared,
        health_port=_port(by_module.get("health")),
        metrics_port=_port(by_module.get("prometheus")),
        definitions=definitions_of(topologies),
        deploying=_account(deploying(topologies)),
        running=_account(running(services, topologies)),
    )


def definitions_of(
    topologies: Iterable[Topology], vhost: str = "/"
) -> Mapping[str, list[dict[str, Any]]]:
    """What `rabbitmqctl import_definitions` reads: all that is declared, delays included."""
    whole = [provisioned(each) for each in topologies]
    between = [binding for each in whole for binding in each.between]
    return definitions([each.topology for each in whole], vhost, between)


def _handlers(services: Sequence[Service]) -> Iterator[HandlerFacts]:
    """One for each queue of a handler, in the order of their names."""
    rows = [
        (_name(route, spec), route.queue, service, route, spec)
        for service in services
        for route in service.routes
        for spec in [spec_of(route.handler)]
    ]
    rows.sort(key=lambda row: row[:2])
    for (name, queue), group in groupby(rows, key=lambda row: row[:2]):
        same = list(group)
        _, _, service, first, spec = same[0]
        yield HandlerFacts(
            name=name,
            queue=queue,
            dead_letters=service.topology.dead_letters_of(queue),
            messages=", ".join(dict.fromkeys(row[3].message.MESSAGE_NAME for row in same)),
            is_task=first.message.MESSAGE_TYPE == "task",
            timeout=spec.timeout,
            max_retries=spec.retry.max_retries,
            retrying=_retrying(spec),
            ordered=spec.in_order or bool(service.topology.partitions_of(queue)),
            partitions=service.topology.partitions_of(queue),
            idempotent=spec.idempotent,
            stub=spec.stub,
        )


def _name(route: Route, spec: HandlerSpec) -> str:
    return f"{route.controller.__qualname__}.{spec.name}"


def time_between_tries(spec: HandlerSpec) -> float:
    """Seconds that all retries of a message wait, at most."""
    tries = range(1, spec.retry.max_retries + 1)
    return sum(spec.retry.delay(attempt, 1.0) or 0.0 for attempt in tries)


def _retrying(spec: HandlerSpec) -> float:
    tries = spec.retry.max_retries + 1
    return round(time_between_tries(spec) + tries * (spec.timeout or 0.0), 3)


def _schedule(job: Job) -> ScheduleFacts:
    return ScheduleFacts(name=job.name, when=job.timing.text, longest_gap=_longest_gap(job))


def _longest_gap(job: Job) -> float:
    if isinstance(job.timing, Interval):
        return job.timing.step.total_seconds()
    longest, before = timedelta(), job.timing.after(BEGIN)
    for _ in range(MOST_OCCURRENCES):
        coming = None if before is None else job.timing.after(before)
        if before is None or coming is None:
            break
        longest, before = max(longest, coming - before), coming
        if coming - BEGIN > LOOKED_AT:
            break
    return longest.total_seconds()


def _extras(
    microservice: Microservice, by_module: Mapping[str, Any], jobs: Sequence[Job], shared: bool
) -> Iterator[str]:
    """Those that it imports, and `redis` where processes may share something."""
    yield from (extra for module, extra in EXTRAS.items() if module in by_module)
    if microservice.providers:
        yield "inject"
    if any(not isinstance(job.timing, Interval) for job in jobs):
        yield "scheduler"
    if shared:
        yield "redis"
    if microservice.from_code:
        yield "compiler"
    messages = [message for service in microservice.services for message in service.messages]
    kinds = {message.MESSAGE_CONTENT_TYPE.lower() for message in messages}
    yield from (extra for word, extra in ENCODINGS.items() if any(word in kind for kind in kinds))


def _module(integration: object) -> str:
    """`sqlalchemy` of `jararaca.integrations.sqlalchemy.database`, else the whole name."""
    name = type(integration).__module__
    parts = name.split(".")
    return parts[2] if parts[:2] == ["jararaca", "integrations"] else name


def _has_outbox(integration: Any) -> bool:
    return _module(integration) == "sqlalchemy" and bool(integration.outbox)


def _port(integration: Any) -> int | None:
    return int(integration.port) if integration is not None and integration.port else None


def _account(rights: Permissions) -> AccountFacts:
    return AccountFacts(
        configure=rights.configure, write=rights.write, read=rights.read, topics=rights.topics
    )
