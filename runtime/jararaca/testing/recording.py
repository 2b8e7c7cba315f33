"""The application's connection in a test: it notes what is published, and takes all of it."""

from __future__ import annotations

from dataclasses import replace

from jararaca.contract import headers
from jararaca.transport import Publication
from jararaca.transport.memory import MemoryBroker, MemoryTransport


class RecordingTransport(MemoryTransport):
    """A memory transport that keeps the application's own publications.

    Not those that only move a delivery on, or answer a request: they go to a queue by name.
    """

    def __init__(self, broker: MemoryBroker) -> None:
        super().__init__(broker)
        self.published: list[Publication] = []

    async def publish(self, publication: Publication) -> None:
        """Publish; a task for another service has no queue here, and is taken all the same.

        A request is not: nobody would answer it.
        """
        if publication.exchange != "":
            self.published.append(publication)
            if publication.mandatory and not publication.headers.get(headers.REQUEST):
                publication = replace(publication, mandatory=False)
        await super().publish(publication)
