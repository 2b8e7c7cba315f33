"""`jararaca top`: the queues while they run, refreshed in the terminal."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Any

import typer

from jararaca.cli.console import complain, say, say_json, table
from jararaca.cli.help import LOOK, examples
from jararaca.cli.on_broker import on_broker
from jararaca.cli.options import DEFAULT_BROKER_URL, AppArgument, BrokerUrl, Json, ManagementUrl
from jararaca.errors import BrokerError, ConfigurationError, ManagementError, QueueNotFoundError

if TYPE_CHECKING:
    from jararaca.contract.topology import Topology
    from jararaca.operations.management import QueueState
    from jararaca.operations.queue_view import QueueRow, QueueView

EPILOG = examples(
    "jararaca top",
    "jararaca top --once --json",
    "jararaca top --management-url http://broker:15672",
)
HEADINGS = (
    "queue",
    "consumers",
    "ready",
    "in flight",
    "in/s",
    "acked/s",
    "again/s",
    "dead letters",
)


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command(rich_help_panel=LOOK, epilog=EPILOG)(top)


def top(
    app: AppArgument = None,
    interval: Annotated[
        float, typer.Option(min=0.2, metavar="SECONDS", help="How often to look.")
    ] = 2.0,
    once: Annotated[bool, typer.Option("--once", help="Look once, and leave.")] = False,
    as_json: Json = False,
    broker_url: BrokerUrl = DEFAULT_BROKER_URL,
    management_url: ManagementUrl = None,
) -> None:
    """Watch queues, rates, consumers and dead letters.

    Asks RabbitMQ's management API about the queues of the application; without one, about all
    queues of the virtual host. Where there is no management API, AMQP still tells how many
    messages wait in the application's queues. A partitioned queue is one row: sums, and the fewest
    consumers that a partition has. --json prints one look, and leaves.
    """
    topologies = _topologies(app)

    def look() -> QueueView:
        return _look(topologies, broker_url, management_url)

    view = look()
    if as_json:
        say_json(_record(view))
    elif once:
        say(_text(view))
    else:
        _watch(view, look, interval)


def _topologies(app: str | None) -> list[Topology]:
    """Those of the application; none without one."""
    from jararaca.application.loading import load_application

    try:
        services = load_application(app).services
    except ConfigurationError:
        if app is not None:
            raise
        return []
    return [service.topology for service in services]


def _look(topologies: Sequence[Topology], broker_url: str, management_url: str | None) -> QueueView:
    from jararaca.operations.queue_view import together, view_of

    # Those of its dead letters included.
    wanted = frozenset(queue.name for each in topologies for queue in each.queues)
    states = _states(wanted, broker_url, management_url)
    partitioned = [queue for each in topologies for queue in each.partitioned]
    return view_of(together(states, partitioned), wanted)


def _states(
    wanted: frozenset[str], broker_url: str, management_url: str | None
) -> Sequence[QueueState]:
    from jararaca.operations.management import Management

    try:
        return Management.of(broker_url, management_url).queues()
    except ManagementError as error:
        if not wanted or management_url is not None:
            raise
        complain(f"{error}; so AMQP's numbers are all that is shown", label="note:")
        return on_broker(broker_url, lambda transport: _counted(transport, wanted))
    except ConfigurationError:
        return on_broker(broker_url, lambda transport: _counted(transport, wanted))


async def _counted(transport: Any, wanted: frozenset[str]) -> list[QueueState]:
    from jararaca.operations.management import QueueState

    found = []
    for name in sorted(wanted):
        try:
            found.append(QueueState(name, await transport.count(name)))
        except QueueNotFoundError:
            continue
    return found


def _watch(view: QueueView, look: Callable[[], QueueView], interval: float) -> None:
    """Until it is interrupted; while the broker is away, the last numbers stand."""
    from rich.live import Live

    from jararaca.cli.queue_screen import drawn

    told = ""
    try:
        with Live(screen=True, auto_refresh=False) as screen:
            while True:
                width, height = screen.console.size
                screen.update(drawn(view, width, height, told), refresh=True)
                time.sleep(interval)
                try:
                    view, told = look(), ""
                except (ManagementError, BrokerError) as error:
                    told = str(error)
    except KeyboardInterrupt:
        return


def _text(view: QueueView) -> str:
    if not view.rows:
        return "no queues"
    return f"{table([_cells(row) for row in view.rows], HEADINGS)}\n{_footer(view)}"


def _footer(view: QueueView) -> str:
    return f"waiting for their next try, or to be due: {view.delayed}"


def _cells(row: QueueRow) -> list[str]:
    state = row.state
    rates = (f"{rate:.1f}" for rate in (state.published, state.acked, state.redelivered))
    dead = "-" if row.dead is None else str(row.dead)
    return [
        state.name,
        str(state.consumers),
        str(state.ready),
        str(state.in_flight),
        *rates,
        dead,
    ]


def _record(view: QueueView) -> dict[str, Any]:
    rows = [{**asdict(row.state), "dead_letters": row.dead} for row in view.rows]
    return {"queues": rows, "delayed": view.delayed}
