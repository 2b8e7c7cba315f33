"""The properties of two objects: which came, which went, which must be sent."""

from __future__ import annotations

from collections.abc import Iterator

from jararaca_compiler.compat.proof import objects
from jararaca_compiler.compat.proof.prover import Prover
from jararaca_compiler.compat.proof.relation import Relation, relate
from jararaca_compiler.compat.proof.schema import Schema
from jararaca_compiler.compat.schemas.defaults import default_changed
from jararaca_compiler.compat.schemas.difference import NARROWED, SAME, WIDENED, Difference
from jararaca_compiler.compat.schemas.frame import Frame, Schemas
from jararaca_compiler.compat.schemas.view import View
from jararaca_compiler.schemas.pattern_texts import FILLER, matching


def lasting(old: View, new: View, frame: Frame) -> Iterator[Frame]:
    """The properties that both sides declare, by name, by pattern, and all others."""
    before, after = old.fields, new.fields
    for name, place in after.items():
        if name in before:
            first, second = objects.at(old.atoms, name), objects.at(new.atoms, name)
            yield frame.property(name, first, second, place)
    for pattern, now in new.patterns.items():
        was = old.patterns.get(pattern)
        if was is not None:
            example = next(matching(pattern), "")
            yield frame.property(f"/{pattern}/", (was,), (now,), now, example)
    first, second = old.others, new.others
    if first and second:
        yield frame.property("*", first, second, second[0], FILLER)


def came_and_went(prover: Prover, old: View, new: View, frame: Frame) -> list[Difference]:
    """The properties of one side alone, and what became of their being required."""
    before, after = old.fields, new.fields
    found: list[Difference] = []
    for name in (*after, *(name for name in before if name not in after)):
        if name not in before:
            found.append(_added(prover, old, new, name, frame))
        elif name not in after:
            found.append(_removed(prover, old, new, name, frame))
        else:
            found += _lasting(old, new, name, frame)
    found += _undeclared(old, new, frame)
    return [*found, *_closing(old, new, frame)]


def _lasting(old: View, new: View, name: str, frame: Frame) -> list[Difference]:
    place = new.fields[name]
    below = frame.property(name, objects.at(old.atoms, name), objects.at(new.atoms, name), place)
    was, now = name in old.facts.required, name in new.facts.required
    found = [*_required(old, new, name, frame, place), *default_changed(below, was or now)]
    if _is_deprecated(place) and not _is_deprecated(old.fields[name]):
        found.append(Difference("field-deprecated", below, SAME, False, None, {"name": name}))
    return found


def _is_deprecated(schema: Schema) -> bool:
    return schema.keys.get("deprecated") is True


def _required(
    old: View, new: View, name: str, frame: Frame, place: Schema, key: str | None = None
) -> list[Difference]:
    was, now = name in old.facts.required, name in new.facts.required
    if was == now:
        return []
    code, relation = ("field-required", NARROWED) if now else ("field-optional", WIDENED)
    subject, refusing = f"{frame.subject}.{name}", _sent(frame, name)
    return [
        Difference(
            code, frame, relation, True, key, {"name": name}, subject, place,
            old=None if now else refusing, new=refusing if now else None,
        )
    ]  # fmt: skip


def _undeclared(old: View, new: View, frame: Frame) -> list[Difference]:
    """Names in `required` that stand in no `properties`."""
    found: list[Difference] = []
    for side, names in ((new, new.fields), (old, old.fields)):
        for name in sorted(side.facts.required - names.keys()):
            other = old if side is new else new
            holder = next(a for a in side.atoms if name in (a.keys.get("required") or ()))
            if name not in other.facts.required:
                found += _required(old, new, name, frame, holder, "required")
    return found


def _added(prover: Prover, old: View, new: View, name: str, frame: Frame) -> Difference:
    place = new.fields[name]
    relation = relate(prover, objects.at(old.atoms, name), objects.at(new.atoms, name))
    if _is_undeclared(prover, old, name):
        relation = relation._replace(declared_narrowed=False)
    subject, values, sent = f"{frame.subject}.{name}", {"name": name}, _sent(frame, name)
    if name not in new.facts.required - old.facts.required:
        return Difference(
            "field-added", frame, relation, False, None, values, subject, place, having=sent
        )
    relation = relation._replace(narrowed=True, declared_narrowed=True)
    code = "required-field-added"
    return Difference(code, frame, relation, True, None, values, subject, place, new=sent)


def _removed(prover: Prover, old: View, new: View, name: str, frame: Frame) -> Difference:
    relation = relate(prover, objects.at(old.atoms, name), objects.at(new.atoms, name))
    if _is_undeclared(prover, new, name):
        relation = relation._replace(declared_widened=False)
    if name in old.facts.required and name not in new.facts.required:
        relation = relation._replace(widened=True, declared_widened=True)
    subject, place = f"{frame.subject}.{name}", old.fields[name]
    values, sent = {"name": name}, _sent(frame, name)
    return Difference(
        "field-removed", frame, relation, True, None, values, subject, place, having=sent
    )


def _sent(frame: Frame, name: str) -> Schemas:
    """The schema of objects that have the property."""
    return (frame.place.store.made(frame.place, ("sent", name), {"required": [name]}),)


def _is_undeclared(prover: Prover, side: View, name: str) -> bool:
    senders = tuple(prover.store.as_sender(atom) for atom in side.atoms)
    names = objects.declared(senders)
    return names is not None and name not in names


def _closing(old: View, new: View, frame: Frame) -> list[Difference]:
    if old.is_closed == new.is_closed or "object" not in old.facts.types & new.facts.types:
        return []
    closed, opened = (new, old) if new.is_closed else (old, new)
    is_meant = opened.keyword("additionalProperties") is not None or not opened.fields
    if closed is new:
        relation = Relation(True, False, is_meant, False)
        return [Difference("object-closed", frame, relation, False, "additionalProperties")]
    return [Difference("object-opened", frame, Relation(False, True, False, is_meant))]
