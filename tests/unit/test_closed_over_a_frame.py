"""What precedes a connection's end over a frame is sent once: again, it would end the next one."""

from __future__ import annotations

import pytest
from jararaca import PublishNackedError
from jararaca.transport import Publication
from jararaca.transport.connect import transport_for
from jararaca.transport.url import TRANSPORTS
from pamqp import commands

from tests.support.amqp_server import amqp_server, closing


@pytest.mark.parametrize("transport", TRANSPORTS)
@pytest.mark.parametrize("code", [501, 502, 505, 541])
async def test_a_publication_that_ends_its_connection_is_not_sent_again(
    transport: str, code: int
) -> None:
    async with amqp_server() as server:
        server.on(commands.Basic.Publish, closing(code, "SCRIPTED"))
        sender = transport_for(server.url(transport))
        await sender.connect()
        with pytest.raises(PublishNackedError, match="not sent again"):
            await sender.publish(Publication("any", b"bad"))
        await sender.publish(Publication("any", b"afterwards"))
        await sender.close()
        assert [each.body for each in server.published] == [b"bad", b"afterwards"]


@pytest.mark.parametrize("transport", TRANSPORTS)
async def test_one_that_is_cut_off_for_another_reason_is_sent_again(transport: str) -> None:
    async with amqp_server() as server:
        server.on(commands.Basic.Publish, closing(320, "SCRIPTED"))
        sender = transport_for(server.url(transport))
        await sender.connect()
        await sender.publish(Publication("any", b"whole"))
        await sender.close()
        assert [each.body for each in server.published] == [b"whole", b"whole"]
