"""A type of several schemas under one name: `Pay = TypeAliasType("Pay", Card | Cash)`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

from jararaca_compiler.emit.models.classes import ClassScope, Module
from jararaca_compiler.emit.python.formatting import statement, string
from jararaca_compiler.emit.python.names_in import without_texts, words_of
from jararaca_compiler.emit.types.components import components
from jararaca_compiler.emit.types.python_type import Type
from jararaca_compiler.emit.types.schemas import Flat
from jararaca_compiler.naming import Names


@dataclass(frozen=True, slots=True)
class Alias:
    """A type with a name; `classes` are those of its inline objects, which stand before it."""

    type: Type
    text: str
    classes: tuple[str, ...]

    @classmethod
    def of(cls, name: str, schema: Any, module: Module, taken: Names) -> Self:
        """The alias for a schema; `taken` are the names of the module's classes."""
        scope = _Beside(module, name, taken)
        made = module.builder.type_of(schema, "", scope)
        text = statement(f"{name} = TypeAliasType({string(name)}, {made.annotation()})", 0)
        return cls(made, text, tuple(scope.classes))


class _Beside(ClassScope):
    """Beside an alias: its inline objects are classes of the module, called by its name first."""

    def __init__(self, module: Module, name: str, taken: Names) -> None:
        super().__init__(module, 0)
        self._name = name
        self._names = taken

    def nested(self, hint: str, flat: Flat) -> Type:
        """Write the class for an inline object."""
        return super().nested(f"{self._name} {hint or 'Body'}", flat)


def standing(texts: Mapping[str, str]) -> list[str]:
    """The aliases' names in an order in which each text has what it names before it.

    Only the texts say that: where `allOf` is merged, a text has in it what a class would hide.
    """
    graph = {
        name: sorted(words_of(without_texts(texts[name])) & texts.keys() - {name})
        for name in sorted(texts)
    }
    levels: dict[str, int] = {}
    for group in components(graph):
        below = {each for name in group for each in graph[name]} - set(group)
        level = 1 + max((levels[each] for each in below), default=0)
        levels |= dict.fromkeys(group, level)
    return sorted(texts, key=lambda name: (levels[name], name))
