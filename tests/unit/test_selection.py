"""Which handlers a worker runs, of the names and groups that it is given."""

from __future__ import annotations

import pytest
from jararaca import ConfigurationError, Message, MessageHandler, MessageOf, route
from jararaca.handlers.decorators import spec_of
from jararaca.handlers.handler_spec import HandlerSpec
from jararaca.messagebus.selection import selected
from jararaca.routing.table import Route


class Job(Message):
    MESSAGE_TOPIC = "job"


class Jobs:
    @MessageHandler(Job, name="first", group="heavy")
    async def first(self, message: MessageOf[Job]) -> None: ...

    @MessageHandler(Job, name="second", group="light")
    async def second(self, message: MessageOf[Job]) -> None: ...

    @MessageHandler(Job, name="third")
    async def third(self, message: MessageOf[Job]) -> None: ...


def row(name: str, queue: str) -> tuple[Route, HandlerSpec]:
    method = getattr(Jobs, name)
    made = route(
        operation=name,
        queue=queue,
        binding_keys=("job",),
        message=Job,
        controller=Jobs,
        handler=method,
    )
    return made, spec_of(method)


ROWS = [row("first", "one"), row("second", "two"), row("third", "two")]


def names(handlers: list[str], groups: list[str]) -> list[str]:
    return [route.operation for route, _ in selected(ROWS, handlers, groups)]


def test_all_run_where_none_is_named_and_else_those_of_either_list() -> None:
    assert names([], []) == ["first", "second", "third"]
    assert names(["first"], []) == names([], ["heavy"]) == ["first"]
    assert names(["second", "third"], ["heavy"]) == ["first", "second", "third"]


def test_what_nobody_is_called_is_refused_with_what_there_is() -> None:
    with pytest.raises(ConfigurationError, match="no handler 'heavy'; known: first, second, third"):
        names(["heavy"], [])
    with pytest.raises(ConfigurationError, match="no group 'first'; known: heavy, light$"):
        names([], ["first"])
    with pytest.raises(ConfigurationError, match="no group 'any'; known: none"):
        selected(ROWS[2:], [], ["any"])


def test_of_a_queue_all_handlers_run_or_none() -> None:
    with pytest.raises(ConfigurationError, match="handler third shares the queue two with a sel"):
        names([], ["light"])
