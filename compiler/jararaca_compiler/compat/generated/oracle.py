"""What two services compile to is held against the changes that were told: none is passed over."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from jararaca_compiler.compat.change import Change, Whom, change
from jararaca_compiler.compat.generated.explained import explained
from jararaca_compiler.compat.generated.mismatch import Mismatch, mismatches
from jararaca_compiler.compat.generated.package import Package, units
from jararaca_compiler.compat.generated.scope import Scope
from jararaca_compiler.compat.generated.shared_places import Side
from jararaca_compiler.naming import class_name

_ALL: tuple[Whom, ...] = ("producers", "consumers", "stored")
_CODES: dict[str, tuple[str, tuple[Whom, ...]]] = {
    "class": ("generated-type-changed", ("code",)),
    "type": ("generated-type-changed", ("code",)),
    "method": ("generated-type-changed", ("code",)),
    "wire": ("generated-setting-changed", _ALL),
    "default": ("generated-default-changed", _ALL),
    "setting": ("generated-setting-changed", _ALL),
    "check": ("generated-check-changed", ()),
    "route": ("generated-route-changed", ("producers", "stored")),
    "topology": ("generated-topology-changed", ("consumers", "stored")),
    "clock": ("generated-setting-changed", ("consumers",)),
}
_NAMED = ("class", "type", "method")
_LONGEST = 100


def untold(
    sides: tuple[Side, Side],
    packages: tuple[Package, Package],
    told: Sequence[Change],
) -> Iterator[Change]:
    """A change for each difference of the old and the new package that none of `told` explains."""
    if packages[0] == packages[1]:
        return
    renamed = dict(_renamed(told))
    scope = Scope(sides, told, renamed)
    old, uses = units(*packages)
    new, more = units(*reversed(packages))
    for mismatch in mismatches(old, new, renamed, uses | more):
        if not explained(mismatch, list(scope.changes(mismatch))):
            yield _change(mismatch, scope)


def _renamed(told: Sequence[Change]) -> Iterator[tuple[str, str]]:
    """The classes that were told to be called differently."""
    for each in told:
        if each.code == "class-renamed":
            yield str(each.values["old"]), str(each.values["new"])
        elif each.code == "schema-renamed":
            yield class_name(str(each.values["old"])), class_name(str(each.values["new"]))


def _change(mismatch: Mismatch, scope: Scope) -> Change:
    key = mismatch.key
    code, breaks = _CODES[key.kind]
    if key.kind in _NAMED and mismatch.old is None:
        code, breaks = "generated-name-added", ()
    elif key.kind in _NAMED and mismatch.new is None:
        code = "generated-name-removed"
    old, new = (_short(text) for text in mismatch.texts)
    is_first = key.kind == "default" and old in ("`None`", "nothing")
    return change(
        code, scope.group(mismatch), key.shown, scope.span(mismatch),
        breaks=() if is_first else breaks, risks=breaks, name=key.shown, old=old, new=new,
    )  # fmt: skip


def _short(text: str) -> str:
    if text == "nothing":
        return text
    flat = " ".join(text.split())
    return f"`{flat if len(flat) <= _LONGEST else f'{flat[:_LONGEST]}...'}`"
