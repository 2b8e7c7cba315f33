"""What the classes of shared schemas are called: by where they stand, whatever else is there."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from pathlib import PurePosixPath

from jararaca_compiler.documents.source import unescape
from jararaca_compiler.emit.types.discriminators import ANY
from jararaca_compiler.naming import class_name, unqualified
from jararaca_compiler.references.dynamic_scope import unscoped

_CONTAINERS = ("/components/schemas/", "/components/messages/", "/$defs/", "/definitions/")
_STEPS = frozenset({"properties", "$defs", "definitions", "components", "schemas", "messages"})
_LOCAL = ("$defs", "definitions")


def names_of(
    places: Iterable[str],
    own: frozenset[str],
    said: Mapping[str, str],
    titles: Mapping[str, str] | None = None,
    payloads: Mapping[str, str] | None = None,
) -> dict[str, str]:
    """A name for each place (`path#pointer`); `own` are the paths of the service's documents.

    `said` are names that a published document gives, by place, `titles` those of the schemas, and
    `payloads` what a message that is written out in its operation is called, by its payload.

    A schema that is a file's own (`definitions`, `$defs`) is called by that file, or by the message
    that it stands in: however many others are called the same, its name stays. A qualified name
    (`io.github.shop.Order`) is called by its title, else by its last part.

    Where two would still be called the same, the one that is called so in the service's own
    documents keeps the name, and others are called by all of their place, by their file too (a file
    by its folder), or by a digest of their place.
    """
    names = {place: said[place] for place in sorted(set(places) & said.keys())}
    taken = set(names.values())
    every = set(places)
    short = {place: _short(place, own, titles or {}, payloads or {}) for place in every}
    for level in (short.__getitem__, _plain, _with_file, _with_digest):
        waiting = sorted(
            (place for place in every if place not in names),
            key=lambda place: (short[place] != _plain(place), *_rank(place, own)),
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


def _short(
    place: str, own: frozenset[str], titles: Mapping[str, str], payloads: Mapping[str, str]
) -> str:
    """The name of a place by as little of it as tells it for good."""
    path, _, pointer = place.partition("#")
    tokens = [unescape(token) for token in pointer.split("/")[1:]]
    if place.endswith(ANY) or unscoped(place)[1] is not None or len(tokens) < 2:
        return _plain(place)
    written_out = _message_before(place, payloads)
    if written_out is not None:
        return written_out
    name = unqualified(tokens[-1], titles.get(place))
    if tokens[-2] not in _LOCAL:
        return class_name(name) if name != tokens[-1] else _plain(place)
    owner = _message_around(tokens)
    if owner is None and path not in own:
        owner = _stem(path)
    return _plain(place) if owner is None else class_name(f"{owner} {name}")


def _message_around(tokens: list[str]) -> str | None:
    """The message that a place in a document is within."""
    for start in (("components", "messages"), ("channels", None, "messages")):
        around = tokens[: len(start)]
        if len(tokens) > len(start) + 1 and all(
            wanted in (None, token) for wanted, token in zip(start, around, strict=False)
        ):
            return unqualified(tokens[len(start)], None)
    return None


def _message_before(place: str, payloads: Mapping[str, str]) -> str | None:
    """By its message, where that stands in an operation of AsyncAPI 2: its place is long."""
    around = place
    while around not in payloads:
        around, slash, _ = around.rpartition("/")
        if not slash:
            return None
    steps = place.removeprefix(around).split("/")[1:] or ["payload"]
    inside = " ".join(unescape(step) for step in steps if step not in _STEPS)
    return class_name(f"{payloads[around]} {inside or steps[-1]}")


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
    path, _, pointer = place.partition("#")
    if not pointer:
        return class_name(f"{PurePosixPath(path).parent.name} {_stem(path)}")
    return class_name(f"{_stem(path)} {_plain(place)}")


def _with_digest(place: str) -> str:
    return f"{_plain(place)}_{hashlib.sha256(place.encode()).hexdigest()[:6]}"


def _stem(path: str) -> str:
    return PurePosixPath(path).name.split(".")[0]
