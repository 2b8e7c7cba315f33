"""What a discriminator tells apart: a change of it changes which values are accepted."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from jararaca_compiler.compat.proof.relation import Relation
from jararaca_compiler.compat.proof.schema import Schema
from jararaca_compiler.compat.schemas.difference import Difference
from jararaca_compiler.compat.schemas.frame import Frame
from jararaca_compiler.compat.schemas.view import View
from jararaca_compiler.documents.source import unescape


@dataclass(frozen=True, slots=True)
class Tags:
    """The property, and which of its values names which variant; constants speak for themselves."""

    name: str
    named: frozenset[tuple[str, str]]

    @property
    def variants(self) -> frozenset[str]:
        """The variants that have a name."""
        return frozenset(variant for _, variant in self.named)

    def shown(self, named: frozenset[tuple[str, str]]) -> str:
        """The property, and of its values those that matter."""
        told = ", ".join(f"`{value}` for {variant}" for value, variant in sorted(named))
        return f"`{self.name}` ({told})" if told else f"`{self.name}`"


def discriminator(old: View, new: View, frame: Frame) -> list[Difference]:
    """The difference between two discriminators, of variants that both sides have."""
    before, after = _tags(old), _tags(new)
    if before == after or (before is None and not (after and after.named)):
        return []
    if before is None or after is None or before.name != after.name:
        shown = ["none" if tags is None else tags.shown(frozenset()) for tags in (before, after)]
        return [_changed(frame, Relation(True, True, True, True), *shown)]
    both = before.variants & after.variants
    lost, won = (
        frozenset(pair for pair in one.named - other.named if pair[1] in both)
        for one, other in ((before, after), (after, before))
    )
    if not lost and not won:
        return []
    relation = Relation(bool(lost), bool(won), bool(lost), bool(won))
    found = _changed(frame, relation, before.shown(lost), after.shown(won))
    return [replace(found, touches_code=False)]


def _changed(frame: Frame, relation: Relation, old: str, new: str) -> Difference:
    return Difference(
        "discriminator-changed", frame, relation, True, None, {"old": old, "new": new}
    )


def _tags(side: View) -> Tags | None:
    for schema in _places(side):
        said = schema.keys.get("discriminator")
        name = said.get("propertyName") if isinstance(said, dict) else said
        if isinstance(name, str):
            return Tags(name, frozenset(_named(schema, name)))
    return None


def _places(side: View) -> Iterator[Schema]:
    """Where a discriminator may stand: also within a union, beside null, as with `nullable`."""
    targets = (schema.target for schema in side.schemas)
    outer = [*side.schemas, *(schema for schema in targets if schema is not None)]
    yield from outer
    for schema in outer:
        for child in (*schema.children("oneOf"), *schema.children("anyOf")):
            if "$ref" not in child.keys:
                yield child


def _named(schema: Schema, name: str) -> Iterator[tuple[str, str]]:
    said = schema.keys.get("discriminator")
    mapping = said.get("mapping") if isinstance(said, dict) else None
    mapping = mapping or schema.keys.get("x-discriminator-mapping")
    items = mapping.items() if isinstance(mapping, dict) else ()
    mapped = {str(value): _short(_last(str(target))) for value, target in items}
    yield from mapped.items()
    for variant in (*schema.children("oneOf"), *schema.children("anyOf")):
        ref, target = variant.keys.get("$ref"), variant.target
        if not isinstance(ref, str) or target is None or _short(_last(ref)) in mapped.values():
            continue
        own = target.named("properties").get(name)
        if own is None or not {"const", "enum"} & own.keys.keys():
            yield _short(_last(ref)), _short(_last(ref))


def _last(ref: str) -> str:
    """What is referred to, by its name; a whole file by the file's."""
    path, _, pointer = ref.partition("#")
    if pointer:
        return unescape(pointer.rpartition("/")[2])
    return path.rpartition("/")[2].partition(".")[0] if "#" in ref else path


def _short(name: str) -> str:
    """The end of a name: published, `Cat` may be `pets.Cat`."""
    return name.rpartition(".")[2]
