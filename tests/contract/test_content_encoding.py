"""A body that a foreign publisher packs is unpacked, within bounds; else it is a dead letter."""

from __future__ import annotations

import gzip
import zlib

import pytest
from jararaca import Message, MessageHandler, MessageOf, Microservice, RetryPolicy
from jararaca.publishing.publication import MAX_BODY
from jararaca.testing import TestBus
from jararaca.transport import Properties, Publication

BODY = b'{"kind": "a", "name": "Ada"}'
SEEN: list[tuple[str, str | None]] = []
TRIES: list[int] = []


class Joined(Message):
    MESSAGE_TOPIC = "people.joined"
    MESSAGE_CORRELATION_ID = "$message.payload#/kind"
    name: str


class People:
    @MessageHandler(Joined, retry=RetryPolicy(max_retries=1))
    async def on_joined(self, message: MessageOf[Joined]) -> None:
        TRIES.append(message.attempt)
        if message.attempt == 1:
            raise ValueError("once more")
        SEEN.append((message.payload().name, message.correlation_id))


def raw_deflate(body: bytes) -> bytes:
    packer = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    return packer.compress(body) + packer.flush()


async def told(body: bytes, encoding: str) -> str | None:
    """Why the message is a dead letter; None where it was handled."""
    SEEN.clear()
    TRIES.clear()
    async with TestBus(Microservice(controllers=[People])) as bus:
        properties = Properties(type="Joined", content_encoding=encoding)
        await bus.send(Publication("people.joined", body, properties=properties))
        await bus.settle()
        await bus.advance(60)
        return bus.dead_letters[0].reason if bus.dead_letters else None


@pytest.mark.parametrize(
    ("body", "encoding"),
    [
        (gzip.compress(BODY), "gzip"),
        (gzip.compress(BODY[:5]) + gzip.compress(BODY[5:]), "GZIP"),
        (gzip.compress(BODY), "x-gzip"),
        (zlib.compress(BODY), "deflate"),
        (raw_deflate(BODY), "deflate"),
        (BODY, "utf-8"),
        (BODY, "identity"),
    ],
    ids=["gzip", "members", "x-gzip", "zlib", "raw", "charset", "identity"],
)
async def test_it_is_unpacked_and_a_retry_has_it_too(body: bytes, encoding: str) -> None:
    assert await told(body, encoding) is None
    assert (SEEN, TRIES) == ([("Ada", "a")], [1, 2])


@pytest.mark.parametrize(
    ("body", "encoding", "reason"),
    [
        (BODY, "gzip", "said to be gzip, and is not gzip"),
        (BODY, "deflate", "said to be deflate, and is not deflate"),
        (gzip.compress(BODY)[:-9], "gzip", "cut off"),
        (gzip.compress(BODY)[:-9], "deflate", "cut off"),
        (gzip.compress(b" " * (MAX_BODY + 1)), "gzip", "more than 16777216 bytes"),
        (gzip.compress(b" " * MAX_BODY) * 3, "gzip", "more than 16777216 bytes"),
        (b"\x8b\x02\x80{}\x03", "br", "its content_encoding is 'br'"),
    ],
    ids=["plain", "plain-deflate", "cut", "cut-deflate", "bomb", "bombs", "brotli"],
)
async def test_what_cannot_be_unpacked_is_a_dead_letter_that_says_why(
    body: bytes, encoding: str, reason: str
) -> None:
    assert reason in (await told(body, encoding) or "")
    assert not TRIES
