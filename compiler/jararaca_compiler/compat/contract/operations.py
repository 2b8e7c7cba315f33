"""What two services do: operations that came, went, or changed their messages and replies."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from jararaca_compiler import ir
from jararaca_compiler.compat.change import Change, Whom, change
from jararaca_compiler.compat.contract.replies import replies
from jararaca_compiler.documents.source import Span

_DOES = {"send": "sends", "receive": "receives"}
_DONE = {"send": "sent", "receive": "received"}
Place = Callable[[Span], Span]
"""Where an old span is, for a person."""
Names = Callable[[str], str]
"""The old name of a message -> what it is called now."""


def operations(old: ir.Service, new: ir.Service, names: Names, place: Place) -> Iterator[Change]:
    """Every change of operations."""
    successors = _successors(old, new)
    for operation in new.operations:
        known = successors.get(operation.id)
        if known is None:
            yield _added(operation, new)
        else:
            yield from _messages(known, operation, old, new, names)
            yield from _handlers(known, operation, names)
            yield from replies(known, operation, names)
    lasting = {operation.id for operation in successors.values()}
    for operation in old.operations:
        if operation.id not in lasting:
            yield _removed(operation, old, place)


def _added(operation: ir.Operation, service: ir.Service) -> Change:
    return change(
        "operation-added", operation.id, operation.id, operation.span,
        action=_DOES[operation.action], topic=topic_of(operation, service),
    )  # fmt: skip


def _removed(operation: ir.Operation, service: ir.Service, place: Place) -> Change:
    sends = operation.action == "send"
    breaks: tuple[Whom, ...] = ("consumers",) if sends else ("producers", "stored", "code")
    return change(
        "operation-removed", operation.id, operation.id, place(operation.span), breaks=breaks,
        action=_DONE[operation.action], topic=topic_of(operation, service),
    )  # fmt: skip


def _messages(
    old: ir.Operation, new: ir.Operation, before: ir.Service, after: ir.Service, names: Names
) -> Iterator[Change]:
    """Messages that joined an operation or left it; those that are new or gone are told as such."""
    was, now = {names(name): name for name in old.messages}, dict.fromkeys(new.messages)
    lasting = {names(m.name) for m in before.messages} & {m.name for m in after.messages}
    sends, done = new.action == "send", _DONE[new.action]
    for name in now:
        if name in lasting - was.keys():
            yield change(
                "operation-message-added", new.id, new.id, new.span,
                risks=("consumers",) if sends else (), why=_NEWLY if sends else "",
                name=name, action=done, topic=topic_of(new, after),
            )  # fmt: skip
    for name, known in was.items():
        if name in lasting - now.keys():
            yield change(
                "operation-message-removed", new.id, new.id, new.span,
                breaks=("consumers",) if sends else ("producers", "stored"),
                name=known, action=done, topic=topic_of(old, before),
            )  # fmt: skip


_NEWLY = "Consumers now get a message that they do not know."


def _handlers(old: ir.Operation, new: ir.Operation, names: Names) -> Iterator[Change]:
    """Methods that are called differently, or are given another message."""
    methods = {names(handler.message): handler.method for handler in old.handlers}
    taken = _taken([(handler.method, names(handler.message)) for handler in old.handlers])
    takes = _taken([(handler.method, handler.message) for handler in new.handlers])
    for handler in new.handlers:
        was = methods.get(handler.message, handler.method)
        if was != handler.method:
            yield change(
                "handler-renamed", new.id, new.id, new.span,
                breaks=("code",), old=was, new=handler.method,
            )  # fmt: skip
    for method, messages in takes.items():
        others = taken.get(method, messages)
        known = [message for message in messages if message in methods]
        renamed = known and all(methods[message] != method for message in known)
        if set(messages) != set(others) and not renamed:
            yield change(
                "handler-message-changed", new.id, new.id, new.span, breaks=("code",),
                method=method, old=" and ".join(others), new=" and ".join(messages),
            )  # fmt: skip


def _taken(rows: Iterable[tuple[str, str]]) -> dict[str, list[str]]:
    """By method the messages that it takes."""
    found: dict[str, list[str]] = {}
    for method, message in rows:
        found.setdefault(method, []).append(message)
    return found


def _successors(old: ir.Service, new: ir.Service) -> dict[str, ir.Operation]:
    """The old operation of each new one's id: the one of that id, else the first that does the
    same on the same topic (its id has changed then).
    """
    left = {operation.id: operation for operation in old.operations}
    found: dict[str, ir.Operation] = {}
    for operation in new.operations:
        known = left.get(operation.id)
        if known is not None and known.action == operation.action:
            found[operation.id] = left.pop(operation.id)
    for operation in new.operations:
        for known in tuple(left.values()) if operation.id not in found else ():
            same_topic = topic_of(known, old) == topic_of(operation, new)
            if known.action == operation.action and same_topic:
                found[operation.id] = left.pop(known.id)
                break
    return found


def topic_of(operation: ir.Operation, service: ir.Service) -> str:
    """The topic that an operation sends to or receives from."""
    for channel in service.channels:
        if channel.key == operation.channel:
            return channel.address if channel.address is not None else channel.key
    return operation.channel
