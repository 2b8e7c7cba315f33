"""Steps of a proof about arrays: their items, place by place, how many, and which they contain."""

from __future__ import annotations

from jararaca_compiler.compat.proof.keywords import fits
from jararaca_compiler.compat.proof.prover_protocol import Atoms, ProverProtocol
from jararaca_compiler.compat.proof.schema import Schema

KEYS = frozenset(
    ["items", "prefixItems", "additionalItems", "minItems", "maxItems", "uniqueItems", "contains"]
)


def holds(prover: ProverProtocol, known: Atoms, atom: Schema, key: str) -> bool:
    """Whether a keyword of the goal about arrays surely holds."""
    value = atom.keys[key]
    found = prover.facts(known)
    if key in ("minItems", "maxItems"):
        return fits(found, "array", key, value)
    if key == "uniqueItems":
        return value is not True or found.unique or found.sizes["array"][1] <= 1
    if key == "contains":
        return _contains(prover, known, atom)
    return _items(prover, known, atom)


def is_empty(prover: ProverProtocol, known: Atoms) -> bool:
    """Whether surely no array satisfies the atoms: an item that it must have cannot be."""
    least = int(prover.facts(known).sizes["array"][0])
    places = range(min(least, _listed(known) + 1))
    return any(prover.is_empty_inside(at(known, place)) for place in places)


def at(known: Atoms, place: int) -> Atoms:
    """The schemas that surely hold for the item at `place`."""
    found = []
    for atom in known:
        prefix, rest = atom.prefix, atom.rest
        if place < len(prefix):
            found.append(prefix[place])
        elif rest is not None:
            found.append(rest)
    return tuple(found)


def _items(prover: ProverProtocol, known: Atoms, atom: Schema) -> bool:
    """Every place up to the last that any schema names, and one that stands for all after it."""
    most = prover.facts(known).sizes["array"][1]
    for place in range(_listed((*known, atom)) + 1):
        if place >= most:
            return True
        for goal in at((atom,), place):
            if not prover.inside(at(known, place), goal):
                return False
    return True


def _contains(prover: ProverProtocol, known: Atoms, atom: Schema) -> bool:
    goal = atom.child("contains", sender=False)
    if goal is None:
        return True
    low, high = atom.keys.get("minContains", 1), atom.keys.get("maxContains")
    return (low == 0 or _at_least(prover, known, goal, low)) and (
        high is None or _at_most(prover, known, goal, high)
    )


def _at_least(prover: ProverProtocol, known: Atoms, goal: Schema, count: int) -> bool:
    for one in known:
        held = one.child("contains", sender=False)
        enough = one.keys.get("minContains", 1) >= count
        if held is not None and enough and prover.inside((held,), goal):
            return True
    if prover.facts(known).sizes["array"][0] < count:
        return False
    return all(
        prover.inside(at(known, place), goal) for place in range(min(count, _listed(known) + 1))
    )


def _at_most(prover: ProverProtocol, known: Atoms, goal: Schema, count: int) -> bool:
    if prover.facts(known).sizes["array"][1] <= count:
        return True
    for one in known:
        held = one.child("contains", sender=False)
        most = one.keys.get("maxContains")
        few = most is not None and most <= count
        if held is not None and few and prover.inside((goal,), held):
            return True
    return False


def _listed(known: Atoms) -> int:
    return max((len(atom.prefix) for atom in known), default=0)
