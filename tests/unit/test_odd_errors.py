"""An error that is odd in itself is a failure of its message, like any other."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest
from jararaca import (
    Host,
    Integration,
    Message,
    MessageHandler,
    MessageOf,
    Microservice,
    RetryPolicy,
    Worker,
    route,
)
from jararaca.contract.exception_types import covers, leaves
from jararaca.handlers.decorators import spec_of
from jararaca.handlers.outcome import Handled
from jararaca.handling.bound_handler import BoundHandler
from jararaca.handling.decision import DeadLetter, Decision
from jararaca.handling.decoding import decode
from jararaca.transport import Delivery, Properties, Publication
from jararaca.transport.connect import transport_for
from pydantic import field_validator

from tests.support.services import service_of

DEEP = 3_000


class Job(Message):
    """A task."""

    MESSAGE_TOPIC = "job"
    MESSAGE_TYPE = "task"
    odd: str = ""


class Other(Message):
    """What the handler takes as well."""

    MESSAGE_TOPIC = "other"


class Wordless(Exception):
    """Its text cannot be had."""

    def __str__(self) -> str:
        raise LookupError("a field that is not there")


class Closed(Exception):
    """Nothing about it can be looked at."""

    def __getattribute__(self, name: str) -> object:
        raise LookupError(name)


class Endless(type):
    """The class of a class without bases."""

    @property
    def __mro__(cls) -> tuple[type, ...]:
        raise LookupError("none")


class Baseless(Exception, metaclass=Endless):
    """Its bases cannot be had."""


def because_of_closed() -> Exception:
    """A usual error, whose cause cannot be looked at."""
    error = ValueError("usual")
    error.__cause__ = Closed()
    return error


def nested() -> ExceptionGroup[Exception]:
    """Groups in each other, deeper than Python calls."""
    group = ExceptionGroup("innermost", [ValueError("within"), OSError("within")])
    for _ in range(DEEP):
        group = ExceptionGroup("around", [group])
    return group


def long_chain() -> Exception:
    """An error of an error of an error."""
    error = ValueError("first")
    for _ in range(DEEP):
        following = ValueError("next")
        following.__cause__ = error
        error = following
    return error


ODD: dict[str, Callable[[], Exception]] = {
    "wordless": Wordless,
    "nested": nested,
    "chain": long_chain,
    "iterator": StopIteration,
    "closed": Closed,
    "baseless": Baseless,
    "closed within": lambda: ExceptionGroup("around", [Closed()]),
    "closed cause": because_of_closed,
    "long": lambda: ValueError("x" * 10_000_000),
}


def raise_odd(message: MessageOf[Job | Other]) -> None:
    payload = message.payload()
    if isinstance(payload, Job) and payload.odd:
        raise ODD[payload.odd]()


class InTheLoop:
    @MessageHandler(Job, Other, retry=RetryPolicy(max_retries=1, initial_delay=0.1))
    async def work(self, message: MessageOf[Job | Other]) -> None:
        raise_odd(message)


class InAThread:
    @MessageHandler(Job, Other, retry=RetryPolicy(max_retries=1, initial_delay=0.1))
    def work(self, message: MessageOf[Job | Other]) -> None:
        raise_odd(message)


@pytest.mark.parametrize("odd", ODD)
@pytest.mark.parametrize("controller", [InTheLoop, InAThread])
async def test_it_is_tried_again_and_given_up_and_the_next_message_is_handled(
    controller: Any, odd: str, caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    told: asyncio.Queue[Handled] = asyncio.Queue()
    rows = [
        route(
            operation="work",
            queue="job",
            binding_keys=(message.MESSAGE_TOPIC,),
            message=message,
            controller=controller,
            handler=controller.work,
        )
        for message in (Job, Other)
    ]
    transport = transport_for(f"memory://{uuid4()}")
    worker = Worker(Microservice(service_of(*rows)), transport, listener=told.put_nowait)
    await worker.start()
    try:
        for topic, body in (("job", Job(odd=odd).encode()), ("other", Other().encode())):
            await transport.publish(Publication(topic, body))
        async with asyncio.timeout(20):
            outcomes = [(await told.get()).outcome for _ in range(3)]
    finally:
        await worker.stop()
    assert sorted(outcomes) == ["dead-lettered", "handled", "retried"]
    assert "Logging error" not in capsys.readouterr().err
    assert len(caplog.text) < 200_000, "the log of one failure"


def test_the_leaves_of_deep_groups_are_found_in_their_order() -> None:
    assert [type(each) for each in leaves(nested())] == [ValueError, OSError]
    assert covers((ValueError, OSError), nested())
    assert not covers((ValueError,), nested())


class Unreadable(Job):
    """A message whose own check raises what has no text."""

    @field_validator("odd")
    @classmethod
    def check(cls, value: str) -> str:
        raise ODD[value]()


@pytest.mark.parametrize("odd", ODD)
def test_a_check_of_a_message_may_raise_anything(odd: str) -> None:
    handler = BoundHandler(
        route(
            operation="work",
            queue="job",
            binding_keys=("job",),
            message=Unreadable,
            controller=InTheLoop,
            handler=InTheLoop.work,
        ),
        spec_of(InTheLoop.work),
        InTheLoop().work,
    )
    body = json.dumps({"odd": odd}).encode()
    read = decode(handler, Delivery("job", "job", "", body, Properties(), {}, False, None))
    assert isinstance(read, Decision)
    assert isinstance(read.settlement, DeadLetter)
    assert read.settlement.reason


async def test_an_integration_may_say_anything_about_its_readiness() -> None:
    class Odd(Integration):
        async def unready(self) -> str | None:
            raise Wordless

    host = Host(Microservice(integrations=[Odd()]), transport_for("memory://odd"))
    assert await host.unready_integrations() == (
        "Odd: Wordless: (its text cannot be had: LookupError)",
    )
