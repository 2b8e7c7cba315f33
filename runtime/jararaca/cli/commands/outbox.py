"""`jararaca outbox`: what waits in the database to be published, and who sends it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Annotated, Any, TypeVar

import typer
from jararaca_shared.printable import json_text

from jararaca.cli.console import count, paint, say, table
from jararaca.cli.help import LOOK, examples, sub_application
from jararaca.cli.options import DEFAULT_BROKER_URL, AppArgument, BrokerUrl, Json, id_option
from jararaca.errors import ConfigurationError

if TYPE_CHECKING:
    from jararaca.application.microservice import Microservice
    from jararaca.integrations.sqlalchemy import Database
    from jararaca.integrations.sqlalchemy.outbox.status import Status, Stuck

T = TypeVar("T")
HEADINGS = ("id", "message", "routing key", "tries", "state", "why")
LONGEST = 80


def register(app: typer.Typer) -> None:
    """Add the group of commands."""
    group = sub_application("Inspect, send or retry messages in the outbox.")
    group.command(epilog=examples("jararaca outbox status shop.app:app --json"))(status)
    group.command(epilog=examples("jararaca outbox relay shop.app:app"))(relay)
    group.command(
        epilog=examples("jararaca outbox requeue", "jararaca outbox requeue --id 42 --id 43")
    )(requeue)
    group.command(epilog=examples("jararaca outbox ddl --dialect postgresql > outbox.sql"))(ddl)
    app.add_typer(group, name="outbox", rich_help_panel=LOOK)


def status(app: AppArgument = None, as_json: Json = False) -> None:
    """Show how many messages are waiting, refused or parked.

    Parked messages are not retried until `jararaca outbox requeue`.

    Exit status: 0; 1 if any message is parked.
    """
    from jararaca.integrations.sqlalchemy.outbox import status as standing

    found = _on(app, lambda database: standing.status(database.engine))
    say(_as_json(found) if as_json else _report(found))
    raise typer.Exit(1 if found.parked else 0)


def relay(app: AppArgument = None, broker_url: BrokerUrl = DEFAULT_BROKER_URL) -> None:
    """Send messages from the outbox to the broker.

    For applications with Database(..., relay=False); others run their own relay. You can run
    several relays at the same time. The application's Health and Prometheus listen here too.
    """
    import asyncio

    from jararaca.observability.logs import start_logging

    start_logging()
    microservice = _application(app)
    asyncio.run(_relay(microservice, _outbox_of(microservice), broker_url))


def requeue(
    app: AppArgument = None,
    ids: Annotated[list[int] | None, id_option()] = None,
) -> None:
    """Retry messages that the broker refused.

    Retries them now, with a fresh count of attempts. Without --id, retries all of them.
    """
    from jararaca.integrations.sqlalchemy.outbox import status as standing

    done = _on(app, lambda database: standing.requeue(database.engine, tuple(ids or ())))
    say(f"{count(done, 'message')} will be retried")


def ddl(
    dialect: Annotated[
        str, typer.Option(metavar="NAME", help="The database: postgresql or sqlite.")
    ] = "postgresql",
) -> None:
    """Print the SQL that creates the outbox and inbox tables."""
    from jararaca.integrations.sqlalchemy import tables

    if dialect not in tables.DIALECTS:
        raise ConfigurationError(
            f"--dialect must be {' or '.join(tables.DIALECTS)}, got {dialect!r}"
        )
    say(tables.ddl(dialect).rstrip("\n"))


def _database(app: str | None) -> Database:
    return _outbox_of(_application(app))


def _application(app: str | None) -> Microservice:
    from jararaca.application.loading import load_application

    return load_application(app)


def _outbox_of(microservice: Microservice) -> Database:
    from jararaca.integrations.sqlalchemy import Database

    for each in microservice.integrations:
        if isinstance(each, Database) and each.outbox:
            return each
    raise ConfigurationError(
        f"{microservice.name} has no outbox: add one with "
        "Microservice(..., integrations=[Database(url, outbox=True)])"
    )


def _on(app: str | None, work: Callable[[Database], Awaitable[T]]) -> T:
    import asyncio

    from jararaca.integrations.sqlalchemy.engine import reaching

    database = _database(app)

    async def opened() -> T:
        async with database.opened(), reaching(database.engine):
            return await work(database)

    return asyncio.run(opened())


async def _relay(microservice: Microservice, database: Database, broker_url: str) -> None:
    """With the probes and metrics of the application, and without all else of it."""
    import asyncio
    import signal

    from jararaca.application.host import Host
    from jararaca.application.microservice import Microservice
    from jararaca.integrations.sqlalchemy.outbox.relay import Relay
    from jararaca.transport.connect import transport_for

    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    observing = [each for each in microservice.integrations if each.observes]
    alone = Microservice(name=microservice.name, integrations=[database, *observing])
    host = Host(alone, transport_for(broker_url))
    await host.start()
    sends = Relay(database.engine, host.transport)
    try:
        sends.start()
        say(f"{paint('ready', 'good')}: sending committed messages")
        await stop.wait()
        host.stopping.set()
        await sends.stop()
    finally:
        await host.stop()
    say("stopped")


def _as_json(found: Status) -> str:
    from dataclasses import asdict

    def plain(value: Any) -> str:
        return str(value.isoformat())

    return json_text(asdict(found), default=plain, indent=2)


def _report(found: Status) -> str:
    oldest = f" (the oldest for {found.oldest_seconds:g} s)" if found.waiting else ""
    facts = [
        [paint("waiting", "dim"), f"{found.waiting}{oldest}"],
        [paint("refused", "dim"), f"{found.refused}{', tried again' if found.refused else ''}"],
        [paint("parked", "dim"), paint(str(found.parked), "bad" if found.parked else "")],
    ]
    lines = [table(facts)]
    if found.stuck:
        lines += ["", table([_cells(each) for each in found.stuck], HEADINGS)]
    return "\n".join(lines)


def _cells(stuck: Stuck) -> list[str]:
    why = stuck.error if len(stuck.error) <= LONGEST else stuck.error[: LONGEST - 1] + "…"
    state = paint("parked", "bad") if stuck.parked else paint("refused", "warn")
    name = stuck.name or "-"
    return [str(stuck.id), name, stuck.routing_key, str(stuck.attempts), state, why]
