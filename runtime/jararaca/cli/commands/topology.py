"""`jararaca topology`: what the documents ask of a broker."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from jararaca.cli.console import count, paint, say, say_json, table
from jararaca.cli.help import LOOK, examples, sub_application
from jararaca.cli.options import DEFAULT_BROKER_URL, AppArgument, AppOption, BrokerUrl, Json
from jararaca.printable import json_line

if TYPE_CHECKING:
    from collections.abc import Sequence

    from jararaca.application.microservice import Microservice
    from jararaca.operations.repartitioning import Repartitioning
    from jararaca.transport import Finding

PLAN_EPILOG = examples("jararaca topology plan shop.app:app", "jararaca topology plan --json")
EXPORT_EPILOG = examples(
    "jararaca topology export shop.app:app > topology.json",
    "rabbitmqctl import_definitions topology.json",
)

PERMISSIONS_EPILOG = examples(
    "jararaca topology permissions shop", "jararaca topology permissions shop --for running --json"
)

VirtualHost = Annotated[str, typer.Option(metavar="NAME", help="The virtual host.")]


def register(app: typer.Typer) -> None:
    """Add the group of commands."""
    group = sub_application("Compare, declare or export exchanges and queues.")
    group.command(epilog=PLAN_EPILOG)(plan)
    group.command(epilog=examples("jararaca topology apply shop.app:app"))(apply)
    group.command(epilog=EXPORT_EPILOG)(export)
    group.command(epilog=PERMISSIONS_EPILOG)(permissions)
    app.add_typer(group, name="topology", rich_help_panel=LOOK)


def plan(
    app: AppArgument = None, broker_url: BrokerUrl = DEFAULT_BROKER_URL, as_json: Json = False
) -> None:
    """Show what is missing or different on the broker.

    Changes nothing. A queue whose partitions are others on the broker is told with the way over.
    The last line shows how many open files the broker needs for the queues.

    Exit status: 1 if an exchange or a queue is missing or different; 0 otherwise. An account
    without the `configure` permission sees less, and gets a note about it.
    """
    import asyncio

    from jararaca.application.loading import load_application

    microservice = load_application(app)
    findings = asyncio.run(_inspect(microservice, broker_url))
    say(_as_json(findings) if as_json else f"{_report(findings)}\n{_cost(microservice)}")
    raise typer.Exit(int(any(each.state not in ("same", "unknown") for each in findings)))


def apply(app: AppArgument = None, broker_url: BrokerUrl = DEFAULT_BROKER_URL) -> None:
    """Declare what is missing on the broker.

    Declares exchanges, queues, dead-letter and delay queues, and bindings. Deletes nothing but
    partitions of another count, once all of them are empty and nobody consumes them.

    Exit status: 1 if one of them already exists with different arguments, or partitions that have
    to change are in use. `jararaca topology plan` shows which.
    """
    import asyncio

    from jararaca.application.loading import load_application

    findings = asyncio.run(_declare(load_application(app), broker_url))
    queues = sum(each.kind == "queue" for each in findings)
    exchanges = count(len(findings) - queues, "exchange")
    say(f"{paint('declared', 'good')}: {exchanges}, {count(queues, 'queue')} and their bindings")


def export(
    app: AppArgument = None,
    exchange: Annotated[
        str | None, typer.Option(metavar="NAME", help="The name of the services' exchange.")
    ] = None,
    vhost: VirtualHost = "/",
) -> None:
    """Print definitions for `rabbitmqctl import_definitions`.

    They contain all that `topology apply` declares, also what delayed messages need.
    """

    from jararaca.application.loading import load_application
    from jararaca.operations.facts import definitions_of
    from jararaca.routing.declarations import topology_of

    topologies = [topology_of(service) for service in load_application(app).services]
    if exchange:
        topologies = [each.with_shared_exchange(exchange) for each in topologies]
    say_json(definitions_of(topologies, vhost))


def permissions(
    user: Annotated[str, typer.Argument(metavar="USER", help="The account on the broker.")],
    app: AppOption = None,
    purpose: Annotated[
        str | None,
        typer.Option("--for", metavar="deploying|running", help="Only these. Default: both."),
    ] = None,
    vhost: VirtualHost = "/",
    as_json: Json = False,
) -> None:
    """Print the rabbitmqctl calls for an account's rights.

    Deploying is `topology apply`. Running is `worker --no-declare`, and publishing beside it.
    """
    from dataclasses import asdict

    from jararaca.application.loading import load_application
    from jararaca.errors import ConfigurationError
    from jararaca.operations.permissions import deploying, running
    from jararaca.routing.declarations import topology_of

    if purpose not in (None, "deploying", "running"):
        raise ConfigurationError(f"--for is deploying or running, not {purpose!r}")
    services = load_application(app).services
    topologies = [topology_of(service) for service in services]
    both = (deploying(topologies), running(services, topologies))
    chosen = [each for each in both if purpose in (None, each.purpose)]
    if as_json:
        say_json([{"user": user, "vhost": vhost, **asdict(each)} for each in chosen])
        return
    for each in chosen:
        say(f"# {each.purpose}")
        for command in each.commands(user, vhost):
            say(command)


async def _inspect(microservice: Microservice, broker_url: str) -> list[Finding]:
    from jararaca.cli.connection import connected
    from jararaca.operations.repartitioning import repartitionings
    from jararaca.routing.declarations import topology_of

    async with connected(broker_url) as transport:
        found = []
        for service in microservice.services:
            topology = topology_of(service)
            findings = await transport.inspect(topology, provisioned=True)
            changing = await repartitionings(transport, topology)
            found.append(_with_partitions(findings, changing))
    # Services share their exchange, and the delays.
    return list({(each.kind, each.name): each for findings in found for each in findings}.values())


def _with_partitions(
    findings: Sequence[Finding], changing: Sequence[Repartitioning]
) -> tuple[Finding, ...]:
    """The findings, and instead of a changed queue's parts the way from the old to the new ones."""
    from dataclasses import replace

    told = {each.wanted.queue: each for each in changing}
    parts = {name for each in changing for name in (each.wanted.exchange, each.wanted.alternate)}
    parts |= {name for each in changing for name in each.wanted.names}
    return tuple(
        replace(each, state="different", detail=told[each.name].told) if each.name in told else each
        for each in findings
        if each.name not in parts
    )


