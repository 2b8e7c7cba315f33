"""A scheduler inside of a worker's process, where one of its own is too much."""

from __future__ import annotations

from jararaca.application.host import Host
from jararaca.application.integration import Integration
from jararaca.scheduling.clock import Clock
from jararaca.scheduling.scheduler import Scheduler


class EmbeddedScheduler(Integration):
    """Keeps the application's schedules beside its handlers: `integrations=[EmbeddedScheduler()]`.

    Where several workers run, they agree by their `--backend-url` on which of them does; without
    one, run a single worker. `clock` and `shutdown_timeout` are the Scheduler's.
    """

    def __init__(self, *, clock: Clock | None = None, shutdown_timeout: float = 30.0) -> None:
        self._clock = clock
        self._shutdown_timeout = shutdown_timeout
        self._scheduler: Scheduler | None = None

    async def start(self, host: Host) -> None:
        """Lead or wait to, once the application has started. Raises ConfigurationError."""
        self._scheduler = Scheduler(
            host.microservice,
            host.transport,
            backend_url=host.backend_url,
            clock=self._clock,
            shutdown_timeout=self._shutdown_timeout,
            host=host,
        )
        await self._scheduler.start()

    async def stop(self) -> None:
        """Let the runs in flight end."""
        if self._scheduler is not None:
            await self._scheduler.stop()
