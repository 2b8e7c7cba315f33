"""`$dynamicRef` and `$recursiveRef` without a run time: a schema anew for each scope that it has.

Which schema such a reference leads to is decided by how one came there: by the first resource on
the way that has its `$dynamicAnchor` (JSON Schema 2020-12, section 8.2.3.2), or the first with
`$recursiveAnchor` (2019-09, section 8.2.4.2). Ways are references, all known when we compile. So
where that matters, a reference leads to a place with its scope behind it, and what stands there has
no dynamic references any more.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from jararaca_compiler.documents.node import Node
from jararaca_compiler.documents.source import escape
from jararaca_compiler.references.targets import ReferenceTargets, UnresolvedRefError

Scope = tuple[tuple[str, str], ...]
"""By anchor, sorted: the place that it has in the first resource that has it."""
DYNAMIC = ("$dynamicRef", "$recursiveRef")
MOST_SCOPED = 2_000
"""The places with a scope of one compilation; more are made on purpose only."""
_RECURSIVE = ""
_IN = "|in "


def unscoped(place: str) -> tuple[str, str | None]:
    """A place without its scope, and the place that decides what the scope means, if it has one."""
    bare, found, scope = place.partition(_IN)
    return bare, scope.partition("=")[2].partition(",")[0].replace("~1", "/") if found else None


class DynamicScopes:
    """Keeps each scope behind the references that have it."""

    def __init__(self, targets: ReferenceTargets) -> None:
        self._targets = targets
        self._scoped: dict[str, tuple[Node, Scope]] = {}
        self._ways: dict[str, tuple[tuple[str, ...], tuple[tuple[str, str], ...]]] = {}

    @property
    def any(self) -> bool:
        """Whether any place has a scope."""
        return bool(self._scoped)

    def entered(self, scope: Scope, node: Node) -> Scope:
        """The scope once the resource around a place is entered."""
        anchors = self._targets.dynamic_anchors(node)
        if not anchors:
            return scope
        known = dict(scope)
        new = {name: place for name, place in anchors.items() if name not in known}
        return tuple(sorted({**known, **new}.items())) if new else scope

    def beginning(self, node: Node, scope: Scope) -> Scope:
        """The scope inside a schema that stands in another: entered, where it is a resource."""
        return self.entered(scope, node) if self._targets.is_resource(node) else scope

    def of(self, ref: str) -> tuple[Node, Scope] | None:
        """The place and the scope of a reference that has one."""
        return self._scoped.get(ref)

    def target(self, keyword: str, ref: str, static: Node, scope: Scope) -> str:
        """Where a reference leads; `static` is where it does without regard to the scope.

        Raises UnresolvedRefError.
        """
        name = self._dynamic_name(keyword, ref, static)
        led = dict(scope).get(name) if name is not None else None
        node = static if led is None else self._targets.walk(*_parted(led))
        inner, alone = self.entered(scope, node), self.entered((), node)
        if inner == alone:
            return node.ref
        names = self._names_below(node, inner)
        kept = tuple(pair for pair in inner if pair[0] in names)
        if kept == tuple(pair for pair in alone if pair[0] in names):
            return node.ref
        scoped = node.ref + _IN + ",".join(f"{name}={escape(place)}" for name, place in kept)
        if scoped not in self._scoped and len(self._scoped) >= MOST_SCOPED:
            raise UnresolvedRefError(
                "unresolved-ref", f"dynamic references have more than {MOST_SCOPED:,} meanings here"
            )
        self._scoped[scoped] = node, kept
        return scoped

    def _dynamic_name(self, keyword: str, ref: str, static: Node) -> str | None:
        """The anchor that a reference is dynamic by; None where it is as static as `$ref`."""
        if keyword not in DYNAMIC:
            return None
        name = _RECURSIVE if keyword == "$recursiveRef" else ref.partition("#")[2]
        return name if self._targets.dynamic_anchors(static).get(name) == static.ref else None

    def _names_below(self, node: Node, scope: Scope) -> set[str]:
        """The dynamic anchors that anything refers to that a schema leads to."""
        names: set[str] = set()
        seen: set[str] = set()
        waiting, decided = [node.ref], dict(scope)
        while waiting:
            place = waiting.pop()
            if place in seen:
                continue
            seen.add(place)
            plain, dynamic = self._ways_from(place)
            waiting += plain
            for name, static in dynamic:
                names.add(name)
                waiting.append(decided.get(name, static))
        return names

    def _ways_from(self, place: str) -> tuple[tuple[str, ...], tuple[tuple[str, str], ...]]:
        """What a schema refers to: places, and (dynamic anchor, place without regard to scopes)."""
        if place not in self._ways:
            plain: list[str] = []
            dynamic: list[tuple[str, str]] = []
            for keyword, ref, node in _references(self._targets.walk(*_parted(place))):
                try:
                    static = self._targets.target(ref, node)
                except UnresolvedRefError:
                    continue  # It is complained of where it stands.
                name = self._dynamic_name(keyword, ref, static)
                if name is None:
                    plain.append(static.ref)
                else:
                    dynamic.append((name, static.ref))
            self._ways[place] = tuple(plain), tuple(dynamic)
        return self._ways[place]


def _references(node: Node) -> Iterator[tuple[str, str, Node]]:
    waiting: list[Node] = [node]
    while waiting:
        here = waiting.pop()
        value: Any = here.value
        if isinstance(value, dict):
            for keyword in ("$ref", *DYNAMIC):
                if isinstance(value.get(keyword), str):
                    yield keyword, value[keyword], here
            waiting += [below for _, below in here.items()]
        else:
            waiting += here.elements()


def _parted(place: str) -> tuple[str, str]:
    path, _, pointer = place.partition("#")
    return path, pointer
