"""A worker's part in streams: handlers that read one, and new queues that are filled from one."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any

from jararaca.application.host import Host
from jararaca.handling.bound_handler import BoundHandler
from jararaca.handling.middlewares.ordering import Pause
from jararaca.messagebus.blame.quarantine import Quarantine
from jararaca.messagebus.streams.bootstrap import Bootstrap
from jararaca.messagebus.streams.reader import StreamReader
from jararaca.messagebus.streams.readers import of_streams, offsets_for
from jararaca.messagebus.worker.pipelines import Pipelines
from jararaca.printable import logger_named
from jararaca.transport import Transport

logger = logger_named("jararaca.worker")

Queues = Mapping[str, Sequence[BoundHandler]]


class WorkerStreams:
    """Reads what handlers with `stream=` take, and fills the queues of those with `bootstrap=`.

    `running` has the tasks of all the worker's deliveries.
    """

    def __init__(
        self,
        transport: Transport,
        host: Host,
        pipelines: Pipelines,
        quarantine: Quarantine,
        running: set[asyncio.Task[Any]],
        prefetch: int,
        pause: Pause,
    ) -> None:
        self._transport = transport
        self._host = host
        self._pipelines = pipelines
        self._quarantine = quarantine
        self._running = running
        self._prefetch = prefetch
        self._pause = pause
        self._readers: list[StreamReader] = []
        self._bootstraps: list[Bootstrap] = []

    @property
    def waiting(self) -> set[asyncio.Task[Any] | None]:
        """The tasks of messages that wait for those before them."""
        return set().union(*(reader.waiting for reader in self._readers))

    async def start(self, queues: Queues) -> None:
        """Begin, beside the queues that replays come to."""
        await self._read(queues)
        asking = [rows for rows in queues.values() if rows[0].spec.bootstrap is not None]
        self._bootstraps += [Bootstrap(self._transport, rows) for rows in asking]
        await asyncio.gather(*(each.start() for each in self._bootstraps))

    async def stop_filling(self) -> None:
        """Send queues nothing further of what was before; the next worker goes on."""
        await asyncio.gather(*(each.close() for each in self._bootstraps))

    async def close(self) -> None:
        """Store how far each stream was read, once nothing runs, and leave the line."""
        await asyncio.gather(*(reader.close() for reader in self._readers))

    async def _read(self, queues: Queues) -> None:
        streamed = of_streams(queues, self._host)
        offsets = offsets_for(self._host) if streamed else None
        begun = []
        for queue, rows in streamed.items():
            reader = StreamReader(
                self._transport,
                self._host,
                rows,
                offsets,
                self._running,
                self._prefetch,
                self._pause,
                self._quarantine,
            )
            self._readers.append(reader)
            logger.info(
                "%s reads %s: its offset is stored in %s",
                rows[0].name,
                reader.stream,
                reader.offsets.place,
            )
            begun.append(reader.start(self._pipelines.of_reading(queue, rows, reader.reading)))
        await asyncio.gather(*begun)
