"""Two contracts -> their differences, each with whom it breaks."""

from __future__ import annotations

from collections.abc import Iterator

from jararaca_compiler import ir
from jararaca_compiler.compat.change import Change, change
from jararaca_compiler.compat.messages import ALL, Comparison, ContractVersion
from jararaca_compiler.compat.operations import operations, topology
from jararaca_compiler.documents.source import Span

__all__ = ["Change", "ContractVersion", "compare"]


def compare(old: ContractVersion, new: ContractVersion) -> tuple[Change, ...]:
    """Every difference of two contracts, in the order of services and their messages; what two
    fields share is told at the first that it breaks the most for.
    """
    found: dict[tuple[object, ...], Change] = {}
    for each in _changes(old, new):
        key = (each.code, each.group, each.span, each.message)
        known = found.setdefault(key, each)
        if len(each.breaks) > len(known.breaks):
            found[key] = each
    return tuple(found.values())


def _changes(old: ContractVersion, new: ContractVersion) -> Iterator[Change]:
    comparison = Comparison(old, new)
    before = {service.name: service for service in old.services}
    after = {service.name: service for service in new.services}
    gone, come = before.keys() - after.keys(), after.keys() - before.keys()
    if len(gone) == 1 and len(come) == 1:
        (was,), (now,) = gone, come
        span = _span(after[now])
        yield change("service-renamed", now, now, span, breaks=("code",), old=was, new=now)
        before[now] = before.pop(was)
    for name, service in after.items():
        if name not in before:
            yield change("service-added", name, name, _span(service))
            continue
        yield from comparison.messages(before[name], service)
        yield from operations(before[name], service, old.place)
        yield from topology(before[name], service, old.place)
    for name in before.keys() - after.keys():
        span = old.place(_span(before[name]))
        yield change("service-removed", name, name, span, breaks=(*ALL, "code"))


def _span(service: ir.Service) -> Span:
    return Span(service.source.split(", ")[0])
