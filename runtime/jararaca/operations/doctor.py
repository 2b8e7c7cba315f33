"""What `jararaca doctor` looks at: each check is a finding, with the next step where it has one."""

from __future__ import annotations

import asyncio
import platform
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import suppress
from dataclasses import asdict, dataclass
from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING, Literal
from uuid import uuid4

from jararaca_shared import distribution, open_files

from jararaca.application.loading import load_application
from jararaca.application.microservice import Microservice
from jararaca.contract.topology import DEAD_LETTER_SUFFIX, Queue, Topology
from jararaca.errors import (
    AccessRefusedError,
    BackendError,
    BrokerUnreachableError,
    ConfigurationError,
    JararacaError,
    NoApplicationError,
)
from jararaca.handlers.decorators import spec_of
from jararaca.handling.idempotency.backends import handled_messages_for
from jararaca.messagebus.default_exchange import check_default_exchange
from jararaca.operations.dead_letters import parked
from jararaca.operations.letter_places import older_places
from jararaca.routing.declarations import topology_of
from jararaca.transport import Transport
from jararaca.transport.connect import transport_for
from jararaca.transport.url import safe_url

if TYPE_CHECKING:
    from jararaca.integrations.sqlalchemy.inspection import DatabaseState

State = Literal["good", "warn", "bad"]
EXTRAS = {
    "compiler": "jinja2",
    "avro": "fastavro",
    "protobuf": "protobuf",
    "export": "datamodel-code-generator",
    "discover": "ruamel.yaml",
    "s3": "s3fs",
    "schema": "jsonschema-rs",
    "redis": "redis",
    "inject": "dishka",
    "fastapi": "fastapi",
    "reload": "watchfiles",
    "sqlalchemy": "sqlalchemy",
    "uvloop": "uvloop",
    "testing": "polyfactory",
    "websockets": "websockets",
    "scheduler": "cronsim",
    "otel": "opentelemetry-api",
    "prometheus": "prometheus-client",
}
"""Each optional part, and the distribution that tells whether it is there."""
CODEGEN_SECONDS = 60


@dataclass(frozen=True, slots=True)
class Finding:
    """One line: what was looked at, how it stands, and what to do where it is not well."""

    state: State
    what: str
    found: str
    remedy: str = ""

    def record(self) -> dict[str, str]:
        """The same for JSON."""
        return asdict(self)


async def checkup(app: str | None, broker_url: str, backend_url: str | None) -> list[Finding]:
    """All findings, in the order in which one stands on the other."""
    findings = [python(), *installation(), *extras()]
    microservice, found = application(app)
    findings += found
    if microservice is not None:
        findings.append(await generated(microservice))
        findings += [finding async for finding in databases(microservice)]
    findings += [finding async for finding in broker(broker_url, microservice)]
    if backend_url:
        findings.append(await backend(backend_url))
    return findings


def python() -> Finding:
    """The interpreter and our own version; what is too old could not run this."""
    found = f"{platform.python_version()}, jararaca {distribution.VERSION}"
    return Finding("good", "python", found)


def installation() -> Iterator[Finding]:
    """Whether another distribution has overwritten files of ours."""
    other = distribution.other_distribution()
    if other is not None:
        found = f"another distribution, jararaca {other}, is mixed with {distribution.NAME}"
        yield Finding("bad", "installation", found, distribution.remedy())


def extras() -> Iterator[Finding]:
    """Which optional parts are installed."""
    there = [extra for extra, each in EXTRAS.items() if _version(each)]
    missing = [extra for extra in EXTRAS if extra not in there]
    found = ", ".join(there) or "none"
    yield Finding("good", "extras", found + (f" (not: {', '.join(missing)})" if missing else ""))


