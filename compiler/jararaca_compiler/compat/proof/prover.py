"""Proves that every value of one schema is valid under another; what it cannot prove it denies.

A proof is by induction over the size of values: what is being proved may be assumed for the parts
of a value (its properties and items), never for the value itself.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator

from jararaca_compiler.compat.proof import arrays, objects
from jararaca_compiler.compat.proof.equality import SchemaEquality
from jararaca_compiler.compat.proof.facts import Facts, facts
from jararaca_compiler.compat.proof.keywords import holds
from jararaca_compiler.compat.proof.prover_protocol import Atoms
from jararaca_compiler.compat.proof.schema import OPAQUE, Schema, SchemaStore, constrains
from jararaca_compiler.compat.proof.values import accepts, every

_STEPS = 8_000
"""How much one question may take; a proof that needs more is not found, and the next may take
half, so that documents which are nothing but such questions end too.
"""
_FEWEST_STEPS, _MOST_IN_VAIN = 250, 20_000
_BEFORE_REFUTING = 50
"""Steps that are cheaper than to look at a whole message."""
_HARDLY_ANY_STEPS = 10
"""What is left to each question where proofs that were not found took so many steps in all."""
_MOST_LOOKUPS = 20_000
_ALTERNATIVES = ("anyOf", "oneOf")


Refutes = Callable[[Atoms, Schema], bool]


class Prover:
    """Remembers what it has proved: many questions about one pair of documents are cheap.

    `refutes` is whether a value is at hand that satisfies all of the atoms and not the goal: what
    cannot be proved is not tried for long then: it would spend the steps of others.
    """

    def __init__(self, store: SchemaStore, refutes: Refutes = lambda part, goal: False) -> None:
        self.store = store
        self._refutes = refutes
        self.same = SchemaEquality()
        self._covered: dict[tuple[Atoms, Schema], bool] = {}
        self._known: dict[tuple[object, ...], bool] = {}
        self._facts: dict[Atoms, Facts] = {}
        self._open: dict[tuple[object, ...], tuple[int, int]] = {}
        self._lowest = math.inf
        self._inside = 0
        self._left = 0
        self._steps = _STEPS
        self._in_vain = 0

    def covers(self, part: Iterable[Schema], whole: Schema) -> bool:
        """Whether every value that satisfies all of `part` is surely valid under `whole`."""
        known = tuple(part)
        key = (known, whole)
        if key not in self._covered:
            self._covered[key] = self._covers(known, whole)
        return self._covered[key]

    def _covers(self, known: Atoms, whole: Schema) -> bool:
        found = self._tried(known, whole, min(_BEFORE_REFUTING, self._steps))
        if found or not self._is_unfinished:
            return found
        self.store.lookups_left = _MOST_LOOKUPS
        if self._refutes(known, whole):
            return False
        found = self._tried(known, whole, self._steps)
        if self._is_unfinished:
            self._in_vain += self._steps - self._left
            is_hopeless = self._in_vain >= _MOST_IN_VAIN
            fewer = max(_FEWEST_STEPS, self._steps // 2)
            self._steps = _HARDLY_ANY_STEPS if is_hopeless else fewer
        return found

    def _tried(self, known: Atoms, whole: Schema, steps: int) -> bool:
        self._left, self._inside, self._lowest = steps, 0, math.inf
        self.store.lookups_left = _MOST_LOOKUPS
        return self.implies(known, whole)

    @property
    def _is_unfinished(self) -> bool:
        return self._left <= 0 or self.store.lookups_left < 0

    def implies(self, known: Atoms, goal: Schema) -> bool:
        """`covers`, as a step of a proof."""
        if goal.value is True or any(self.same(one, goal) for one in known):
            return True
        if any(key in goal.keys for key in OPAQUE):
            return self.is_empty(known)
        known = _flat(known)
        return self._once(("implies", known, goal), lambda: self._implies(known, goal))

    def is_empty(self, known: Atoms) -> bool:
        """Whether surely no value satisfies all of `known`."""
        known = _flat(known)
        return self._once(("empty", known), lambda: self._is_empty(known))

    def inside(self, known: Atoms, goal: Schema) -> bool:
        """`implies` for a part of the value in question: here what is being proved may be used."""
        self._inside += 1
        found = self.implies(known, goal)
        self._inside -= 1
        return found

    def is_empty_inside(self, known: Atoms) -> bool:
        """`is_empty` for a part of the value in question."""
        self._inside += 1
        found = self.is_empty(known)
        self._inside -= 1
        return found

    def facts(self, known: Atoms) -> Facts:
        """What is known of a value of the atoms."""
        found = self._facts.get(known)
        if found is None:
            found = self._facts[known] = facts(known)
        return found

    def _once(self, key: tuple[object, ...], prove: Callable[[], bool]) -> bool:
        if key in self._known:
            return self._known[key]
        if key in self._open:
            index, inside = self._open[key]
            self._lowest = min(self._lowest, index)
            return self._inside > inside
        if self._left <= 0 or self.store.lookups_left < 0 or len(self._open) > 120:
            return False
        self._left -= 1
        index, before = len(self._open), self._lowest
        self._open[key] = (index, self._inside)
        self._lowest = math.inf
        found = prove()
        del self._open[key]
        if self._lowest >= index and self._left > 0:
            self._known[key] = found
        self._lowest = min(before, self._lowest if self._lowest < index else math.inf)
        return found

    def _implies(self, known: Atoms, goal: Schema) -> bool:
        found = self.facts(known)
        if found.is_impossible:
            return True
        if found.values is not None:
            return all(
                accepts(goal, value) or every(accepts(k, value) for k in known) is False
                for value in found.values
            )
        return all(
            any(self.same(one, atom) for one in known) or self._atom(known, atom)
            for atom in goal.atoms
        )

    def _atom(self, known: Atoms, atom: Schema) -> bool:
        if atom.value is False or any(key in atom.keys for key in OPAQUE):
            return self.is_empty(known)
        keys = (key for key in sorted(atom.keys) if constrains(key))
        return all(self._step(known, atom, key) for key in keys)

    def _step(self, known: Atoms, atom: Schema, key: str) -> bool:
        return self._once(("keyword", known, atom, key), lambda: self._keyword(known, atom, key))

    def _keyword(self, known: Atoms, atom: Schema, key: str) -> bool:
        """One keyword of the goal: directly, or in each of the cases that are known to be all."""
        if self._directly(known, atom, key) or self.is_empty(known):
            return True
        cases = self._cases(known)
        return cases is not None and all(self._case(case, atom, key) for case in cases)

    def _case(self, known: Atoms, atom: Schema, key: str) -> bool:
        return self._once(("case", known, atom, key), lambda: self._in_case(known, atom, key))

    def _in_case(self, known: Atoms, atom: Schema, key: str) -> bool:
        found = self.facts(known)
        if found.is_impossible:
            return True
        if found.values is not None:
            return self._implies(known, only(atom, key))
        if any(self.same(one, only(atom, key)) for one in known):
            return True
        return self._keyword(known, atom, key)

    def _directly(self, known: Atoms, atom: Schema, key: str) -> bool:
        found = self.facts(known)
        if key == "anyOf":
            return any(self.implies(known, s) for s in atom.children(key))
        if key == "oneOf":
            return self._exactly_one(known, atom.children(key))
        if key == "not":
            refused = atom.child("not", sender=False)
            return refused is not None and self.is_empty((*known, refused))
        if key in ("if", "dependentSchemas", "dependentRequired", "dependencies"):
            return all(self._condition(known, *each) for each in atom.conditions)
        if key in objects.KEYS:
            return "object" not in found.types or objects.holds(self, known, atom, key)
        if key in arrays.KEYS:
            return "array" not in found.types or arrays.holds(self, known, atom, key)
        return holds(found, atom.keys, key)

    def _exactly_one(self, known: Atoms, choices: Atoms) -> bool:
        for choice in choices:
            if self._are_apart((*known, choice)):
                continue
            others = [other for other in choices if other is not choice]
            if self.implies(known, choice) and all(self.is_empty((*known, o)) for o in others):
                return True
        return False

    def _are_apart(self, known: Atoms) -> bool:
        """Whether it is seen at once that nothing is all of these."""
        known = _flat(known)
        found = self.facts(known)
        return found.is_impossible or (found.types == {"object"} and objects.are_apart(self, known))

    def _condition(
        self, known: Atoms, condition: Schema, then: Schema | None, otherwise: Schema | None
    ) -> bool:
        if then is not None and not self.implies((*known, condition), then):
            return False
        refused = self.refused(condition)
        return otherwise is None or self.implies((*known, refused), otherwise)

    def refused(self, schema: Schema) -> Schema:
        """`not schema`."""
        return self.store.made(schema, ("refused",), {"not": schema.value}, sender=False)

    def _cases(self, known: Atoms) -> Iterator[Atoms] | None:
        """Stronger knowledge, one of which holds for each value; None if there is no choice."""
        found = self.facts(known)
        if len(found.types) > 1 and len(found.types) < 7:
            return (_flat((*known, self._typed(known[0], kind))) for kind in sorted(found.types))
        for atom in known:
            cases = self._choices(atom)
            if cases is not None:
                left = tuple(other for other in known if other is not atom)
                return (_flat((*left, *case)) for case in cases)
        return None

    def _typed(self, near: Schema, kind: str) -> Schema:
        if kind == "fraction":
            value: object = {"type": "number", "not": {"type": "integer"}}
            return self.store.made(near, ("typed", kind), {"allOf": [value]}, sender=False)
        return self.store.made(near, ("typed", kind), {"type": kind}, sender=False)

    def _choices(self, atom: Schema) -> Iterator[Atoms] | None:
        for key in _ALTERNATIVES:
            choices = atom.children(key)
            if choices:
                left = atom.without(key)
                refused = {c: self.refused(c) for c in choices} if key == "oneOf" else {}
                return (
                    (left, choice, *(no for other, no in refused.items() if other is not choice))
                    for choice in choices
                )
        condition = atom.child("if", sender=False)
        if condition is None:
            return None
        left = atom.without("if")
        _, then, otherwise = atom.conditions[0]
        yes = (left, condition, *([then] if then is not None else []))
        no = (left, self.refused(condition), *([otherwise] if otherwise is not None else []))
        return iter((yes, no))

    def _is_empty(self, known: Atoms) -> bool:
        found = self.facts(known)
        if found.is_impossible:
            return True
        if found.values is not None:
            return all(
                every(accepts(one, value) for one in known) is False for value in found.values
            )
        structured = found.types & {"object", "array"}
        if structured == found.types == {"object"} and objects.are_apart(self, known):
            return True
        if self._is_refuted(known):
            return True
        if structured == found.types and all(
            (objects if kind == "object" else arrays).is_empty(self, known) for kind in structured
        ):
            return True
        cases = self._choices_of(known)
        return cases is not None and all(self.is_empty(case) for case in cases)

    def _is_refuted(self, known: Atoms) -> bool:
        """Whether an atom says that the value is not what the others say it is."""
        for atom in known:
            refused = atom.child("not", sender=False)
            if refused is None:
                continue
            others = tuple(other for other in known if other is not atom)
            left = atom.without("not")
            rest = (*others, left) if any(constrains(key) for key in left.keys) else others
            is_worth_it = rest and not self._are_apart((*rest, refused))
            if is_worth_it and self.implies(rest, self._plain(refused)):
                return True
        return False

    def _plain(self, schema: Schema) -> Schema:
        return self.store.plain(schema) if schema.sender else schema

    def _choices_of(self, known: Atoms) -> Iterator[Atoms] | None:
        for atom in known:
            cases = self._choices(atom)
            if cases is not None:
                left = tuple(other for other in known if other is not atom)
                return ((*left, *case) for case in cases)
        return None


def only(atom: Schema, key: str) -> Schema:
    """One keyword of an atom, with the neighbours without which it means nothing."""
    near = {
        "if": ("then", "else"),
        "contains": ("minContains", "maxContains"),
        "additionalProperties": ("properties", "patternProperties"),
        "items": ("prefixItems",),
        "additionalItems": ("items",),
    }.get(key, ())
    kept = {k: v for k, v in atom.keys.items() if k == key or k in near}
    return atom.store.made(atom, ("only", key), kept)


def _flat(known: Atoms) -> Atoms:
    """The atoms of several schemas, each once, in an order that does not depend on theirs."""
    atoms = {atom for schema in known for atom in schema.atoms}
    return tuple(sorted(atoms, key=lambda atom: atom.serial))
