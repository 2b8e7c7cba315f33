"""A default that is a member of an enumeration -> the value that it stands for, as it is sent."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import replace

from jararaca_compiler.compat.generated.unit import Key, Unit, Units

_ENUMERATION = re.compile(r"^( *)class (\w+)\(.*Enum\):\n((?:\1 +.*\n|\n)*)", re.M)
_MEMBER = re.compile(r"^ +(\w+) = (.+)$", re.M)
_NAMED = re.compile(r"^(?:\w+\.)*(\w+\.\w+)$")


def with_values(units: Units, modules: Iterable[str]) -> Iterator[tuple[Key, Unit]]:
    """The units; a class that became a `Literal` of the same words changes no default."""
    values = _values(modules)
    for key, unit in units.items():
        named = _NAMED.match(unit.text) if key.kind == "default" else None
        listed = values[named.group(1)] if named is not None else set()
        yield key, replace(unit, text=min(listed)) if len(listed) == 1 else unit


def _values(modules: Iterable[str]) -> defaultdict[str, set[str]]:
    """What each member is; several where classes of one name stand in different places."""
    found: defaultdict[str, set[str]] = defaultdict(set)
    for source in modules:
        for _, name, body in _ENUMERATION.findall(source):
            for member, value in _MEMBER.findall(body):
                found[f"{name}.{member}"].add(value.replace('"', "'"))
    return found
