"""The choices of two schemas: which came, which went, and which go on."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from jararaca_compiler.compat.proof.prover import Prover
from jararaca_compiler.compat.proof.schema import Schema, constrains
from jararaca_compiler.compat.schemas.difference import NARROWED, WIDENED, Difference
from jararaca_compiler.compat.schemas.frame import Frame
from jararaca_compiler.compat.schemas.view import View, named

Variants = dict[str, Schema]
_ALTERNATIVES = ("oneOf", "anyOf")
_BESIDE = frozenset({*_ALTERNATIVES, "type"})


@dataclass(frozen=True, slots=True)
class Choices:
    """The choices of both sides by name; `are_all` where nothing is said beside them on one side,
    which the other has only one of.
    """

    old: Variants
    new: Variants
    are_all: bool = False


def sides(old: View, new: View) -> Choices | None:
    """The choices of both; what is no choice is the only one beside a side that has several."""
    before, after = old.variants(), new.variants()
    if before and after:
        is_enumeration = _are_constants(before) and _are_constants(after)
        return None if is_enumeration else Choices(before, after)
    if after and _says_nothing_else(new) and len(old.schemas) == 1 and old.fields:
        return Choices(named(old.schemas), after, True)
    if before and _says_nothing_else(old) and len(new.schemas) == 1 and new.fields:
        return Choices(before, named(new.schemas), True)
    return None


def came_and_went(prover: Prover, choices: Choices, frame: Frame) -> list[Difference]:
    """The choices of one side alone."""
    known = {s for pair in _paired(prover, choices).values() for s in pair}
    found: list[Difference] = []
    for name, variant in choices.new.items():
        if variant not in known:
            found.append(_alone("variant-added", name, variant, frame, choices.are_all))
    for name, variant in choices.old.items():
        if variant not in known:
            found.append(_alone("variant-removed", name, variant, frame, True))
    return found


def lasting(prover: Prover, choices: Choices, frame: Frame) -> Iterator[Frame]:
    """The choices that go on."""
    for name, (first, second) in _paired(prover, choices).items():
        yield frame.variant(name, (first,), (second,))


def _alone(code: str, name: str, variant: Schema, frame: Frame, touches_code: bool) -> Difference:
    relation = WIDENED if code == "variant-added" else NARROWED
    values = {"name": f"`{name}`"}
    return Difference(
        code, frame, relation, touches_code, None, values, place=variant, having=(variant,)
    )


def _paired(prover: Prover, choices: Choices) -> dict[str, tuple[Schema, Schema]]:
    """The choices that go on: by what they say, else by name; published, a name may be longer."""
    found: dict[str, tuple[Schema, Schema]] = {}
    left = dict(choices.old)
    for name, second in choices.new.items():
        same = [n for n, s in left.items() if prover.same(s, second)]
        if same:
            found[name] = (left.pop(name if name in same else same[0]), second)
    for name, second in choices.new.items():
        if name not in found and name in left:
            found[name] = (left.pop(name), second)
    for name, second in choices.new.items():
        longer = [n for n in left if f".{name}".endswith(f".{n}") or f".{n}".endswith(f".{name}")]
        if name not in found and longer:
            found[name] = (left.pop(longer[0]), second)
    return {name: found[name] for name in choices.new if name in found}


def _are_constants(variants: Variants) -> bool:
    """Whether the choices are an enumeration in other words."""
    return all("const" in variant.keys for variant in variants.values())


def _says_nothing_else(side: View) -> bool:
    """Whether a schema is nothing but its choices."""
    return len(side.atoms) == 1 and all(
        key in _BESIDE for key in side.atoms[0].keys if constrains(key)
    )
