"""A document as it was written: its text, its value, and where in the text each part stands."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """A place in a document; lines and columns count from 1, the end is exclusive."""

    path: str
    line: int = 1
    column: int = 1
    end_line: int = 1
    end_column: int = 1


@dataclass(frozen=True, slots=True, eq=False)
class Document:
    """A parsed file. `path` is as a person would type it: relative to the project where it can be.

    `locate(pointer, key)` finds the span of the value at a JSON pointer, or of its key. `aliased`
    says that some value stands in several places, by a YAML alias.
    """

    path: str
    text: str
    root: Any
    locate: Callable[[str, bool], Span] = field(repr=False)
    aliased: bool = False

    def span(self, pointer: str, *, key: bool = False) -> Span:
        """Where the value at `pointer` stands (or its key); the nearest parent if it does not."""
        return self.locate(pointer, key)


def escape(token: str) -> str:
    """One token of a JSON pointer (RFC 6901, section 3)."""
    if "~" in token or "/" in token:
        return token.replace("~", "~0").replace("/", "~1")
    return token


def unescape(token: str) -> str:
    """The key that a JSON pointer's token stands for (RFC 6901, section 4)."""
    return token.replace("~1", "/").replace("~0", "~")
