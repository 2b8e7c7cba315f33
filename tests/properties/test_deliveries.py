"""The same random publications over memory, plain and fast: all three end alike.

Whatever stands in a message, its refusal, what its handler sees of it, each outcome and its dead
letter are the same. JARARACA_DELIVERIES=20000 tries so many.
"""

from __future__ import annotations

import asyncio
import os
import re
import struct
from collections import Counter
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import asdict, dataclass, field, replace
from typing import Any
from uuid import uuid4

import aiormq
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from jararaca import (
    Message,
    MessageBusController,
    MessageHandler,
    MessageOf,
    Microservice,
    RetryPolicy,
    Worker,
    route,
)
from jararaca.contract import headers
from jararaca.contract.topology import dead_letter_queue
from jararaca.handlers.outcome import Handled
from jararaca.transport import Delivery, Properties, Publication, Transport, provenance
from jararaca.transport.amqp.exact import Encoded
from jararaca.transport.amqp.fast.wire import content
from jararaca.transport.amqp.fast.wire.tables import decode_table, encode_table
from jararaca.transport.connect import transport_for
from jararaca.transport.memory import MemoryTransport
from jararaca.transport.memory.queue import Stored
from jararaca.transport.url import with_transport

from tests.properties import random_deliveries
from tests.properties.random_deliveries import Given
from tests.support.brokers import Broker
from tests.support.services import service_of

