"""Which changes may be about a unit of generated code, and where in the document it comes from."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping, Sequence

from jararaca_compiler import ir
from jararaca_compiler.compat.change import Change
from jararaca_compiler.compat.generated.mismatch import Mismatch
from jararaca_compiler.compat.generated.shared_places import SharedPlaces, Side
from jararaca_compiler.documents.source import Span
from jararaca_compiler.lower.partitioning.queues import parts_of

_SHARED = "schemas"
_EVERYWHERE = ("own-exchange-renamed",)
_ROWS = ("topology", "route", "clock")


class Scope:
    """The messages, operations and queues of two revisions of a service, by their names."""

    def __init__(
        self, sides: tuple[Side, Side], told: Sequence[Change], renamed: Mapping[str, str]
    ) -> None:
        services = [service for service, _ in sides]
        self._new = services[1]
        self._places = SharedPlaces(sides, renamed)
        self._told = told
        self._groups: dict[str, set[str]] = {}
        self._spans: dict[str, Span] = {}
        self._called: dict[str, str] = {}
        self._classes: dict[str, str] = {}
        for service in services:
            for message in service.messages:
                self._add(message.class_name, message.name, message.span)
                self._classes[message.name] = message.class_name
                if message.exchange is not None:
                    self._add(message.exchange, message.name, message.span)
            for operation in service.operations:
                self._add_operation(operation, service)

    def changes(self, mismatch: Mismatch) -> Iterator[Change]:
        """The changes that may be about a unit."""
        neighbours = set(_neighbours(mismatch))
        names = {*_names(mismatch), *neighbours, *(self._classes.get(n, n) for n in neighbours)}
        groups = {group for name in names for group in self._groups.get(name, ())} | names
        shared = self._shared(mismatch)
        for each in self._told:
            is_near = each.group in groups if shared is None else self._is_within(each, shared)
            if is_near or each.code in _EVERYWHERE:
                yield each

    def _shared(self, mismatch: Mismatch) -> tuple[frozenset[str], bool] | None:
        """Where the shared schema of a unit stands, and whether the unit is all of its class."""
        outermost, _, rest = mismatch.key.owner.partition(".")
        if mismatch.key.kind in _ROWS or outermost != _SHARED:
            return None
        name, _, nested = rest.partition(".")
        is_gone_or_new = mismatch.old is None or mismatch.new is None
        return self._places.of(name), is_gone_or_new and mismatch.key.kind == "class" and not nested

    def _is_within(self, change: Change, shared: tuple[frozenset[str], bool]) -> bool:
        """Whether a change lies in a shared schema, or has brought or taken all of it."""
        places, is_whole = shared
        if not places:
            return True
        return bool(
            places & change.within or (is_whole and places & self._places.behind(change.refers))
        )

    def group(self, mismatch: Mismatch) -> str:
        """What a change of the unit is listed under: a message, an operation, a queue, a class."""
        names = [name for name in _names(mismatch) if name != _SHARED]
        for name in names:
            if name in self._called:
                return self._called[name]
        return names[0] if names else _SHARED

    def span(self, mismatch: Mismatch) -> Span:
        """The nearest place of the unit that is known."""
        for name in (*_names(mismatch), self.group(mismatch)):
            if name in self._spans:
                return self._spans[name]
        return Span(self._new.source.split(", ")[0])

    def _add(self, name: str, group: str, span: Span) -> None:
        self._groups.setdefault(name, set()).add(group)
        self._spans[name] = self._spans[group] = span
        self._called[name] = group

    def _add_operation(self, operation: ir.Operation, service: ir.Service) -> None:
        names = [m.class_name for m in service.messages if m.name in operation.messages]
        queues = [] if operation.queue is None else [operation.queue]
        queues += [part for queue in queues for part in parts_of(queue, service.topology)]
        for name in names:
            self._groups[name].update([operation.id, *queues])
        for name in (operation.id, *queues):
            self._add(name, operation.id, operation.span)
            self._groups[name].update([*queues, *operation.messages])


def _names(mismatch: Mismatch) -> Iterator[str]:
    """The classes, operations and queues that a unit is about."""
    if mismatch.key.kind in _ROWS:
        yield from sorted(word.removeprefix("messages.") for word in mismatch.words)
        return
    outermost, _, rest = mismatch.key.owner.partition(".")
    yield outermost
    if outermost == _SHARED:
        yield rest.partition(".")[0]


def _neighbours(mismatch: Mismatch) -> Iterator[str]:
    """For the messages of a channel that a row does not take: those that came or went."""
    if mismatch.key.kind == "route" and mismatch.key.name == "others":
        old, new = (
            set() if text == "nothing" else set(ast.literal_eval(text)) for text in mismatch.texts
        )
        yield from old ^ new
