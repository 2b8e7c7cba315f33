"""One class as text: docstring, settings, the classes within, fields, and `publish`."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from jararaca_compiler.emit.models.class_text import class_text, docstring_paragraphs
from jararaca_compiler.emit.models.defaults import default_text
from jararaca_compiler.emit.models.fields import Field, field_lines
from jararaca_compiler.emit.python.formatting import docstring, literal, statement
from jararaca_compiler.emit.types import variants
from jararaca_compiler.emit.types.builder import Builder, is_class
from jararaca_compiler.emit.types.keywords import LOGIC, OBJECT, asserted
from jararaca_compiler.emit.types.python_type import KINDS, Type
from jararaca_compiler.emit.types.schemas import Flat, typed_refs
from jararaca_compiler.naming import Names, class_name, field_names

Shared = Callable[[str], Type | None]

_RESERVED = ("Config",)
"""What a class within a model cannot be called: pydantic takes it for settings."""
_TYPED = frozenset({"type", "properties", "required", "additionalProperties"})


@dataclass(slots=True)
class Module:
    """What the classes of one module have in common: how they name shared classes, and imports."""

    builder: Builder
    shared: Shared
    bare_name: Callable[[str], str | None] = lambda ref: None
    """What the class of a reference is called, where a class within another could hide it."""
    is_deferred: bool = False
    """Whether annotations are texts, which pydantic looks up in a class after its own name."""


class ClassScope:
    """The inside of a class while it is written; inline objects become classes of it."""

    def __init__(
        self,
        module: Module,
        depth: int,
        reserved: Iterable[str] = (),
        open: Iterable[frozenset[str]] = (),
    ) -> None:
        self._module = module
        self._depth = depth
        self._names = Names(reserved)
        self.open = list(open)
        self.classes: list[str] = []

    @contextmanager
    def expanding(self, merged: frozenset[str]) -> Iterator[None]:
        """While a schema that was merged of places is written out."""
        self.open.append(merged)
        try:
            yield
        finally:
            self.open.pop()

    def shared(self, place: str) -> Type | None:
        """The class of a schema that is referred to."""
        return self._module.shared(place)

    def nested(self, hint: str, flat: Flat) -> Type:
        """Write the class for an inline object."""
        name = class_name(hint.strip() or "Body")
        name = self._names.take(f"{name}_" if name in _RESERVED else name)
        notes = (flat.keywords.get("title"), flat.keywords.get("description"))
        body = Body(self._module, flat, self._depth + 1, open=self.open, name=name)
        doc = docstring(docstring_paragraphs(name, *notes), body.indent)
        self.classes.append(class_text(name, "Model", doc, body.lines(), self._depth))
        return class_type(name, flat, self._module.builder)

    def add(self, name: str, source: str) -> None:
        """A class that is written elsewhere."""
        self._names.take(name)
        self.classes.append(source)


class Body:
    """The inside of a class for an object: settings, classes, fields."""

    def __init__(
        self,
        module: Module,
        flat: Flat,
        depth: int,
        taken: frozenset[str] = frozenset(),
        open: Iterable[frozenset[str]] = (),
        name: str = "",
    ) -> None:
        self._module = module
        self._flat = flat.keywords
        self._whole = flat.whole
        self.indent = 4 * depth
        properties = self._flat.get("properties")
        self._properties: Mapping[str, Any] = properties if isinstance(properties, dict) else {}
        self._required = [str(name) for name in self._flat.get("required", ())]
        every = dict.fromkeys([*self._properties, *self._required])
        self.names = field_names(every, taken)
        own = {name} if module.is_deferred else set()
        reserved = (*self.names.values(), *taken, *(own | self._shared_names()))
        self.scope = ClassScope(module, depth, reserved, open)

    def _shared_names(self) -> set[str]:
        """The bare names that annotations use where the classes within this one are seen.

        That is here, and in the classes within it: one that is called like what it refers to, or
        like what the next one refers to, would be taken for that.
        """
        schemas = [*self._properties.values(), self._flat.get("additionalProperties")]
        within = (s for each in schemas for s in self._module.builder.schemas.within(each))
        found = (self._module.bare_name(ref) for s in [*schemas, *within] for ref in typed_refs(s))
        return {name for name in found if name is not None}

    def lines(self) -> list[str]:
        """The parts of the body, each a block of lines."""
        fields = self._fields()
        extras = self._extras()
        return [*self._settings(), *self.scope.classes, *([fields] if fields else []), *extras]

    def _settings(self) -> list[str]:
        pad = " " * self.indent
        lines = ""
        check = self._check()
        if check is not None:
            head = f"{pad}JSON_SCHEMA = "
            lines += f"{head}{literal(check, self.indent, len(head))}\n"
        if "type" not in self._flat:
            lines += f"{pad}OBJECTS_ONLY = False\n"
        if self._closed:
            lines += f'{pad}model_config = ConfigDict(extra="forbid")\n'
        return [lines] if lines else []

    @property
    def _closed(self) -> bool:
        open_by_pattern = "patternProperties" in self._flat
        return self._flat.get("additionalProperties") is False and not open_by_pattern

    def _check(self) -> Any:
        builder = self._module.builder
        if self._whole is not None:
            return builder.check(self._whole)
        rest = {k: v for k, v in asserted(self._flat).items() if k not in _TYPED}
        if "type" in self._flat:
            rest = {k: v for k, v in rest.items() if k in OBJECT | LOGIC}
        if "patternProperties" in rest and "additionalProperties" in self._flat:
            rest["properties"] = dict.fromkeys(self._properties, True)
            rest["additionalProperties"] = self._flat["additionalProperties"]
        if self._closed and set(self._required) - self._properties.keys():
            rest["allOf"] = [*rest.get("allOf", ()), {"not": {"type": "object"}}]
        rest = {key: rest[key] for key in sorted(rest)}
        return builder.check(rest) if rest else None

    def _fields(self) -> str:
        values = self._flat.get("additionalProperties", True)
        undeclared = True if "patternProperties" in self._flat else values
        schemas = dict.fromkeys(self._required, undeclared) | dict(self._properties)
        order = [*self._properties, *(n for n in self._required if n not in self._properties)]
        return "".join(self._field(wire, schemas[wire]) for wire in order)

    def _field(self, wire: str, schema: Any) -> str:
        builder = self._module.builder
        made = builder.type_of(schema, wire, self.scope)
        flat = self._notes(schema, made)
        required = wire in self._required
        default = None if required else default_text(schema, made, builder)
        field = Field(wire, self.names[wire], made, flat, required, default)
        return field_lines(field, self.indent)

    def _notes(self, schema: Any, made: Type) -> Mapping[str, Any]:
        """The schema's notes; a class tells its own."""
        schemas = self._module.builder.schemas
        own = schema if isinstance(schema, dict) else {}
        is_named = made.is_class or (made.values is not None and not made.text.startswith("L"))
        if is_named and schemas.only_ref(schema) is not None:
            return own
        return {**schemas.flat(schema).keywords, **_own_notes(own)}

    def _extras(self) -> list[str]:
        values = self._flat.get("additionalProperties", True)
        if not isinstance(values, dict) or "patternProperties" in self._flat:
            return []
        made = self._module.builder.type_of(values, "Extra", self.scope)
        if made.text == "Any" and made.check is None:
            return []
        text = f"__pydantic_extra__: dict[str, {made.annotation()}]"
        return [statement(text, self.indent)]


def _own_notes(schema: Mapping[str, Any]) -> dict[str, Any]:
    return {key: schema[key] for key in ("title", "description", "deprecated") if key in schema}


def class_type(name: str, flat: Flat, builder: Builder) -> Type:
    """The type that a class of an object is."""
    keywords = flat.keywords
    names = field_names([*keywords.get("properties", {}), *keywords.get("required", ())])
    strict = "type" in keywords
    return Type(
        name,
        frozenset({"object"}) if strict else KINDS,
        is_class=strict,
        tags=variants.tags(keywords, names, builder.schemas),
        takes_others=not strict and flat.whole is None and asserted(keywords).keys() <= OBJECT,
    )


def described(flat: Flat) -> bool:
    """Whether a schema becomes a class with fields."""
    return is_class(flat.keywords)