pytestmark = pytest.mark.broker
PATIENCE = 60
BATCH = 25
TRIED = int(os.environ.get("JARARACA_DELIVERIES", "100"))
MADE = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
NUMBERS = re.compile(r"\d+|0x[0-9a-f]+")
BODY = b'{"fails":false,"number":%d}'
NUMBER = "number"
"""The header by which a publication is found again."""
WHEN = (headers.DEAD_LETTERED_AT, headers.FIRST_FAILURE, headers.TRACEBACK)
"""What differs from one broker to another: clocks, and lines of code."""
LAST = ("handled", "dead-lettered", "foreign")
SOME = settings(
    max_examples=-(-TRIED // BATCH),
    deadline=None,
    phases=(Phase.explicit, Phase.generate),
    suppress_health_check=list(HealthCheck),
)


class Placed(Message):
    MESSAGE_TOPIC = "placed"
    fails: bool = True


class Cancelled(Message):
    MESSAGE_TOPIC = "cancelled"
    MESSAGE_TYPE = "task"
    fails: bool = True


@dataclass
class Side:
    """A worker over one transport, a stranger's connection beside it, and what was seen there."""

    name: str
    stranger: Transport
    seen: dict[int, list[Any]] = field(default_factory=dict)
    outcomes: Counter[str] = field(default_factory=Counter)

    def told(self, value: Any) -> Any:
        """What can be compared: names of this side's own are the same on all."""
        if isinstance(value, str):
            return value.replace(self.name, "SIDE")
        if isinstance(value, dict):
            return {self.told(name): self.told(value[name]) for name in sorted(value)}
        return [self.told(each) for each in value] if isinstance(value, list | tuple) else value

    def noted(self, delivery: Delivery, *more: Any) -> None:
        """What a handler sees of a delivery."""
        given = provenance.without_brokers(delivery.theirs)
        what = delivery.routing_key, self.properties_of(delivery), given, delivery.body, *more
        self.seen.setdefault(number_of(delivery), []).append(self.told(what))

    def properties_of(self, delivery: Delivery) -> dict[str, Any]:
        """A delivery's; of an id that was made for it, that there is one."""
        given = {name: shown(value) for name, value in asdict(delivery.properties).items()}
        is_made = MADE.fullmatch(given["message_id"] or "") is not None
        return {**given, "message_id": "made" if is_made else given["message_id"]}

    async def publish(self, number: int, given: Given) -> str:
        """As a stranger; what became of that."""
        key = {"topic": f"{self.name}.placed", "queue": self.name}.get(given.to)
        key = f"{self.name}.{given.to}" if key is None else key
        exchange = "" if given.to == "queue" else None
        publication = Publication(
            key,
            given.body,
            exchange,
            (
                replace(given.properties, message_id=f"bare-{number}")
                if given.bare
                else given.properties
            ),
            {} if given.bare else {**given.headers, NUMBER: number},
            delay=given.delay,
            terms=None if given.bare else given.terms,
        )
        if given.delay:
            # What an account delays it signs: of its own names it would be believed on a broker.
            publication = replace(publication, headers=provenance.theirs(publication.headers))
        try:
            await self.stranger.publish(publication)
        except Exception as error:
            return NUMBERS.sub("N", f"{type(error).__name__}: {error}")
        return "sent"

    async def letters(self) -> dict[int, list[Any]]:
        """What lies in the dead letters, each by its number."""
        found: dict[int, list[Any]] = {}
        while (letter := await self.stranger.fetch(dead_letter_queue(self.name))) is not None:
            given = provenance.without_brokers(letter.headers)
            for name in WHEN:
                given.pop(name, None)
            what = letter.body, self.properties_of(letter), given
            found.setdefault(number_of(letter), []).append(self.told(what))
            await self.stranger.ack(letter)
        return found

    async def ended(self, sent: Sequence[int]) -> dict[int, Any]:
        """What became of each of a batch, once all of them are settled."""
        async with asyncio.timeout(PATIENCE):
            while sum(self.outcomes[each] for each in LAST) < len(sent):
                await asyncio.sleep(0.01)
        letters = await self.letters()
        found = {number: (self.seen.get(number), letters.get(number)) for number in sent}
        self.seen.clear()
        return found


def shown(value: Any) -> Any:
    """A property as all transports show it: of octets that are no UTF-8 some tell but U+FFFD."""
    if not isinstance(value, str):
        return value
    return value.encode("utf-8", "surrogateescape").decode("utf-8", "replace")


def number_of(delivery: Delivery) -> int:
    """Which of a batch it is."""
    number = delivery.headers.get(NUMBER)
    return int((delivery.properties.message_id or "")[5:]) if number is None else int(number)


@asynccontextmanager
async def serving(url: str) -> AsyncIterator[Side]:
    side = Side(f"alike-{uuid4().hex[:8]}", transport_for(url))
    await side.stranger.connect()

    @MessageBusController()
    class Orders:
        @MessageHandler(Placed, retry=RetryPolicy(max_retries=1, initial_delay=0.1, jitter=0))
        async def placed(self, message: MessageOf[Placed]) -> None:
            await self.handle(message)

        @MessageHandler(Cancelled, requeue_on_exception=False)
        async def cancelled(self, message: MessageOf[Cancelled]) -> None:
            await self.handle(message)

        async def handle(self, message: MessageOf[Any]) -> None:
            side.noted(message.delivery, message.attempt, dict(message.parameters))
            if message.payload().fails:
                raise ValueError("as it was told to")

    def row(name: str, message: type[Message], *keys: str, **more: Any) -> Any:
        return route(
            operation=name,
            queue=side.name,
            binding_keys=tuple(f"{side.name}.{key}" for key in keys),
            message=message,
            controller=Orders,
            handler=getattr(Orders, name),
            others=("Other",),
            **more,
        )

    service = service_of(
        row("placed", Placed, "placed"),
        row("cancelled", Cancelled, "other.*", parameters=(("which", 2, "([0-9])"),)),
    )

    def listen(handled: Handled) -> None:
        side.outcomes[handled.outcome] += 1

    worker = Worker(Microservice(service), transport_for(url), listener=listen)
    await worker.start()
    try:
        yield side
    finally:
        await worker.stop()
        await side.stranger.close()


@pytest.fixture(scope="module")
def sides(scratch_broker: Broker) -> Iterator[tuple[asyncio.Runner, list[Side]]]:
    urls = [f"memory://{uuid4()}"]
    urls += [with_transport(scratch_broker.url, name) for name in ("plain", "fast")]
    with asyncio.Runner() as runner:
        stack = AsyncExitStack()

        async def start() -> list[Side]:
            return [await stack.enter_async_context(serving(url)) for url in urls]

        yield runner, runner.run(start())
        runner.run(stack.aclose())


async def batch(sides: Sequence[Side], publications: Sequence[Given]) -> None:
    """Publish the same on all sides, and compare what became of it."""

    async def on(side: Side) -> tuple[list[str], dict[int, Any], Counter[str]]:
        side.outcomes.clear()
        told = [side.publish(number, each) for number, each in enumerate(publications)]
        answers = await asyncio.gather(*told)
        routed = [
            number
            for number, answer in enumerate(answers)
            if answer == "sent" and publications[number].to not in ("nobody", "")
        ]
        return answers, await side.ended(routed), side.outcomes

    found = await asyncio.gather(*map(on, sides))
    for number, each in enumerate(publications):
        refusals, ends = zip(*((a[number], e.get(number)) for a, e, _ in found), strict=True)
        assert alike(*refusals), (each, *refusals)
        assert alike(*ends), "\n".join(map(repr, (each, *ends)))
    assert alike(*(sorted(counts.items()) for _, _, counts in found))


def alike(first: Any, *others: Any) -> bool:
    """Whether they are the same, and of the same types: `True` is not 1."""
    return all(repr(each) == repr(first) for each in others)


@SOME
@given(publications=st.lists(random_deliveries.given, min_size=BATCH, max_size=BATCH))
def test_whatever_is_published_ends_alike_over_every_transport(
    sides: tuple[asyncio.Runner, list[Side]], publications: list[Given]
) -> None:
    runner, those = sides
    runner.run(batch(those, publications))


async def raw_batch(url: str, sides: Sequence[Side], tables: Sequence[bytes]) -> None:
    """Headers as a stranger's client writes them, straight into the queues; compare what is seen.

    The memory broker gets what these bytes mean.
    """
    memory, *others = sides
    connection = await aiormq.connect(url)
    channel = await connection.channel()
    for side in sides:
        side.outcomes.clear()
    for number, table in enumerate(tables):
        marked = table + bytes((len(NUMBER),)) + NUMBER.encode() + struct.pack(">ci", b"I", number)
        found = decode_table(struct.pack(">I", len(marked)) + marked)
        properties = Properties(message_id="raw", type="Placed")
        for side in others:
            encoded = Encoded(message_id="raw")
            encoded.payload = content.write(properties, {NUMBER: 0}, 0).replace(
                encode_table({NUMBER: 0}), struct.pack(">I", len(marked)) + marked
            )
            await channel.basic_publish(
                BODY % number, exchange="", routing_key=side.name, properties=encoded
            )
        transport = memory.stranger
        assert isinstance(transport, MemoryTransport)
        stored = Stored(memory.name, "", BODY % number, properties, found)
        transport.broker.queue(memory.name).put(stored)
    ends = await asyncio.gather(*(side.ended(range(len(tables))) for side in sides))
    await connection.close()
    for number, table in enumerate(tables):
        assert alike(*(each[number] for each in ends)), "\n".join(
            map(repr, (table, *(each[number] for each in ends)))
        )


@SOME
@given(tables=st.lists(random_deliveries.wire_tables, min_size=BATCH, max_size=BATCH))
def test_headers_of_any_amqp_type_are_seen_alike_over_every_transport(
    sides: tuple[asyncio.Runner, list[Side]], scratch_broker: Broker, tables: list[bytes]
) -> None:
    runner, those = sides
    runner.run(raw_batch(scratch_broker.url, those, tables))
