"""The differences of two schemas that lie in one value: its type, its values, its bounds."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from jararaca_compiler.compat.proof.equality import canonical
from jararaca_compiler.compat.proof.facts import TYPES
from jararaca_compiler.compat.proof.formats import checked
from jararaca_compiler.compat.proof.prover import Prover, only
from jararaca_compiler.compat.proof.relation import Relation, relate
from jararaca_compiler.compat.proof.schema import OPAQUE, Schema
from jararaca_compiler.compat.schemas.difference import NARROWED, WIDENED, Difference
from jararaca_compiler.compat.schemas.discriminators import discriminator
from jararaca_compiler.compat.schemas.frame import Frame, Schemas
from jararaca_compiler.compat.schemas.view import View

_BOUNDS = [
    "minimum",
    "exclusiveMinimum",
    "maximum",
    "exclusiveMaximum",
    "multipleOf",
    "minLength",
    "maxLength",
    "minItems",
    "maxItems",
    "minProperties",
    "maxProperties",
    "uniqueItems",
]
_TEXTS = {
    "pattern": "pattern-changed",
    "format": "format-changed",
    "contentEncoding": "format-changed",
    "contentMediaType": "format-changed",
}
_OTHERS = (
    "not", "if", "contains", "propertyNames", "patternProperties", "dependentSchemas",
    "dependentRequired", "dependencies", *OPAQUE,
)  # fmt: skip


Said = tuple[Any, Schema] | None
"""The value of a keyword and the schema that has it."""


def limits(prover: Prover, old: View, new: View, frame: Frame) -> list[Difference]:
    """What changed about the value itself, its parts aside."""
    return [
        *_types(old, new, frame),
        *_values(old, new, frame),
        *_keywords(prover, old, new, frame),
        *discriminator(old, new, frame),
    ]


def _types(old: View, new: View, frame: Frame) -> list[Difference]:
    found: list[Difference] = []
    before, after = old.facts.types, new.facts.types
    if "null" in after - before and before:
        null = _just(frame, None)
        found.append(Difference("null-added", frame, WIDENED, True, "type", having=null))
    if "null" in before - after and after:
        null = _just(frame, None)
        found.append(Difference("null-removed", frame, NARROWED, True, "type", having=null))
    lost, won = before - after - {"null"}, after - before - {"null"}
    listed = _listed(old) is not None and _listed(new) is not None
    if (lost or won) and not listed and not (old.variants() and new.variants()):
        relation = Relation(bool(lost), bool(won), bool(lost), bool(won))
        values = {"old": _type_names(old), "new": _type_names(new)}
        found.append(Difference("type-changed", frame, relation, True, "type", values))
    return found


def _values(old: View, new: View, frame: Frame) -> list[Difference]:
    before, after = _listed(old), _listed(new)
    if before is None and after is None:
        return []
    if before is None or after is None:
        code, listed = ("enum-added", after) if before is None else ("enum-removed", before)
        relation = NARROWED if before is None else WIDENED
        values = {"values": ", ".join(_short(value) for value in (listed or {}).values())}
        return [Difference(code, frame, relation, True, "enum", values)]
    found: list[Difference] = []
    for key, value in after.items():
        if key not in before and value is not None:
            values = {"value": _short(value)}
            only_it = _just(frame, value)
            found.append(
                Difference(
                    "enum-value-added", frame, WIDENED, False, "enum", values, having=only_it
                )
            )
    for key, value in before.items():
        if key not in after and value is not None:
            values = {"value": _short(value)}
            only_it = _just(frame, value)
            found.append(
                Difference(
                    "enum-value-removed", frame, NARROWED, True, "enum", values, having=only_it
                )
            )
    return found


def _just(frame: Frame, value: Any) -> Schemas:
    """The schema of one value."""
    how = ("just", canonical(value))
    return (frame.place.store.made(frame.place, how, {"const": value}),)


def _keywords(prover: Prover, old: View, new: View, frame: Frame) -> list[Difference]:
    found: list[Difference] = []
    for key in (*_BOUNDS, *_TEXTS, *_OTHERS):
        before, after = old.keyword(key), new.keyword(key)
        if before is None and after is None:
            continue
        texts = [None if pair is None else canonical(pair[0]) for pair in (before, after)]
        if key not in _OTHERS and texts[0] == texts[1]:
            continue
        parts = [() if pair is None else (only(pair[1], key),) for pair in (before, after)]
        relation = relate(prover, *parts)
        if any(relation) or key == "format":
            found.append(_keyword(key, before, after, relation, frame, parts))
    return found


def _keyword(
    key: str, before: Said, after: Said, relation: Relation, frame: Frame, parts: Sequence[Schemas]
) -> Difference:
    code = _TEXTS.get(key, "constraint-changed")
    if key in _BOUNDS:
        code = "bound-tightened" if relation.narrowed else "bound-loosened"
    values = {"key": key, "old": _shown(before), "new": _shown(after)}
    kinds = [None if pair is None else checked(pair[0]) for pair in (before, after)]
    touches_code = key == "format" and kinds[0] != kinds[1]
    old, new = (part or None for part in parts)
    return Difference(code, frame, relation, touches_code, key, values, old=old, new=new)


def _listed(side: View) -> dict[str, Any] | None:
    """The values that an `enum`, a `const` or a choice of constants lists."""
    if side.keyword("enum") is not None or side.keyword("const") is not None:
        return {canonical(value): value for value in side.facts.values or ()}
    variants = side.variants().values()
    if variants and all("const" in variant.keys for variant in variants):
        return {canonical(v.keys["const"]): v.keys["const"] for v in variants}
    return None


def _type_names(side: View) -> str:
    if side.facts.types == TYPES:
        return "anything"
    return " or ".join(name for name in side.types if name != "null") or "null"


def _shown(pair: Said) -> str:
    return "not set" if pair is None else f"`{_short(pair[0])}`"


def _short(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= 60 else f"{text[:57]}..."
