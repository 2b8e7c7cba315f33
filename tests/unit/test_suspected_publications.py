"""Publications over one of which the channel was closed go one at a time, beside the others."""

from __future__ import annotations

import asyncio
from typing import Any, cast

import pytest
from aiormq.exceptions import ChannelClosed, ChannelPreconditionFailed
from jararaca.errors import PublishNackedError
from jararaca.transport import Publication
from jararaca.transport.amqp.sender import Lost, Sender


class Beside(Sender):
    """A sender whose broker closes the channel over some; it notes what happens."""

    opened: list[Beside]
    closed = False

    def __init__(self, link: Any, deadline: float) -> None:
        super().__init__(link, deadline)
        link.append(self)
        self.sent: list[str] = []
        self.at_once = self.most = 0

    async def _once(self, publication: Publication, exchange: str) -> None:
        self.at_once += 1
        self.most = max(self.most, self.at_once)
        await asyncio.sleep(0)
        self.at_once -= 1
        if publication.routing_key == "culprit":
            raise Lost from ChannelPreconditionFailed("406", "invalid message")
        if publication.routing_key == "cut":
            raise Lost from ConnectionError("gone")
        self.sent.append(publication.routing_key)

    async def close(self) -> None:
        self.closed = True


async def test_the_culprit_alone_is_refused_and_the_channel_beside_is_closed_at_the_end() -> None:
    senders: list[Beside] = []
    sender = Beside(cast(Any, senders), 1)
    keys = ["a", "culprit", "b", "cut", "c"]
    told = await asyncio.gather(
        *(sender._alone(Publication(key, b""), "") for key in keys), return_exceptions=True
    )
    assert issubclass(ChannelPreconditionFailed, ChannelClosed)
    assert [type(each) for each in told] == [
        *(type(None), PublishNackedError, type(None), Lost, type(None))
    ]
    assert "the broker refused 'culprit': 406, invalid message" in str(told[1])
    [own, beside] = senders
    assert beside.sent == ["a", "b", "c"] and beside.most == 1 and own.sent == []
    assert beside.closed and sender._apart is None
    with pytest.raises(Lost):
        await sender._alone(Publication("cut", b""), "")
    assert len(senders) == 3 and senders[-1].closed