def application(app: str | None) -> tuple[Microservice | None, list[Finding]]:
    """Whether the application can be loaded, and whether all of its handlers are written."""
    try:
        microservice = load_application(app)
    except ConfigurationError as error:
        begin = "jararaca codegen compiles services; jararaca init creates a project"
        remedy = begin if isinstance(error, NoApplicationError) else ""
        return None, [Finding("bad", "application", str(error), remedy)]
    methods = {(route.controller, route.handler) for route in microservice.routes}
    specs = (spec_of(route.handler) for route in microservice.routes)
    stubs = dict.fromkeys(spec.name for spec in specs if spec.stub)
    services = ", ".join(f"{each.name} {each.version}" for each in microservice.services)
    handlers = "1 handler" if len(methods) == 1 else f"{len(methods)} handlers"
    found = [Finding("good", "application", f"{services}: {handlers}")]
    if stubs:
        remedy = "write them and delete @stub; until then, their messages are not consumed"
        found.append(Finding("warn", "handlers", f"stubs: {', '.join(stubs)}", remedy))
    return microservice, found


async def generated(microservice: Microservice) -> Finding:
    """Whether the generated code is what the documents compile to."""
    if microservice.services == microservice.from_code:
        return Finding("good", "generated code", "none: the controllers are compiled at start")
    if not _version("jinja2"):
        return Finding("good", "generated code", "not checked: the compiler is not installed here")
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "jararaca.cli", "codegen", "--check"),
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.PIPE,
    )
    try:
        _, errors = await asyncio.wait_for(process.communicate(), CODEGEN_SECONDS)
    except TimeoutError:
        process.kill()
        await process.wait()
        return Finding("warn", "generated code", f"still unknown after {CODEGEN_SECONDS} s")
    if process.returncode == 0:
        return Finding("good", "generated code", "up to date")
    lines = errors.decode(errors="replace").strip().splitlines()
    if process.returncode == 1:
        return Finding("bad", "generated code", "stale", "jararaca codegen")
    return Finding("warn", "generated code", lines[-1] if lines else "cannot be checked")


async def databases(microservice: Microservice) -> AsyncIterator[Finding]:
    """Whether the application's databases answer, and how their outbox stands."""
    if not _version("sqlalchemy"):
        return
    from jararaca.integrations.sqlalchemy import Database
    from jararaca.integrations.sqlalchemy.inspection import inspect_database

    for database in microservice.integrations:
        if isinstance(database, Database):
            for finding in _of_database(await inspect_database(database)):
                yield finding


def _of_database(found: DatabaseState) -> Iterator[Finding]:
    if found.unreached:
        yield Finding("bad", "database", found.unreached, "start it, or correct the URL")
        return
    if found.is_new:
        yield Finding("good", "database", f"{found.url}: its file is created at the first start")
        return
    yield Finding("good", "database", found.url)
    if found.missing:
        remedy = "run the SQL of `jararaca outbox ddl`, unless create_tables creates them at start"
        yield Finding("warn", "outbox", f"no table {' and no '.join(found.missing)}", remedy)
    elif found.outbox is not None:
        waiting = f"{found.outbox.waiting} waiting, {found.outbox.parked} parked"
        is_stuck = found.outbox.parked or found.outbox.refused
        state: State = "warn" if is_stuck else "good"
        yield Finding(state, "outbox", waiting, "jararaca outbox status" if is_stuck else "")


async def broker(broker_url: str, microservice: Microservice | None) -> AsyncIterator[Finding]:
    """Whether the broker is there, what this account may do, and how its topology stands."""
    try:
        transport = transport_for(broker_url)
        await transport.connect()
    except BrokerUnreachableError as error:
        start = "start it, or set BROKER_URL: docker run -d -p 5672:5672 rabbitmq:4"
        yield Finding("bad", "broker", str(error), start if _nobody_listens(error) else "")
        return
    except JararacaError as error:
        yield Finding("bad", "broker", str(error))
        return
    try:
        yield Finding("good", "broker", safe_url(broker_url))
        yield await rights(transport)
        yield await publishing(transport)
        if microservice is not None:
            yield await topology(transport, microservice)
            yield files(microservice)
            async for finding in dead_letters(transport, microservice):
                yield finding
    finally:
        await transport.close()


def _nobody_listens(error: BaseException | None) -> bool:
    while error is not None and not isinstance(error, ConnectionRefusedError):
        error = error.__cause__
    return error is not None


