"""The static routing table: what `routes.py` is made of, and the stamp that it carries."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Literal, TypeVar, cast

from jararaca.contract.topology import Topology
from jararaca.messages.message import Message
from jararaca.messages.received import MessageClass, MessageOf
from jararaca.messages.websocket_message import WebSocketMessage
from jararaca.routing.schedules import Schedule

FORMAT = 2
"""The format of generated code that this runtime reads; `jararaca codegen` stamps it."""

C = TypeVar("C")
M = TypeVar("M", bound=Message)
ReplyT = TypeVar("ReplyT")

Parameter = tuple[str, int] | tuple[str, int, str]
"""A topic's parameter and the index of its word in the routing key; where it is only a part of the
word, also a regular expression for all of the word, whose one group is the value."""

Mark = tuple[Literal["payload", "header"], str, str | int | bool]
"""A constant property of the body, or header, that only this message of the queue has."""


@dataclass(frozen=True, slots=True)
class Route:
    """One row: messages of one class, from one queue, to one method of a controller.

    `stream` is the log that keeps the events of its channel, where the document asks for one;
    `filter_by` is where they have the value that readers choose by.
    """

    operation: str
    queue: str
    binding_keys: tuple[str, ...]
    message: type[Message]
    controller: type[Any]
    handler: Callable[..., Any]
    parameters: tuple[Parameter, ...]
    marks: tuple[Mark, ...] = ()
    others: tuple[str, ...] = ()
    allowed: Mapping[str, Sequence[str]] = field(default_factory=dict, hash=False)
    locations: Mapping[str, str] = field(default_factory=dict, hash=False)
    stream: str | None = None
    filter_by: str | None = None


@dataclass(frozen=True, slots=True)
class Service:
    """A compiled service: what a worker runs and a publisher knows.

    `path` is the routes module's file: the examples and the bundled document stand beside it.
    `sockets` are the messages to and from WebSocket clients, which no queue carries, and
    `from_clients` those of them that a client may send: an operation receives them.
    `schedules` are the tasks that `jararaca scheduler` publishes.
    """

    name: str
    title: str
    version: str
    format: int
    source: str
    digest: str
    routes: tuple[Route, ...]
    topology: Topology
    messages: tuple[type[Message], ...]
    path: str | None = None
    sockets: tuple[type[WebSocketMessage], ...] = ()
    schedules: tuple[Schedule, ...] = ()
    from_clients: tuple[type[WebSocketMessage], ...] = ()


def route(
    *,
    operation: str,
    queue: str,
    binding_keys: tuple[str, ...],
    message: MessageClass[M, ReplyT],
    controller: type[C],
    handler: (
        Callable[[C, MessageOf[M]], Awaitable[ReplyT] | ReplyT]
        | Callable[[C, list[MessageOf[M]]], Awaitable[ReplyT] | ReplyT]
    ),
    parameters: tuple[Parameter, ...] = (),
    marks: tuple[Mark, ...] = (),
    others: tuple[str, ...] = (),
    allowed: Mapping[str, Sequence[str]] = MappingProxyType({}),
    locations: Mapping[str, str] = MappingProxyType({}),
    stream: str | None = None,
    filter_by: str | None = None,
) -> Route:
    """A row whose handler takes just this message, or a list: any other pair is a type error.

    So is a handler that returns something else than the answers of a request.

    `parameters` are the topic's, each with the index of its word in the routing key; `marks` tell
    the message from the queue's others where no AMQP `type` property and no topic does. `others`
    are the names of what the channel carries: what no route of the queue takes comes to the queue
    as well, and is not handled.
    `allowed` are the values of the parameters that list some, `locations` where the message itself
    has the value of one: a delivery that differs is a dead letter. `stream` keeps the channel's
    events, and its readers may choose by the value at `filter_by`.
    """
    kind = cast(type[Message], message)
    return Route(
        operation,
        queue,
        binding_keys,
        kind,
        controller,
        handler,
        parameters,
        marks,
        others,
        allowed,
        locations,
        stream,
        filter_by,
    )
