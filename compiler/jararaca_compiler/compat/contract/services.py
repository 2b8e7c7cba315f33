"""Which service of then is which of now, where it is called differently."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from jararaca_compiler import ir

Services = Mapping[str, ir.Service]


def renamed_services(before: Services, after: Services) -> Iterator[tuple[str, str]]:
    """The old and the new name of each: those that have most in common, then the last two left."""
    gone, come = sorted(before.keys() - after.keys()), sorted(after.keys() - before.keys())
    pairs = [(-_common(before[was], after[now]), was, now) for was in gone for now in come]
    for common, was, now in sorted(pairs):
        is_last = len(gone) == len(come) == 1
        if was in gone and now in come and (common or is_last):
            gone.remove(was)
            come.remove(now)
            yield was, now


def _common(old: ir.Service, new: ir.Service) -> int:
    """How many topics, messages and operations of the two are called the same."""
    return len(_marks(old) & _marks(new))


def _marks(service: ir.Service) -> set[tuple[str, str]]:
    marks = {("topic", message.topic) for message in service.messages if message.topic}
    marks |= {("message", message.name) for message in service.messages}
    return marks | {("operation", operation.id) for operation in service.operations}