async def rights(transport: Transport) -> Finding:
    """Whether the account may declare: tried with a queue that goes away by itself."""
    name = f"jararaca.doctor.{uuid4().hex}"
    # Exclusive: RabbitMQ refuses other transient queues from 4.3 on.
    arguments = {"x-queue-type": "classic", "x-expires": 1000}
    trial = Queue(name, durable=False, exclusive=True, arguments=arguments)
    try:
        await transport.declare(Topology(queues=(trial,)))
    except AccessRefusedError:
        remedy = "run `jararaca topology apply` with another account, then `worker --no-declare`"
        return Finding("warn", "permissions", "this account may not declare queues", remedy)
    except JararacaError as error:
        return Finding("bad", "permissions", str(error))
    return Finding("good", "permissions", "this account may declare the topology")


async def publishing(transport: Transport) -> Finding:
    """Whether publications go out: a broker under an alarm takes connections all the same."""
    try:
        # The first publication of a connection is what RabbitMQ blocks it after.
        if await check_default_exchange(transport) and await check_default_exchange(transport):
            return Finding("good", "publishing", "the broker takes publications")
    except JararacaError as error:
        return Finding("warn", "publishing", str(error))
    if transport.sends:
        return Finding("bad", "publishing", "no confirm came in time: the broker's log tells more")
    remedy = "`rabbitmq-diagnostics alarms` names it: free memory or disk, or raise the limit"
    blocked = "the broker blocks publishers (memory or disk alarm)"
    return Finding("bad", "publishing", blocked, remedy)


async def topology(transport: Transport, microservice: Microservice) -> Finding:
    """How the exchanges and queues of the documents stand on the broker."""
    try:
        found = [
            each
            for service in microservice.services
            for each in await transport.inspect(topology_of(service))
        ]
    except JararacaError as error:
        return Finding("warn", "topology", str(error))
    different = [each.name for each in found if each.state == "different"]
    missing = sum(each.state == "missing" for each in found)
    if different:
        remedy = "`jararaca topology plan` shows the differences and what to do"
        return Finding("bad", "topology", f"different: {', '.join(different)}", remedy)
    older = sum(each.state in ("older", "left") for each in found)
    if older and not missing:
        remedy = "they work; `jararaca topology plan` shows the way over"
        what = f"queues from before the service's dead letters shared one: {older}"
        return Finding("warn", "topology", what, remedy)
    if missing:
        remedy = "the worker declares them at start; or run `jararaca topology apply`"
        return Finding(
            "warn", "topology", f"missing exchanges and queues: {missing} of {len(found)}", remedy
        )
    if any(each.detail for each in found):
        told = f"exchanges and queues that are there: {len(found)} (arguments not compared)"
        return Finding("good", "topology", told)
    return Finding("good", "topology", f"exchanges and queues as compiled: {len(found)}")


def files(microservice: Microservice) -> Finding:
    """What the queues cost the broker; AMQP does not tell its limit."""
    queues = open_files.quorum_queues(topology_of(each) for each in microservice.services)
    if open_files.is_tight(queues):
        return Finding("warn", "open files", open_files.told(queues), open_files.REMEDY)
    return Finding("good", "open files", open_files.told(queues))


async def dead_letters(transport: Transport, microservice: Microservice) -> AsyncIterator[Finding]:
    """How many messages were given up and wait for somebody to look at them."""
    waiting = {}
    names = {
        name
        for service in microservice.services
        for name in (
            *(service.topology.dead_letters_of(route.queue) for route in service.routes),
            *older_places(service.topology),
        )
    }
    for name in sorted(names):
        try:
            waiting[name.removesuffix(DEAD_LETTER_SUFFIX)] = await transport.count(name)
        except JararacaError:
            continue
    with suppress(JararacaError):
        waiting |= await parked(transport)
    full = [f"{queue} {number}" for queue, number in waiting.items() if number]
    if full:
        yield Finding("warn", "dead letters", ", ".join(full), "jararaca dead-letters list")
    elif waiting:
        yield Finding("good", "dead letters", "none")


async def backend(backend_url: str) -> Finding:
    """Whether the backend answers."""
    try:
        record = handled_messages_for(backend_url)
        try:
            await record.was_handled("jararaca.doctor")
        finally:
            await record.close()
    except BackendError as error:
        return Finding("bad", "backend", str(error), "start it, or correct BACKEND_URL")
    except JararacaError as error:
        return Finding("bad", "backend", str(error))
    return Finding("good", "backend", safe_url(backend_url))


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return ""
