"""Steps of a proof about objects: their properties, name by name, and what may stand beside."""

from __future__ import annotations

from collections.abc import Iterable

from jararaca_compiler.compat.proof.keywords import fits
from jararaca_compiler.compat.proof.patterns import matches
from jararaca_compiler.compat.proof.prover_protocol import Atoms, ProverProtocol
from jararaca_compiler.compat.proof.schema import Schema
from jararaca_compiler.compat.proof.values import accepts, at_name

KEYS = frozenset(
    [
        "properties",
        "patternProperties",
        "additionalProperties",
        "required",
        "minProperties",
        "maxProperties",
        "propertyNames",
    ]
)
_IN_PLACE = ("allOf", "anyOf", "oneOf")


def holds(prover: ProverProtocol, known: Atoms, atom: Schema, key: str) -> bool:
    """Whether a keyword of the goal about objects surely holds."""
    value = atom.keys[key]
    found = prover.facts(known)
    if key == "required":
        return set(value) <= found.required if isinstance(value, list) else True
    if key == "minProperties":
        return fits(found, "object", key, value)
    if key == "maxProperties":
        return fits(found, "object", key, value) or _most(known) <= value
    if key == "properties":
        return all(_at(prover, known, n, s) for n, s in atom.named(key).items())
    if key == "propertyNames":
        return _names(prover, known, atom)
    if key == "patternProperties":
        return all(_matching(prover, known, p, s) for p, s in atom.named(key).items())
    extra = atom.child(key)
    return extra is None or extra.value is True or _extra(prover, known, atom, extra)


def is_empty(prover: ProverProtocol, known: Atoms) -> bool:
    """Whether surely no object satisfies the atoms: a property that it must have cannot be."""
    required = sorted(prover.facts(known).required)
    return any(prover.is_empty_inside(at(known, name)) for name in required)


def are_apart(prover: ProverProtocol, known: Atoms) -> bool:
    """Whether it is seen without a proof that no object satisfies the atoms.

    Most choices are told apart by a constant of theirs.
    """
    return any(
        prover.facts(
            tuple(atom for schema in at(known, name) for atom in schema.atoms)
        ).is_impossible
        for name in prover.facts(known).required
    )


def at(known: Atoms, name: str) -> Atoms:
    """The schemas that surely hold for the property `name`."""
    return tuple(schema for atom in known for schema in at_name(atom, name)[0])


def declared(known: Iterable[Schema]) -> frozenset[str] | None:
    """The only properties that a sender of declared fields sends; None if it may send any."""
    names: set[str] = set()
    properties = False
    for atom in known:
        if atom.sender:
            found = _declared(atom, 0)
            if found is None:
                return None
            names |= found
            properties |= "properties" in atom.keys
    return frozenset(names) if properties else None


def _declared(schema: Schema, depth: int) -> set[str] | None:
    keys = schema.keys
    extra = keys.get("additionalProperties", False)
    if depth > 20 or not schema.store.look() or extra is not False or keys.get("patternProperties"):
        return None
    if keys.get("unevaluatedProperties", False) is not False:
        return None
    names = {str(name) for name in keys.get("properties") or ()}
    names |= {str(name) for name in keys.get("required") or () if isinstance(name, str)}
    parts = [part for key in _IN_PLACE for part in schema.children(key)]
    parts += [part for each in schema.conditions for part in each if part is not None]
    target = schema.target
    for part in (*parts, *([target] if target is not None else [])):
        found = _declared(part, depth + 1)
        if found is None:
            return None
        names |= found
    return names


def _at(prover: ProverProtocol, known: Atoms, name: str, goal: Schema) -> bool:
    names = declared(known)
    if names is not None and name not in names:
        return True
    return prover.inside(at(known, name), goal)


def _extra(prover: ProverProtocol, known: Atoms, atom: Schema, goal: Schema) -> bool:
    """`additionalProperties`: for every name that may stand there."""
    own, patterns = atom.named("properties"), list(atom.named("patternProperties"))
    for name in sorted(_sent(known) - own.keys()):
        matched = any(matches(pattern, name) for pattern in patterns)
        if not matched and not _at(prover, known, name, goal):
            return False
    for pattern, schema in _patterns(known):
        if pattern not in patterns and not prover.inside((schema,), goal):
            return False
    return declared(known) is not None or prover.inside(_rest(known), goal)


def _matching(prover: ProverProtocol, known: Atoms, pattern: str, goal: Schema) -> bool:
    """`patternProperties`: for every name that may match."""
    for name in sorted(_sent(known)):
        if matches(pattern, name) is not False and not _at(prover, known, name, goal):
            return False
    held = [schema for other, schema in _patterns(known) if other == pattern]
    held += _rest(atom for atom in known if not atom.named("patternProperties"))
    return declared(known) is not None or prover.inside(tuple(held), goal)


def _names(prover: ProverProtocol, known: Atoms, atom: Schema) -> bool:
    goal = atom.child("propertyNames")
    if goal is None or goal.value is True:
        return True
    held = tuple(n for n in (one.child("propertyNames") for one in known) if n is not None)
    if held and prover.inside(held, goal):
        return True
    names = declared(known)
    if names is None and _is_closed(known):
        names = frozenset(_listed(known))
    return names is not None and all(accepts(goal, name) for name in names)


def _listed(known: Iterable[Schema]) -> set[str]:
    return {name for atom in known for name in atom.named("properties")}


def _sent(known: Atoms) -> set[str]:
    """The names that are listed, and those that a sender of declared fields sends beside them."""
    return _listed(known) | (declared(known) or frozenset())


def _patterns(known: Iterable[Schema]) -> list[tuple[str, Schema]]:
    return [pair for atom in known for pair in atom.named("patternProperties").items()]


def _rest(known: Iterable[Schema]) -> Atoms:
    found = (atom.child("additionalProperties") for atom in known)
    return tuple(schema for schema in found if schema is not None)


def _is_closed(known: Iterable[Schema]) -> bool:
    return any(_closed(atom) for atom in known)


def _closed(atom: Schema) -> bool:
    keys = atom.keys
    return keys.get("additionalProperties") is False and not keys.get("patternProperties")


def _most(known: Atoms) -> float:
    """How many properties an object can have at most."""
    counts = [len(atom.named("properties")) for atom in known if _closed(atom)]
    names = declared(known)
    return min([float("inf"), *counts, *([len(names)] if names is not None else [])])
