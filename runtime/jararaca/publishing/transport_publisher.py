"""What the publishers have in common: from a message to its publication, and requests."""

from __future__ import annotations

from jararaca.messages.message import MessagePublisher
from jararaca.publishing.publication import publication_of
from jararaca.publishing.requests import request
from jararaca.transport import Delivery, Publication, Transport


class TransportPublisher(MessagePublisher):
    """Publishes through a transport; the two kinds differ in when they send a publication.

    `app_id` is who publishes, as AMQP's property of that name tells it.
    """

    publication_of = staticmethod(publication_of)

    def __init__(self, transport: Transport, app_id: str | None = None) -> None:
        self._transport = transport
        self.app_id = app_id

    async def _answer(self, publication: Publication, timeout: float) -> Delivery:
        return await request(self._transport, publication, timeout)
