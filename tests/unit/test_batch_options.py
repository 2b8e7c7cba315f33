"""The options of a handler that takes batches: what fits together, and how much it prefetches."""

from __future__ import annotations

from typing import Any

import pytest
from jararaca import (
    ConfigurationError,
    Exchange,
    Message,
    MessageHandler,
    Queue,
    Service,
    Topology,
    route,
)
from jararaca.handling.bound_handler import BoundHandler
from jararaca.messagebus.worker import prefetch_of
from jararaca.routing.declarations import topology_of
from jararaca.routing.table import FORMAT


class Job(Message):
    MESSAGE_TOPIC = "job"


class Asked(Message):
    MESSAGE_TOPIC = "asked"
    MESSAGE_REPLIES = ("Job",)


def row(message: type[Message] = Job, **options: Any) -> BoundHandler:
    """A handler with these options."""

    class Jobs:
        @MessageHandler(message, **options)
        async def work(self, messages: Any) -> None: ...

    async def call(messages: Any) -> None: ...

    made = route(
        operation="work",
        queue="jobs",
        binding_keys=("job",),
        message=message,
        controller=Jobs,
        handler=Jobs.work,
    )
    return BoundHandler(made, Jobs.work.__jararaca_handler__, call)  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        ({"batch": 0}, "batch must be 1 to 65535, got 0"),
        ({"batch": 65_536}, "batch must be 1 to 65535, got 65536"),
        ({"batch": 2, "within": 0}, "within must be a number of seconds above 0"),
        ({"batch": 2, "auto_ack": False}, "auto_ack=False is about one message"),
        ({"batch": 2, "idempotent": True}, "idempotent is about one message"),
        ({"batch": 2, "ordered": True}, "ordered is about one message"),
        ({"batch": 2, "ordered_by": str}, "ordered_by is about one message"),
        ({"batch": 2, "exception_handler": print}, "exception_handler is about one message"),
    ],
    ids=lambda each: ", ".join(each) if isinstance(each, dict) else "",
)
def test_what_cannot_be_combined_is_told_at_the_decorator(
    options: dict[str, Any], reason: str
) -> None:
    with pytest.raises(ValueError, match=reason):
        MessageHandler(Job, **options)


@pytest.mark.parametrize(
    ("handlers", "prefetch", "wanted"),
    [
        ([row(batch=100)], 200, 200),
        ([row(batch=100)], 10, 100),
        ([row(batch=100, concurrency=3)], 1_000, 300),
        ([row(batch=100), row()], 10, 100),
        ([row(batch=100, concurrency=1), row(concurrency=5)], 1_000, 105),
        ([row(concurrency=5)], 200, 5),
        ([row()], 10, 10),
    ],
)
def test_the_prefetch_fits_the_batches(
    handlers: list[BoundHandler], prefetch: int, wanted: int
) -> None:
    assert prefetch_of(handlers, prefetch) == wanted


def test_a_request_is_not_taken_in_batches() -> None:
    handler = row(Asked, batch=2)
    service = Service(
        name="jobs",
        title="Jobs",
        version="1",
        format=FORMAT,
        source="",
        digest="",
        routes=(handler.route,),
        topology=Topology((Exchange("jararaca"),), (Queue("jobs"),), ()),
        messages=(Asked,),
    )
    with pytest.raises(ConfigurationError, match="each is answered for itself"):
        topology_of(service)
