"""Handing a publication to the transport, and telling who waits for what became of it."""

from __future__ import annotations

from collections.abc import Awaitable

from jararaca.transport import Publication, Transport


class NotSentError(Exception):
    """What a publication is told that nobody sends: the work that it was part of has failed."""


def send(transport: Transport, publication: Publication) -> Awaitable[None]:
    """Publish it; `Publication.told` hears of the confirm, or of what went wrong."""
    if publication.told is None:
        return transport.publish(publication)
    return _send_and_tell(transport, publication)


async def _send_and_tell(transport: Transport, publication: Publication) -> None:
    assert publication.told is not None
    try:
        await transport.publish(publication)
    except BaseException as error:
        publication.told(error)
        raise
    publication.told(None)
