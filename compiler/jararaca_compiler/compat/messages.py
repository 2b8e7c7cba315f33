"""The messages of two services: which came, went or moved, and what changed within each."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Any

from jararaca_compiler import ir
from jararaca_compiler.compat.change import Change, Whom, change
from jararaca_compiler.compat.message_properties import compare_properties
from jararaca_compiler.compat.proof.prover import Prover
from jararaca_compiler.compat.proof.relation import relate
from jararaca_compiler.compat.proof.schema import Lookup, Schema, SchemaStore
from jararaca_compiler.compat.schemas.fields import SchemaComparison
from jararaca_compiler.documents.source import Span

Locate = Callable[[str, str], Span]
_NO_HEADERS = {"type": "object", "properties": {}}
ALL: tuple[Whom, ...] = ("producers", "consumers", "stored")


@dataclass(frozen=True, slots=True, eq=False)
class ContractVersion:
    """One of the two contracts; `lookup` follows references, `locate` finds a place's span.

    `revision` is git's name of it, empty for what lies on disk.
    """

    services: tuple[ir.Service, ...]
    lookup: Lookup
    locate: Locate
    revision: str = ""

    def place(self, span: Span) -> Span:
        """The span as a person writes it: `main:shop.yaml`, like git, for a revision's file."""
        return replace(span, path=f"{self.revision}:{span.path}") if self.revision else span


class Comparison:
    """Compares the messages of one service with those of its successor."""

    def __init__(self, old: ContractVersion, new: ContractVersion) -> None:
        self._versions = (old, new)
        self._store = SchemaStore(old.lookup, new.lookup)
        self._prover = Prover(self._store)

    def messages(self, old: ir.Service, new: ir.Service) -> Iterator[Change]:
        """Every change of messages."""
        before = {m.name: m for m in old.messages}
        after = {m.name: m for m in new.messages}
        renamed = dict(self._renamed(before, after))
        for message in new.messages:
            known = before.get(renamed.get(message.name, message.name))
            if known is None:
                yield _added(message, old)
            else:
                yield from self._changed(known, message, new)
        for name, message in before.items():
            if name not in after and name not in renamed.values():
                yield _removed(message, old, self._versions[0].place(message.span))

    def _renamed(
        self, before: dict[str, ir.Message], after: dict[str, ir.Message]
    ) -> Iterator[tuple[str, str]]:
        """New names and the old ones: the same topic and the same payload."""
        gone = [m for m in before.values() if m.name not in after]
        for message in after.values():
            for old in gone if message.name not in before else ():
                if old.topic == message.topic and self._is_same(old, message):
                    gone.remove(old)
                    yield message.name, old.name
                    break

    def _is_same(self, old: ir.Message, new: ir.Message) -> bool:
        return not any(
            relate(self._prover, (self._schema(old.payload, 0),), (self._schema(new.payload, 1),))
        )

    def _changed(self, old: ir.Message, new: ir.Message, service: ir.Service) -> Iterator[Change]:
        def made(code: str, breaks: Iterable[Whom], **values: Any) -> Change:
            return change(code, new.name, new.name, new.span, breaks=breaks, **values)

        if _wire(old) != _wire(new):
            alone = all(
                c.messages == (new.name,) for c in service.channels if new.name in c.messages
            )
            why = (
                "A consumer that goes by the AMQP property `type` does not know it."
                if alone
                else None
            )
            yield change(
                "message-renamed", new.name, new.name, new.span,
                breaks=() if alone else ALL, risks=ALL, why=why,
                old=_wire(old), new=_wire(new),
            )  # fmt: skip
        if old.class_name != new.class_name:
            yield made("class-renamed", ("code",), old=old.class_name, new=new.class_name)
        yield from _topic(old, new, made)
        if old.kind != new.kind:
            yield made(
                "kind-changed",
                (*ALL, "code"),
                old=_with_article(old.kind),
                new=_with_article(new.kind),
            )
        if old.exchange != new.exchange:
            yield made(
                "exchange-changed", ALL, old=_exchange(old.exchange), new=_exchange(new.exchange)
            )
        if old.content_type != new.content_type:
            yield made("content-type-changed", ALL, old=old.content_type, new=new.content_type)
        if old.mandatory != new.mandatory and old.kind == new.kind:
            yield (
                made("mandatory-added", ("producers",))
                if new.mandatory
                else made("mandatory-removed", ())
            )
        yield from compare_properties(old, new, made)
        if new.deprecated and not old.deprecated:
            yield made("message-deprecated", ())
        yield from self._schemas(old.payload, new.payload, new, new.name)
        nothing = ir.Payload(_NO_HEADERS, new.payload.path, new.payload.pointer, new.span)
        if old.headers is not None or new.headers is not None:
            yield from self._schemas(
                old.headers or nothing, new.headers or nothing, new, f"{new.name}[headers]"
            )

    def _schemas(
        self, old: ir.Payload, new: ir.Payload, message: ir.Message, subject: str
    ) -> Iterator[Change]:
        comparison = SchemaComparison(self._prover)
        differences = comparison.compare(self._schema(old, 0), self._schema(new, 1), subject)
        for difference in differences:
            span = self._span(difference.place, difference.key)
            why = {
                "default-changed": "A message without the field means something else to those who"
                " know the other default.",
                "schema-renamed": "Its class is called differently.",
            }.get(difference.code)
            breaks, risks = difference.breaks, difference.risks
            if difference.code == "default-changed":
                breaks = set(ALL)
            if difference.code == "schema-renamed":
                risks = {"code"}
            yield change(
                difference.code, message.name, difference.subject, span,
                breaks=breaks, risks=risks, why=why, **difference.values,
            )  # fmt: skip

    def _schema(self, payload: ir.Payload, side: int) -> Schema:
        return self._store.schema(payload.schema, payload.path, payload.pointer, side)

    def _span(self, place: Schema, key: str | None) -> Span:
        for _ in range(16):
            target = None if key is None or key in place.keys else place.target
            if target is None:
                break
            place = target
        below = f"/{key}" if key is not None and key in place.keys else ""
        side = self._versions[place.side]
        return side.place(side.locate(place.path, place.pointer + below))


