"""A class as text: its head, its blocks of lines, and the paragraphs of its docstring."""

from __future__ import annotations

import re
from typing import Any

from jararaca_compiler.emit.python.formatting import WIDTH, width


def class_text(name: str, base: str, doc: str, blocks: list[str], depth: int) -> str:
    """A class at its depth: blocks of lines with an empty line between."""
    pad = " " * (4 * depth)
    parts = [part for part in (doc, *blocks) if part]
    if not parts:
        parts = [f"{pad}    pass\n"]
    head = f"{pad}class {name}({base}):\n"
    if width(head) > WIDTH + 1:
        head = f"{pad}class {name}(\n{pad}    {base}\n{pad}):\n"
    return head + "\n".join(parts)


def docstring_paragraphs(name: str, title: Any, *texts: Any) -> list[str]:
    """The paragraphs of a docstring; a title that says no more than the name is left out."""
    said = [text.strip() for text in (title, *texts) if isinstance(text, str) and text.strip()]
    if said and isinstance(title, str) and said[0] == title.strip() and repeats(name, said[0]):
        said = said[1:]
    return list(dict.fromkeys(said))


def repeats(name: str, text: str) -> bool:
    """Whether a text says no more than the name that it stands at: `Order id` at `order_id`."""
    return _letters(text) == _letters(name)


def _letters(text: str) -> str:
    return re.sub(r"[\W_]", "", text).lower()
