"""Dead letters can be looked at, chosen, replayed and purged, and none gets lost on the way."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest
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
from jararaca.contract.topology import dead_letter_queue
from jararaca.errors import ReplayStoppedError
from jararaca.handlers.outcome import Handled
from jararaca.operations import dead_letters
from jararaca.operations.dead_letter import DeadLetter
from jararaca.operations.dead_letters import Watch
from jararaca.transport import Properties, Publication, Transport

from tests.conformance.conftest import Bench, Inbox, message
from tests.support.services import service_of

COUNT = 5


class Parcel(Message):
    MESSAGE_TOPIC = "parcel"
    MESSAGE_TYPE = "task"
    number: int


@MessageBusController()
class Parcels:
    @MessageHandler(Parcel, retry=RetryPolicy(max_retries=0))
    async def send(self, message: MessageOf[Parcel]) -> None:
        raise ValueError(f"no stamp on {message.payload().number}")


@pytest.fixture
async def failed(bench: Bench) -> AsyncIterator[Transport]:
    """A connection to a broker where some parcels were given up."""
    told = asyncio.Semaphore(0)

    def listen(_: Handled) -> None:
        told.release()

    row = route(
        operation="send",
        queue=bench.name,
        binding_keys=(bench.key,),
        message=Parcel,
        controller=Parcels,
        handler=Parcels.send,
    )
    transport = await bench.connect()
    worker = Worker(Microservice(service_of(row)), transport, listener=listen)
    await worker.start()
    publisher = await bench.connect()
    await publisher.declare(bench.topology())
    for number in range(COUNT):
        properties = Properties(message_id=f"parcel-{number}", type="Parcel")
        body = Parcel(number=number).encode()
        await publisher.publish(message(bench.key, body, properties=properties))
    for _ in range(COUNT):
        await asyncio.wait_for(told.acquire(), 20)
    await worker.stop()
    yield publisher


async def found(
    bench: Bench,
    transport: Transport,
    expected: int,
    chosen: dead_letters.Filter = dead_letters.ALL,
) -> list[str | None]:
    """The ids of so many dead letters: a quorum queue takes back what was looked at in its time."""
    async with asyncio.timeout(20):
        while True:
            letters = await dead_letters.list_dead_letters(transport, bench.name, chosen)
            if len(letters) == expected:
                return [letter.message_id for letter in letters]
            await asyncio.sleep(0.05)


async def test_a_dead_letter_tells_what_happened(bench: Bench, failed: Transport) -> None:
    letter = (await dead_letters.list_dead_letters(failed, bench.name, limit=1))[0]
    assert letter.message_id == f"parcel-{letter.reason[-1]}"
    assert letter.queue == bench.name
    assert letter.topic == bench.key
    assert letter.name == "Parcel"
    assert letter.handler == "Parcels.send"
    assert letter.attempts == 1
    assert letter.reason.startswith("given up after 1 attempt: ValueError: no stamp on ")
    assert letter.error_type == "builtins.ValueError"
    assert "raise ValueError" in (letter.traceback or "")
    assert letter.first_failure is not None
    assert letter.dead_lettered_at is not None
    assert f'"message_id": "{letter.message_id}"' in letter.as_json()


async def test_looking_takes_nothing_away(bench: Bench, failed: Transport) -> None:
    for _ in range(3):
        ids = await found(bench, failed, COUNT)
        assert sorted(map(str, ids)) == [f"parcel-{number}" for number in range(COUNT)]
    async with asyncio.timeout(20):
        while await dead_letters.counts(failed, [bench.topology()]) != {bench.name: COUNT}:
            await asyncio.sleep(0.05)


async def test_a_filter_chooses(bench: Bench, failed: Transport) -> None:
    chosen = dead_letters.Filter(reason="STAMP ON 3")
    assert await found(bench, failed, 1, chosen) == ["parcel-3"]
    await found(bench, failed, COUNT)
    none = dead_letters.Filter(name="Letter")
    assert await dead_letters.list_dead_letters(failed, bench.name, none) == []


async def test_a_replayed_message_keeps_its_identity_and_starts_anew(
    bench: Bench, failed: Transport
) -> None:
    chosen = dead_letters.Filter(message_ids=("parcel-1", "parcel-2"))
    await found(bench, failed, COUNT)
    async with asyncio.timeout(20):
        while await failed.count(dead_letter_queue(bench.name)) < COUNT:
            await asyncio.sleep(0.05)
    seen: list[tuple[int, int]] = []
    told = await dead_letters.replay(
        failed, bench.name, chosen, progress=lambda n, total: seen.append((n, total))
    )
    assert told == 2
    assert seen == [(n, COUNT) for n in range(1, COUNT + 1)]
    inbox = Inbox(failed.ack)
    await failed.consume(bench.name, 1, inbox)
    back = [await inbox.next(), await inbox.next()]
    assert {each.properties.message_id for each in back} == {"parcel-1", "parcel-2"}
    assert {each.ours["x-jararaca-topic"] for each in back} == {bench.key}
    assert not any("x-jararaca-attempt" in each.headers for each in back)
    await found(bench, failed, COUNT - 2)


async def test_an_interrupted_replay_loses_nothing_and_may_be_repeated(
    bench: Bench, failed: Transport
) -> None:
    class Interrupting:
        """The same transport, which breaks in the middle."""

        def __init__(self) -> None:
            self.left = 2

        def __getattr__(self, name: str) -> object:
            return getattr(failed, name)

        async def publish(self, publication: Publication) -> None:
            if self.left == 0:
                raise asyncio.CancelledError
            self.left -= 1
            await failed.publish(publication)

    with pytest.raises(asyncio.CancelledError):
        await dead_letters.replay(Interrupting(), bench.name)  # type: ignore[arg-type]
    await found(bench, failed, COUNT - 2)
    done = 0
    async with asyncio.timeout(20):
        while done < COUNT - 2:
            done += await dead_letters.replay(failed, bench.name)
    inbox = Inbox(failed.ack)
    await failed.consume(bench.name, 1, inbox)
    ids = {(await inbox.next()).properties.message_id for _ in range(COUNT)}
    assert ids == {f"parcel-{number}" for number in range(COUNT)}


async def test_purging_deletes_what_was_chosen(bench: Bench, failed: Transport) -> None:
    await found(bench, failed, COUNT)
    async with asyncio.timeout(20):
        while not await dead_letters.purge(failed, bench.name, dead_letters.Filter(reason="on 4")):
            await asyncio.sleep(0.05)
    left = await found(bench, failed, 4)
    assert sorted(map(str, left)) == [f"parcel-{number}" for number in range(4)]


async def watched(
    bench: Bench, transport: Transport, newcomers: dict[str, str]
) -> tuple[list[str | None], str]:
    """Which letters were replayed, and why not more; after some, others are given up."""
    done: list[str | None] = []
    sending: list[asyncio.Task[None]] = []

    def told(letter: DeadLetter) -> None:
        done.append(letter.message_id)
        new = newcomers.get(letter.message_id or "")
        if new is not None:
            properties = Properties(message_id=new, type="Parcel")
            body = Publication(dead_letter_queue(bench.name), b"{}", "", properties, mandatory=True)
            sending.append(asyncio.create_task(transport.publish(body)))

    stopped = ""
    try:
        await dead_letters.replay(transport, bench.name, told=told, watch=Watch(1.0, 1.0))
    except ReplayStoppedError as error:
        stopped = str(error)
    await asyncio.gather(*sending)
    return done, stopped


async def test_replay_goes_on_when_another_message_is_given_up(
    bench: Bench, failed: Transport
) -> None:
    done, stopped = await watched(bench, failed, {"parcel-0": "another", "parcel-2": "a-third"})
    assert (done, stopped) == ([f"parcel-{number}" for number in range(COUNT)], "")
    assert set(await found(bench, failed, 2)) == {"another", "a-third"}


async def test_replay_stops_for_an_earlier_message_that_is_given_up_late(
    bench: Bench, failed: Transport
) -> None:
    done, stopped = await watched(bench, failed, {"parcel-0": "another", "parcel-2": "parcel-1"})
    assert done == ["parcel-0", "parcel-1", "parcel-2"]
    assert stopped.startswith("stopped after 3 replayed: parcel-1 is among the dead letters of")
    left = await found(bench, failed, 4)
    assert sorted(map(str, left)) == ["another", "parcel-1", "parcel-3", "parcel-4"]


async def test_replay_looks_on_after_the_last_message(bench: Bench, failed: Transport) -> None:
    """Its retries may take longer than one looks after each."""
    properties = Properties(message_id="parcel-1", type="Parcel")
    again = Publication(dead_letter_queue(bench.name), b"{}", "", properties, mandatory=True)

    def told(letter: DeadLetter) -> None:
        if letter.message_id == f"parcel-{COUNT - 1}":
            giving_up.append(asyncio.create_task(given_up()))

    async def given_up() -> None:
        await asyncio.sleep(0.3)
        await failed.publish(again)

    giving_up: list[asyncio.Task[None]] = []
    with pytest.raises(ReplayStoppedError, match=f"stopped after {COUNT} replayed: parcel-1 is"):
        await dead_letters.replay(failed, bench.name, told=told, watch=Watch(0.0, 60.0))
    await asyncio.gather(*giving_up)
