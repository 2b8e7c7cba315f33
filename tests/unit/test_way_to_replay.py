"""A dead letter says which `jararaca replay` gives its handler what came since."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from jararaca import Message, MessageHandler, MessageOf, route
from jararaca.contract import headers
from jararaca.operations.dead_letter import DeadLetter
from jararaca.operations.replay.command import replay_command
from jararaca.transport import Delivery, Properties

from tests.support.services import service_of

PUBLISHED = datetime(2026, 11, 1, 12, 0, 7, tzinfo=UTC)
FAILED = PUBLISHED + timedelta(minutes=2)


class Placed(Message):
    MESSAGE_TOPIC = "shop.placed"


class One:
    @MessageHandler(Placed)
    async def take(self, message: MessageOf[Placed]) -> None: ...

    @MessageHandler(Placed, batch=2)
    async def take_some(self, messages: list[MessageOf[Placed]]) -> None: ...


class Other:
    @MessageHandler(Placed)
    async def take(self, message: MessageOf[Placed]) -> None: ...


def row(controller: Any, handler: Any, queue: str, stream: str | None = "placed.stream") -> Any:
    return route(
        operation=queue,
        queue=queue,
        binding_keys=("shop.placed",),
        message=Placed,
        controller=controller,
        handler=handler,
        stream=stream,
    )


def letter(queue: str, published: datetime | None = PUBLISHED) -> DeadLetter:
    told = {headers.FIRST_FAILURE: FAILED.isoformat()}
    properties = Properties(type="Placed", timestamp=published)
    return DeadLetter(
        Delivery(f"{queue}.dead-letters", queue, "", b"{}", properties, told, False, None)
    )


def since(told: str | None) -> datetime:
    assert told is not None
    return datetime.fromisoformat(told.split("--since ")[1].split()[0])


def test_it_begins_with_the_oldest_letter_and_names_the_handler() -> None:
    services = [service_of(row(One, One.take, "first"))]
    later = letter("first", PUBLISHED + timedelta(seconds=30))
    told = replay_command(services, [later, letter("first")])
    assert told is not None and told.startswith("jararaca replay take --since ")
    assert since(told) == PUBLISHED, "the letter itself is among them"
    assert since(replay_command(services, [letter("first", None)])) == FAILED


def test_a_name_that_several_handlers_have_is_told_with_its_controller() -> None:
    services = [service_of(row(One, One.take, "first"), row(Other, Other.take, "second"))]
    told = replay_command(services, [letter("second")])
    assert told is not None and told.startswith("jararaca replay Other.take --since ")


def test_a_handler_of_batches_is_replayed_with_what_it_publishes() -> None:
    told = replay_command([service_of(row(One, One.take_some, "some"))], [letter("some")])
    assert told is not None and told.endswith(" --publish")


def test_there_is_none_without_a_stream_and_for_several_handlers() -> None:
    both = row(One, One.take, "first"), row(One, One.take_some, "some")
    assert replay_command([service_of(*both)], [letter("first"), letter("some")]) is None
    kept_nowhere = tuple(replace(each, stream=None) for each in both)
    assert replay_command([service_of(*kept_nowhere)], [letter("first")]) is None
    assert replay_command([service_of(*both)], []) is None