async def _declare(microservice: Microservice, broker_url: str) -> list[Finding]:
    from jararaca.cli.connection import connected
    from jararaca.messagebus.streams.bootstrap import ask_for_history
    from jararaca.operations.repartitioning import switch
    from jararaca.routing.declarations import topology_of

    async with connected(broker_url) as transport:
        for service in microservice.services:
            topology = topology_of(service)
            for queue in await switch(transport, topology):
                say(f"{queue}: its old partitions were empty, and are deleted")
            await ask_for_history(transport, service)
            await transport.provision(topology)
    return await _inspect(microservice, broker_url)


def _cost(microservice: Microservice) -> str:
    from jararaca_shared import open_files

    from jararaca.routing.declarations import topology_of

    queues = open_files.quorum_queues(topology_of(each) for each in microservice.services)
    remedy = f": {open_files.REMEDY}" if open_files.is_tight(queues) else ""
    return f"{open_files.told(queues)}{remedy}"


def _as_json(findings: list[Finding]) -> str:
    from dataclasses import asdict

    return json_line([asdict(finding) for finding in findings], indent=2)


def _report(findings: list[Finding]) -> str:
    signs = {
        "missing": paint("+", "good"),
        "different": paint("!", "bad"),
        "older": paint("~", "warn"),
        "left": paint("~", "warn"),
        "unknown": "?",
    }
    changed = [each for each in findings if each.state != "same"]
    lines = [
        [
            signs[each.state],
            each.kind,
            each.name,
            each.detail or "missing: `topology apply` declares it",
        ]
        for each in changed
    ]
    same = f"exchanges and queues as compiled: {len(findings) - len(changed)} of {len(findings)}"
    unseen = sum(each.state == "same" and bool(each.detail) for each in findings)
    if unseen:
        same += (
            f"\n{unseen} of these are there, and that is all that an account without the right to "
            "configure can see"
        )
    return "\n".join([table(lines), same] if lines else [same])
