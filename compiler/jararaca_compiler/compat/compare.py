"""Two contracts -> their differences, each with whom it breaks."""

from __future__ import annotations

from collections.abc import Iterator

from jararaca_compiler import ir
from jararaca_compiler.compat.change import Change, change
from jararaca_compiler.compat.contract.broker import topology
from jararaca_compiler.compat.contract.messages import Comparison
from jararaca_compiler.compat.contract.operations import operations
from jararaca_compiler.compat.contract.payloads import ALL
from jararaca_compiler.compat.contract.services import renamed_services
from jararaca_compiler.compat.contract.version import ContractVersion
from jararaca_compiler.compat.generated.oracle import untold
from jararaca_compiler.compat.proof.depth import deep_proofs
from jararaca_compiler.documents.source import Span

__all__ = ["Change", "ContractVersion", "compare"]


def compare(old: ContractVersion, new: ContractVersion) -> tuple[Change, ...]:
    """Every difference of two contracts, in the order of services and their messages; what two
    fields share is told at the first that it breaks the most for.
    """
    found: dict[tuple[object, ...], Change] = {}
    with deep_proofs():
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
    for was, now in renamed_services(before, after):
        span = _span(after[now])
        yield change("service-renamed", now, now, span, breaks=("code",), old=was, new=now)
        before[now] = before.pop(was)
    for name, service in after.items():
        if name not in before:
            yield change("service-added", name, name, _span(service))
            continue
        told = list(_service(comparison, before[name], service, old))
        yield from told
        packages = old.packages.get(before[name].name), new.packages.get(name)
        if packages[0] is not None and packages[1] is not None:
            sides = (before[name], old.lookup), (service, new.lookup)
            yield from untold(sides, (packages[0], packages[1]), told)
    for name in sorted(before.keys() - after.keys()):
        span = old.place(_span(before[name]))
        yield change("service-removed", name, name, span, breaks=(*ALL, "code"))


def _service(
    comparison: Comparison, old: ir.Service, new: ir.Service, side: ContractVersion
) -> Iterator[Change]:
    renamed = comparison.renamed(old, new)
    now = {was: name for name, was in renamed.items()}
    yield from comparison.messages(old, new, renamed)
    yield from operations(old, new, lambda name: now.get(name, name), side.place)
    yield from topology(old, new, side.place)


def _span(service: ir.Service) -> Span:
    return Span(service.source.split(", ")[0])
