"""What strangers send to the small HTTP server and between processes: it harms nobody else."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from typing import Any

import pytest
from jararaca.integrations.websockets.frames import HEAD, Envelope
from jararaca.observability.http_server import MOST_BYTES, Answer, SmallServer

REQUESTS = (
    b"GET http://[ HTTP/1.1\r\n\r\n",
    b"GET //[::1 HTTP/1.1\r\n\r\n",
    b"\x00\xff\xfe\r\n\r\n",
    b"\r\n\r\n",
    b"GET\r\n\r\n",
    b"GET /live HTTP/1.1\r\n: \r\n:::\r\nno colon\r\n\r\n",
    b"GET /live HTTP/1.1\r\nX: " + b"x" * MOST_BYTES + b"\r\n\r\n",
    b"DELETE /live HTTP/1.1\r\n\r\n",
    b"GET /live",
)


async def answered(port: int, request: bytes) -> bytes:
    """All that the server says to a request, until it closes."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(request)
    writer.write_eof()
    try:
        return await asyncio.wait_for(reader.read(), 20)
    except ConnectionResetError:
        return b""
    finally:
        writer.close()


@pytest.mark.parametrize("request_", REQUESTS, ids=list(map(str, range(len(REQUESTS)))))
async def test_a_strange_request_is_refused_or_answered_and_the_next_one_is_answered(
    request_: bytes,
) -> None:
    failures: list[dict[str, Any]] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, failure: failures.append(failure))

    async def live(headers: Mapping[str, str]) -> Answer:
        return Answer(b"live\n")

    server = SmallServer({"/live": live}, "127.0.0.1", 0)
    await server.start()
    first = await answered(server.port, request_)
    assert first == b"" or first.startswith(b"HTTP/1.1 ")
    assert b"live" in await answered(server.port, b"GET /live?a=b HTTP/1.1\r\n\r\n")
    await server.stop()
    assert failures == []


DEEP = b"[" * 100_000 + b"]" * 100_000
HEADS = (
    DEEP,
    b'{"rooms": ' + DEEP + b"}",
    json.dumps({"rooms": [1], "text": True}).encode(),
    json.dumps({"rooms": {"a": 1}}).encode(),
    json.dumps([1]).encode(),
    b"9" * 10_000,
    b'{"rooms": null, "text": true}',
    b"",
)


@pytest.mark.parametrize("head", HEADS, ids=list(map(str, range(len(HEADS)))))
def test_an_envelope_of_a_neighbour_is_refused_with_one_kind_of_error(head: bytes) -> None:
    with pytest.raises(ValueError):
        Envelope.unpack(HEAD.pack(len(head)) + head + b"\xff\xfe")
    with pytest.raises(ValueError):
        Envelope.unpack(head[:3])
