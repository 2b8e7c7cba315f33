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
    bare = re.sub(r"\W", "", name).lower()
    if said and said[0] == title and re.sub(r"\W", "", said[0]).lower() == bare:
        said = said[1:]
    return list(dict.fromkeys(said))
