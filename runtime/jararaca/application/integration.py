"""What stands around the bus: the base of the database, WebSockets, telemetry and their like."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from typing import Any

from jararaca.application.host import Host
from jararaca.application.progress import Offsets
from jararaca.application.unit_of_work import Work
from jararaca.handlers.outcome import Listener


@dataclass(frozen=True, slots=True)
class Measure:
    """A number of now, as metrics have it: `jararaca_outbox_messages{state="parked"}`."""

    name: str
    about: str
    value: float
    labels: Mapping[str, str] = field(default_factory=dict)


class Integration:
    """Takes part in an application: starts and stops with it, and surrounds each unit of work.

    `listener` is told what became of each delivery. `record` says where handled ids are kept by an
    integration that keeps them in the work's own transaction: it looks `Work.once` up when it is
    entered, raises HandledBeforeError for one that it knows, and records it at the commit.
    `offsets` are those of streams, where it keeps them in the work's own transaction.
    `providers` are dishka's, for what controllers and endpoints may ask for; they are looked at
    only where dishka is installed or needed, so that they may be a property that imports it.
    `observes` is for what only looks at a process: it surrounds the others, wherever it is listed,
    and runs in that of `jararaca outbox relay` too.
    """

    observes: bool = False
    listener: Listener | None = None
    record: str | None = None
    offsets: Offsets | None = None
    providers: Sequence[Any] = ()

    async def start(self, host: Host) -> None:
        """Open what is needed, once the broker is connected."""

    async def stop(self) -> None:
        """Let go of it, after the last unit of work; called only where `start` succeeded."""

    def around(self, work: Work) -> AbstractAsyncContextManager[Any] | None:
        """What surrounds a unit of work; None leaves it alone."""
        return None

    async def idle(self) -> bool:
        """Whether nothing that was committed is still on its way; the testing kit waits for it."""
        return True

    async def measured(self) -> Sequence[Measure]:
        """Numbers of its own, asked for at each scrape of metrics."""
        return ()

    async def unready(self) -> str | None:
        """Why no work should come now (`the database does not answer`); None where all is well.

        Asked by readiness probes, every few seconds; they wait a second for the answer.
        """
        return None