def _added(message: ir.Message, old: ir.Service) -> Change:
    known = {_key(c) for c in old.channels if c.messages}
    if message.topic not in known:
        return change("message-added", message.name, message.name, message.span)
    return change(
        "message-added-to-channel", message.name, message.name, message.span,
        breaks=("consumers",), topic=message.topic,
    )  # fmt: skip


def _removed(message: ir.Message, old: ir.Service, span: Span) -> Change:
    breaks: set[Whom] = {"code"}
    for operation in old.operations:
        if message.name in operation.messages:
            sent = operation.action == "send"
            breaks |= {"consumers"} if sent else {"producers", "stored"}
    if breaks == {"code"}:
        breaks |= set(ALL)
    return change("message-removed", message.name, message.name, span, breaks=breaks)


def _topic(old: ir.Message, new: ir.Message, made: Callable[..., Change]) -> Iterator[Change]:
    if old.kind == new.kind == "websocket":
        return
    if _shape(old) != _shape(new):
        yield made("topic-changed", ALL, old=old.topic, new=new.topic)
        return
    for was, now in zip(old.parameters, new.parameters, strict=False):
        if was.python_name != now.python_name:
            yield made("parameter-renamed", ("code",), old=was.name, new=now.name)
        for value in now.enum if was.enum else ():
            if value not in was.enum:
                yield made("parameter-value-added", ("consumers",), name=now.name, value=value)
        for value in was.enum if now.enum else ():
            if value not in now.enum:
                yield made(
                    "parameter-value-removed", ("producers", "stored"), name=now.name, value=value
                )


def _shape(message: ir.Message) -> str:
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
