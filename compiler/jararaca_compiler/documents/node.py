"""A value inside a document, together with where it stands."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from jararaca_compiler.documents.source import escape

_made = tuple.__new__
"""Half the time of a call of the class."""


class Node(NamedTuple):
    """The value at `path#pointer`; `absolute` once the references in it are `path#/pointer`.

    A tuple, since a document is read as millions of them: they take a third of the time to make.
    """

    value: Any
    path: str
    pointer: str
    absolute: bool = False

    def __eq__(self, other: object) -> bool:
        return self is other

    def __ne__(self, other: object) -> bool:
        return self is not other

    def __hash__(self) -> int:
        return id(self)

    @property
    def ref(self) -> str:
        """The absolute reference to this place, which identifies what stands there."""
        return f"{self.path}#{self.pointer}"

    def get(self, key: str) -> Node | None:
        """The value of `key`; None where there is none, or it is null."""
        if not isinstance(self.value, dict) or self.value.get(key) is None:
            return None
        return self.at(key, self.value[key])

    def at(self, key: str | int, value: Any) -> Node:
        """`value`, which stands below this node's `key`."""
        _, path, pointer, absolute = self
        return _made(Node, (value, path, f"{pointer}/{escape(str(key))}", absolute))

    def items(self) -> Iterator[tuple[str, Node]]:
        """The members of a mapping; nothing for any other value."""
        if isinstance(self.value, dict):
            for key, value in self.value.items():
                yield key, self.at(key, value)

    def elements(self) -> Iterator[Node]:
        """The elements of a list; nothing for any other value."""
        if isinstance(self.value, list):
            for index, value in enumerate(self.value):
                yield self.at(index, value)

    def parts(self) -> Iterator[tuple[str | int, Node]]:
        """The members or elements that have parts of their own."""
        value = self.value
        if isinstance(value, dict | list):
            for key, part in value.items() if isinstance(value, dict) else enumerate(value):
                if isinstance(part, dict | list):
                    yield key, self.at(key, part)

    def text(self, key: str) -> str | None:
        """The string at `key`; None for anything else."""
        found = self.value.get(key) if isinstance(self.value, dict) else None
        return found if isinstance(found, str) else None

    def flag(self, key: str) -> bool | None:
        """The boolean at `key`; None for anything else."""
        found = self.value.get(key) if isinstance(self.value, dict) else None
        return found if isinstance(found, bool) else None
