"""What the classes of shared schemas are called: by where they stand, whatever else is there."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from pathlib import PurePosixPath

from jararaca_compiler.documents.source import unescape
from jararaca_compiler.emit.types.discriminators import ANY
from jararaca_compiler.naming import class_name
from jararaca_compiler.references.dynamic_scope import unscoped

_CONTAINERS = ("/components/schemas/", "/components/messages/", "/$defs/", "/definitions/")
_STEPS = frozenset({"properties", "$defs", "definitions", "components", "schemas", "messages"})


def names_of(places: Iterable[str], own: frozenset[str], said: Mapping[str, str]) -> dict[str, str]:
    """A name for each place (`path#pointer`); `own` are the paths of the service's documents.

    `said` are names that a published document gives, by place.

    Where two would be called the same, the one that is called so in the service's own documents
    keeps the name, and others are called by their file too, or by a digest of their place.
    """
    names = {place: said[place] for place in sorted(set(places) & said.keys())}
    taken = set(names.values())
    for level in (_plain, _with_file, _with_digest):
        waiting = sorted(
            (place for place in set(places) if place not in names),
            key=lambda place: _rank(place, own),
        )
        for place in waiting:
            name = level(place)
            if name not in taken:
                names[place] = name
                taken.add(name)
    return names


def _rank(place: str, own: frozenset[str]) -> tuple[bool, bool, str]:
    path, _, pointer = place.partition("#")
    return path not in own, unescape(pointer.rpartition("/")[2]) != _plain(place), place


def _plain(place: str) -> str:
    if place.endswith(ANY):
        return class_name(f"Any {_plain(place.removesuffix(ANY))}")
    place, scope = unscoped(place)
    if scope is not None:
        return class_name(f"{_plain(place)} in {_plain(scope)}")
    path, _, pointer = place.partition("#")
    if not pointer:
        return class_name(_stem(path))
    for container in _CONTAINERS:
        if pointer.startswith(container):
            pointer = "/" + pointer.removeprefix(container)
            break
    tokens = [unescape(token) for token in pointer.split("/")[1:]]
    return class_name(" ".join(t for t in tokens if t not in _STEPS) or tokens[-1])


def _with_file(place: str) -> str:
    return class_name(f"{_stem(place.partition('#')[0])} {_plain(place)}")


def _with_digest(place: str) -> str:
    return f"{_plain(place)}_{hashlib.sha256(place.encode()).hexdigest()[:6]}"


def _stem(path: str) -> str:
    return PurePosixPath(path).name.split(".")[0]
