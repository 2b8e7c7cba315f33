"""Rules about messages that several services share: all of them say the same of each."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from jararaca_compiler import ir
from jararaca_compiler.diagnostics.diagnostic import Diagnostic, diagnose, ordered
from jararaca_compiler.documents.source import Span
from jararaca_compiler.project.shared_documents import SharedDocuments

Use = tuple[ir.Service, ir.Message]


def check_shared(
    services: tuple[ir.Service, ...], shared: SharedDocuments
) -> tuple[Diagnostic, ...]:
    """Every rule's findings, sorted by place."""
    first: dict[tuple[str, str], tuple[ir.Service, ir.Message]] = {}
    found: list[Diagnostic] = list(_names_are_free(services, shared))
    for service in services:
        for message in service.messages:
            if message.shared is None:
                continue
            known = first.setdefault((message.shared, message.name), (service, message))
            found += _differences(known, (service, message))
            found += _answers_are_shared(service, message)
    shared_ones = [message for _, message in first.values()]
    for service in services:
        found += _defined_again(service, shared_ones)
    return ordered(found)


def nothing_shared(
    services: Iterable[ir.Service], shared: SharedDocuments, settings: str
) -> Iterator[Diagnostic]:
    """A package that no message of any service belongs to; `settings` is where it is listed."""
    used = {message.shared for service in services for message in service.messages}
    for package, listed in shared.packages:
        if package not in used:
            where = ", ".join(listed) or "no document"
            yield diagnose("nothing-shared", Span(settings), package=package, documents=where)


def _names_are_free(
    services: Iterable[ir.Service], shared: SharedDocuments
) -> Iterator[Diagnostic]:
    packages = {package for package, _ in shared.packages}
    for service in services:
        if service.name in packages:
            place = Span(service.source.split(", ")[0])
            yield diagnose("shared-package-taken", place, package=service.name)


def _differences(first: Use, other: Use) -> Iterator[Diagnostic]:
    """What two documents say of one class."""
    one, two = _said(first[1]), _said(other[1])
    for what in one.keys() & two.keys():
        if one[what] != two[what]:
            yield diagnose(
                "shared-message-differs",
                _place(*other),
                related=((_place(*first), "the other place"),),
                name=other[1].name,
                what=what,
                old=_shown(one[what]),
                new=_shown(two[what]),
            )


def _place(service: ir.Service, message: ir.Message) -> Span:
    """Where a service's document has the message, or a channel that refers to it."""
    if message.span.path in service.source.split(", "):
        return message.span
    channels = (c.span for c in service.channels if message.name in c.messages)
    return next(channels, message.span)


def _said(message: ir.Message) -> dict[str, object]:
    """What the class of a message is made of; nothing of what only its publisher says."""
    found: dict[str, object] = {
        "class": message.class_name,
        "name on the wire": message.wire_name,
        "content type": message.content_type,
        "payload": message.payload.schema,
        "headers": None if message.headers is None else message.headers.schema,
        "correlation id": message.correlation_id,
        "encoding": message.encoding,
    }
    if message.topic or message.kind == "websocket":
        found |= {
            "kind": message.kind,
            "topic": message.topic,
            "parameters": tuple(_parameter(each) for each in message.parameters),
            "exchange": message.exchange,
            "queue": message.queue,
            "partitions": message.partitions,
        }
    if message.replies:
        found["answers"] = message.replies
    if message.publishing != ir.NOTHING_ASKED:
        found["publishing"] = message.publishing
    if message.elsewhere:
        found["further channels"] = tuple(each.topic for each in message.elsewhere)
    return found


def _parameter(parameter: ir.Parameter) -> tuple[object, ...]:
    return parameter.name, parameter.enum, parameter.default, parameter.location


def _shown(value: object) -> str:
    """A value where it is a short text."""
    return f"`{value}`" if isinstance(value, str) and len(value) < 60 else "another one"


def _answers_are_shared(service: ir.Service, message: ir.Message) -> Iterator[Diagnostic]:
    """The class of a request names those of its answers."""
    packages = {each.class_name: each.shared for each in service.messages}
    for answer, _ in message.replies:
        if packages.get(answer) != message.shared:
            yield diagnose(
                "answer-not-shared",
                message.span,
                name=message.name,
                answer=answer,
                package=message.shared,
            )


def _defined_again(service: ir.Service, shared: Iterable[ir.Message]) -> Iterator[Diagnostic]:
    """A message of the same name and topic that is no reference to the shared one."""
    known = {_address(message): message for message in shared if message.topic}
    for message in service.messages:
        other = known.get(_address(message))
        if message.shared is None and other is not None:
            yield diagnose(
                "shared-message-defined-again",
                message.span,
                related=((other.span, "shared here"),),
                name=message.name,
                package=other.shared,
            )


def _address(message: ir.Message) -> tuple[str, str, str | None]:
    return message.wire_name, message.topic, message.exchange
