"""The facts of a service as it was compiled, and where the document says each."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from jararaca_compiler import ir
from jararaca_compiler.documents.source import Span
from jararaca_compiler.emit.carried import carried_by
from jararaca_compiler.emit.marks import marks_of
from jararaca_compiler.emit.routes import from_clients, received_parameters
from jararaca_compiler.emit.types.schemas import Lookup
from jararaca_compiler.naming import KEYWORDS
from jararaca_compiler.verification.facts import (
    ANSWERS,
    PUBLISH,
    REQUEST,
    TYPED,
    class_name,
    of_topology,
    route_name,
)
from jararaca_compiler.verification.methods import expected_arguments

_TRANSIENT = 1


def said(service: ir.Service, lookup: Lookup) -> dict[str, dict[str, Any]]:
    """The facts, as JSON values."""
    found = {
        class_name(place.class_name): _class(message, place)
        for message in service.messages
        for place in _on(message)
    }
    found |= _routes(service, lookup)
    found |= of_topology(service.topology)
    for message in service.messages:
        if message.schedule is not None and message.topic:
            found[f"schedule `{service.name}.{message.name}`"] = _schedule(message)
    found["service"] = _registered(service)
    return found


def places(service: ir.Service) -> dict[str, Span]:
    """Where the document says of what there are facts; the rest is about all of it."""
    found: dict[str, Span] = {}
    for message in service.messages:
        for place in _on(message):
            found[class_name(place.class_name)] = message.span
        found[f"schedule `{service.name}.{message.name}`"] = message.span
    classes = {message.name: message.class_name for message in service.messages}
    for operation in service.operations:
        found[f"queue `{operation.queue}`"] = operation.span
        for handler in operation.handlers:
            found[route_name(operation.id, classes[handler.message])] = operation.span
    return found


def _on(message: ir.Message) -> tuple[ir.Message | ir.Place, ...]:
    """The message on each of its channels."""
    return (message, *message.elsewhere)


def _class(message: ir.Message, place: ir.Message | ir.Place) -> dict[str, Any]:
    """The settings of a message's class; on a WebSocket it has only its name."""
    name = message.wire_name or message.name
    if message.kind == "websocket":
        return {"MESSAGE_NAME": name}
    asked = place.publishing
    is_usual = place.mandatory == (place.kind == "task")
    return {
        "MESSAGE_NAME": name,
        "MESSAGE_TOPIC": place.topic,
        "MESSAGE_TYPE": place.kind,
        "MESSAGE_EXCHANGE": place.exchange,
        "MESSAGE_QUEUE": place.queue,
        "MESSAGE_MANDATORY": None if is_usual else place.mandatory,
        "MESSAGE_PRIORITY": asked.priority,
        "MESSAGE_REPLY_TO": asked.reply_to,
        "MESSAGE_EXPIRATION": asked.expiration,
        "MESSAGE_PERSISTENT": asked.delivery_mode != _TRANSIENT,
        "MESSAGE_USER_ID": asked.user_id,
        "MESSAGE_PARAMETERS": _enums(place.parameters),
        "MESSAGE_LOCATIONS": _locations(place.parameters),
        "MESSAGE_PARTITIONS": None if place.partitions is None else place.partitions.count,
        "MESSAGE_FILTER_BY": place.filter_by,
        "MESSAGE_CONTENT_TYPE": message.content_type,
        "MESSAGE_REPLIES": [wire_name for _, wire_name in message.replies],
        "MESSAGE_CORRELATION_ID": message.correlation_id,
        "MESSAGE_ON_INVALID": message.on_invalid or "dead-letter",
        PUBLISH: expected_arguments(place.parameters),
        **_asked(message, place),
        TYPED: _typed(message, place),
    }


def _asked(message: ir.Message, place: ir.Message | ir.Place) -> dict[str, Any]:
    """What a request has besides."""
    if not message.replies:
        return {}
    answers = sorted(class_name for class_name, _ in message.replies)
    return {REQUEST: expected_arguments(place.parameters), ANSWERS: answers}


def _typed(message: ir.Message, place: ir.Message | ir.Place) -> dict[str, Any]:
    """What is known of the parameters on every channel that the class may have come by.

    The class of a further channel inherits it where its parameters are the same.
    """
    if place is not message and place.parameters == message.parameters:
        return {}
    topics = [each.parameters for each in _on(message)] if place is message else [place.parameters]
    names = list(dict.fromkeys(each.name for topic in topics for each in topic))
    if not all(name.isidentifier() and name not in KEYWORDS for name in names):
        return {}
    found = {name: [p for topic in topics for p in topic if p.name == name] for name in names}
    return {
        name: [
            (
                list(dict.fromkeys(v for p in each for v in p.enum))
                if all(p.enum for p in each)
                else []
            ),
            len(each) == len(topics),
        ]
        for name, each in found.items()
    }


def _enums(parameters: tuple[ir.Parameter, ...]) -> dict[str, list[str]]:
    return {each.name: list(each.enum) for each in parameters if each.enum}


def _locations(parameters: tuple[ir.Parameter, ...]) -> dict[str, str]:
    return {each.name: each.location for each in parameters if each.location}


def _routes(service: ir.Service, lookup: Lookup) -> dict[str, dict[str, Any]]:
    classes = {message.name: message.class_name for message in service.messages}
    channels = {channel.key: channel for channel in service.channels}
    marks, carried = marks_of(service, lookup), carried_by(service)
    found = {}
    for operation, handler in _handlers(service):
        channel, carrying = channels[operation.channel], carried.channels.get(operation.id)
        taken = received_parameters(service, channel)
        mark = marks.get((operation.queue or "", handler.message))
        found[route_name(operation.id, classes[handler.message])] = {
            "handler": handler.method,
            "queue": operation.queue or "",
            "binding_keys": list(handler.binding_keys),
            "parameters": [_parameter(each) for each in taken],
            "allowed": _enums(taken),
            "locations": _locations(taken),
            "marks": [] if mark is None else [list(mark)],
            "others": [] if carrying is None else list(carried.names[carrying]),
            "stream": channel.stream,
            "filter_by": channel.filter_by,
        }
    return found


def _handlers(service: ir.Service) -> Iterator[tuple[ir.Operation, ir.Handler]]:
    for operation in service.operations:
        yield from ((operation, handler) for handler in operation.handlers)


def _parameter(parameter: ir.Parameter) -> list[Any]:
    pattern = [] if parameter.pattern is None else [parameter.pattern]
    return [parameter.name, parameter.word, *pattern]


def _schedule(message: ir.Message) -> dict[str, Any]:
    schedule = message.schedule
    assert schedule is not None
    return {
        "message": message.class_name,
        "cron": schedule.cron,
        "every": None if schedule.cron is not None else schedule.every,
        "timezone": "UTC" if schedule.cron is None else schedule.timezone,
        "catch_up": schedule.catch_up,
        "payload": schedule.payload,
    }


def _registered(service: ir.Service) -> dict[str, Any]:
    """The classes that the service knows: of queues, of WebSockets, and what clients may send."""
    sockets = [message for message in service.messages if message.kind == "websocket"]
    queued = [message for message in service.messages if message.kind != "websocket"]
    return {
        "name": service.name,
        "title": service.title,
        "version": service.version,
        "messages": _names(queued),
        "sockets": _names(sockets),
        "from_clients": _names(from_clients(service, sockets)),
    }


def _names(messages: list[ir.Message]) -> list[str]:
    return sorted(place.class_name for each in messages for place in _on(each))
