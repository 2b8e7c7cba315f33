"""A JSON Schema -> the rows of a table: nested objects, alternatives, recursion."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from jararaca_compiler import ir
from jararaca_compiler.emit.site.schemas.flattening import FlatSchema, Flattener, Lookup
from jararaca_compiler.emit.site.schemas.type_text import Constraint, constraints, type_text
from jararaca_compiler.naming import FIELD_NAMES, Names, field_name

Role = Literal["field", "variant", "item", "key", "body"]
FIELD_PREFIX = "field-"
"""What the anchors of a payload's rows begin with."""
_DEEPEST = 24


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table; `see` is the anchor of the row that spells a repeated type out."""

    anchor: str
    depth: int
    role: Role
    name: str
    python_name: str | None
    type: str
    see: str | None
    required: bool
    deprecated: bool
    constraints: tuple[Constraint, ...]
    description: str | None
    title: str | None = None
    each: str | None = None
    docs: Mapping[str, Any] | None = None


def rows(
    payload: ir.Payload, lookup: Lookup, prefix: str, *, python: bool = True
) -> tuple[Row, ...]:
    """The rows of a schema; each schema that is referred to is spelled out once.

    `python` shows what fields are called in Python, which headers are not.
    """
    table = _Table(Flattener(lookup), prefix, python)
    root = table.flat(payload.schema)
    root = root.known_as(f"{payload.path}#{payload.pointer}")
    if root.is_plain_object:
        table.spelled.update(dict.fromkeys(root.refs, None))
        table.members(root, 0, "")
    else:
        table.row(root, "body", "body", 0, "", required=True)
    return tuple(table.rows)


def root_row(payload: ir.Payload, lookup: Lookup) -> Row | None:
    """What a schema says of the whole body, where its table begins with the fields."""
    table = _Table(Flattener(lookup), "body-", False)
    root = table.flat(payload.schema)
    if not root.is_plain_object:
        return None
    table.row(root, "body", root.name or "", _DEEPEST, "")
    row = table.rows[0]
    return row if row.title or row.description or row.constraints or row.docs else None


class _Table:
    """Collects rows; `spelled` knows at which row each reference has been spelled out."""

    def __init__(self, flattener: Flattener, prefix: str, python: bool) -> None:
        self.flat = flattener.flat
        self.rows: list[Row] = []
        self.spelled: dict[str, str | None] = {}
        self._anchors = Names()
        self._prefix = prefix
        self._python = python

    def members(self, shape: FlatSchema, depth: int, path: str) -> None:
        """The rows of an object's properties, and of its other keys."""
        names = Names(FIELD_NAMES)
        required = shape.required
        for name, schema in shape.properties.items():
            python_name = names.take(field_name(name))
            below = self.flat(schema)
            self.row(
                below, "field", name, depth, path, required=name in required, python=python_name
            )
        for pattern, schema in shape.mapping("patternProperties").items():
            self.row(self.flat(schema), "key", f"/{pattern}/", depth, path)
        if isinstance(shape.other_keys, dict) and shape.other_keys:
            self.row(self.flat(shape.other_keys), "key", "any other key", depth, path)

    def row(
        self,
        shape: FlatSchema,
        role: Role,
        name: str,
        depth: int,
        path: str,
        *,
        required: bool = False,
        python: str | None = None,
    ) -> None:
        """A row, and below it what it is made of."""
        path = f"{path}.{name}" if path else name
        anchor = self._anchors.take(f"{self._prefix}{_slug(path)}")
        inner, depth_of_lists = _item(shape, self.flat)
        description = shape.text("description")
        repeated = next((ref for ref in inner.refs if ref in self.spelled), None)
        self.rows.append(
            Row(
                anchor=anchor,
                depth=depth,
                role=role,
                name=name + "[]" * depth_of_lists if role == "field" else name,
                python_name=python if self._python and python != name else None,
                type=type_text(shape, self.flat),
                see=self.spelled[repeated] if repeated is not None else None,
                required=required,
                deprecated=shape.schema.get("deprecated") is True,
                constraints=tuple(_constraints(shape, inner)),
                description=description or inner.text("description"),
                title=shape.text("title") or inner.text("title"),
                each=inner.text("description") if description and inner is not shape else None,
                docs=shape.mapping("externalDocs") or inner.mapping("externalDocs") or None,
            )
        )
        if repeated is None and depth < _DEEPEST:
            if inner.has_children:
                self.spelled.update(dict.fromkeys(inner.refs, anchor))
            self._children(inner, depth + 1, path)

    def _children(self, shape: FlatSchema, depth: int, path: str) -> None:
        self.members(shape, depth, path)
        for index, schema in enumerate(shape.tuple_items):
            self.row(self.flat(schema), "item", f"[{index}]", depth, path, required=True)
        for number, schema in enumerate(shape.variants, start=1):
            below = self.flat(schema)
            name = below.name or below.text("title") or f"alternative {number}"
            self.row(below, "variant", name, depth, path)


def _item(shape: FlatSchema, flat: Any) -> tuple[FlatSchema, int]:
    """What a list holds in the end, and how many lists deep."""
    depth = 0
    while shape.items is not None and depth < _DEEPEST:
        shape, depth = flat(shape.items), depth + 1
    return shape, depth


def _constraints(shape: FlatSchema, inner: FlatSchema) -> Iterator[Constraint]:
    yield from constraints(shape)
    if inner is not shape:
        for constraint in constraints(inner):
            yield Constraint(f"each {constraint.text}", constraint.values)


def _slug(text: str) -> str:
    return "".join(c if c.isalnum() or c in "-_." else "-" for c in text)
