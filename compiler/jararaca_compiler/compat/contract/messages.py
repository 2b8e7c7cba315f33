"""The messages of two services: which came, went or moved, and what changed within each."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from jararaca_compiler import ir
from jararaca_compiler.compat.change import Change, Whom, change
from jararaca_compiler.compat.contract.encodings import misreads
from jararaca_compiler.compat.contract.message_properties import compare_properties
from jararaca_compiler.compat.contract.parameters import parameters
from jararaca_compiler.compat.contract.partitions import partitions
from jararaca_compiler.compat.contract.payloads import ALL, Payloads
from jararaca_compiler.compat.contract.schedules import schedules
from jararaca_compiler.compat.contract.stream_filters import stream_filters
from jararaca_compiler.compat.contract.version import ContractVersion
from jararaca_compiler.documents.source import Span
from jararaca_compiler.references.schema_refs import refs_in

_BY_TYPE = "Consumers that tell messages apart by the AMQP property `type` do not know it."
Made = Callable[..., Change]


class Comparison:
    """Compares the messages of one service with those of its successor."""

    def __init__(self, old: ContractVersion, new: ContractVersion) -> None:
        self._old = old
        self._payloads = Payloads(old, new)

    def renamed(self, old: ir.Service, new: ir.Service) -> dict[str, str]:
        """The new names of messages that are called differently, and their old ones."""
        before = {m.name: m for m in old.messages}
        return dict(self._renamed(before, {m.name: m for m in new.messages}))

    def messages(
        self, old: ir.Service, new: ir.Service, renamed: Mapping[str, str]
    ) -> Iterator[Change]:
        """Every change of messages; `renamed` has the old names of those called differently."""
        before = {m.name: m for m in old.messages}
        after = {m.name: m for m in new.messages}
        for message in new.messages:
            known = before.get(renamed.get(message.name, message.name))
            if known is None:
                yield _added(message, old)
            else:
                yield from self._changed(known, message, new)
        for name, message in before.items():
            if name not in after and name not in renamed.values():
                yield _removed(message, old, self._old.place(message.span))

    def _renamed(
        self, before: dict[str, ir.Message], after: dict[str, ir.Message]
    ) -> Iterator[tuple[str, str]]:
        """New names and the old ones: the same topic and the same payload."""
        gone = [m for m in before.values() if m.name not in after]
        for message in after.values():
            for old in gone if message.name not in before else ():
                if old.topic == message.topic and self._payloads.are_same(old, message):
                    gone.remove(old)
                    yield message.name, old.name
                    break

    def _changed(self, old: ir.Message, new: ir.Message, service: ir.Service) -> Iterator[Change]:
        def made(code: str, breaks: Iterable[Whom], **values: Any) -> Change:
            return change(code, new.name, new.name, new.span, breaks=breaks, **values)

        if _wire(old) != _wire(new):
            yield _wire_renamed(old, new, service)
        if old.class_name != new.class_name:
            yield made("class-renamed", ("code",), old=old.class_name, new=new.class_name)
        yield from _topic(old, new, made)
        yield from _settings(old, new, made)
        yield from compare_properties(old, new, made)
        yield from schedules(old, new, made)
        yield from partitions(old, new, made)
        yield from stream_filters(old, new, made)
        if new.deprecated and not old.deprecated:
            yield made("message-deprecated", ())
        yield from self._payloads.changes(old, new)


def _wire_renamed(old: ir.Message, new: ir.Message, service: ir.Service) -> Change:
    alone = all(c.messages == (new.name,) for c in service.channels if new.name in c.messages)
    return change(
        "message-renamed", new.name, new.name, new.span, breaks=() if alone else ALL, risks=ALL,
        why=_BY_TYPE if alone else None, old=_wire(old), new=_wire(new),
    )  # fmt: skip


def _settings(old: ir.Message, new: ir.Message, made: Made) -> Iterator[Change]:
    if old.kind != new.kind:
        yield made(
            "kind-changed", (*ALL, "code"), old=_with_article(old.kind), new=_with_article(new.kind)
        )
    if old.exchange != new.exchange:
        values = {"old": _exchange(old.exchange), "new": _exchange(new.exchange)}
        yield made("exchange-changed", ALL, **values)
    if old.content_type != new.content_type:
        yield made("content-type-changed", ALL, old=old.content_type, new=new.content_type)
    elif misreads(old.encoding, new.encoding):
        yield made("encoding-changed", ALL)
    if old.mandatory != new.mandatory and old.kind == new.kind:
        if new.mandatory:
            yield made("mandatory-added", ("producers",))
        else:
            yield made("mandatory-removed", ())


def _added(message: ir.Message, old: ir.Service) -> Change:
    known = {_key(c) for c in old.channels if c.messages}
    if message.topic not in known:
        return _whole(change("message-added", message.name, message.name, message.span), message)
    found = change(
        "message-added-to-channel", message.name, message.name, message.span,
        breaks=("consumers",), topic=message.topic,
    )  # fmt: skip
    return _whole(found, message)


def _whole(found: Change, message: ir.Message) -> Change:
    """A change of all of a message, and so of the schemas that it refers to."""
    schemas = message.payload.schema, message.headers and message.headers.schema
    return replace(found, refers=frozenset(ref for each in schemas for ref in refs_in(each)))


def _removed(message: ir.Message, old: ir.Service, span: Span) -> Change:
    breaks: set[Whom] = {"code"}
    for operation in old.operations:
        if message.name in operation.messages:
            sent = operation.action == "send"
            breaks |= {"consumers"} if sent else {"producers", "stored"}
    if breaks == {"code"}:
        breaks |= set(ALL)
    return _whole(
        change("message-removed", message.name, message.name, span, breaks=breaks), message
    )


def _topic(old: ir.Message, new: ir.Message, made: Made) -> Iterator[Change]:
    if old.kind == new.kind == "websocket":
        return
    if _shape(old) != _shape(new):
        kept = next((p.channel for p in new.elsewhere if _shape(p) == _shape(old)), None)
        if kept is None:
            yield made("topic-changed", ALL, old=old.topic, new=new.topic)
        else:
            yield made("own-channel-changed", ALL, old=old.topic, new=new.topic, channel=kept)
        return
    yield from parameters(old, new, made)


def _shape(message: ir.Message | ir.Place) -> str:
    """The topic without its parameters' names, which no broker sees."""
    topic = message.topic
    for parameter in message.parameters:
        topic = topic.replace("{" + parameter.name + "}", "{}")
    return topic


def _wire(message: ir.Message) -> str:
    return message.wire_name or message.name


def _key(channel: ir.Channel) -> str:
    return channel.address if channel.address is not None else channel.key


def _with_article(kind: str) -> str:
    return f"an {kind}" if kind == "event" else f"a {kind}"


def _exchange(name: str | None) -> str:
    return "of the service" if name is None else f"`{name}`"
