"""Pages of EventCatalog: front matter, and text that MDX does not take for code.

MDX runs what stands in braces and tags when the catalogue is built: a description has none of
either outside code.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from jararaca_shared.yaml_text import yaml_text
from markdown_it import MarkdownIt

_ACTIVE = {"{": "&#123;", "}": "&#125;", "<": "&lt;"}
_MODULE = re.compile(r"^(\s*)(i|e)(?=mport\b|xport\b)", re.MULTILINE)
_CODE = re.compile(r"(?<![`\\])(`+)(?!`)([^\n]*?[^`\n])\1(?!`)")
_MARK = re.compile(r"[^\w\s]", re.ASCII)
_TICKS = re.compile(r"`+")


def page(front: Mapping[str, Any], *blocks: str) -> str:
    """A whole page; what is None or empty of the front matter is left out."""
    kept = {key: value for key, value in front.items() if value not in (None, "", [], {})}
    body = "\n\n".join(block.strip("\n") for block in blocks if block.strip())
    return f"---\n{yaml_text(kept)}---\n" + (f"\n{body}\n" if body else "")


def text(markdown: str | None) -> str:
    """A description as MDX: its fenced code stays code, all else is words."""
    lines = (markdown or "").splitlines()
    made: list[str] = []
    after = 0
    for start, end, language, code in _fences(markdown or ""):
        made += [_words("\n".join(lines[after:start])), fenced(code, language)]
        after = end
    made.append(_words("\n".join(lines[after:])))
    return "\n\n".join(part.strip("\n") for part in made if part.strip())


def fenced(code: str, language: str = "") -> str:
    """A block of code, with more ticks around it than are in it."""
    longest = max((len(ticks) for ticks in _TICKS.findall(code)), default=0)
    ticks = "`" * max(3, longest + 1)
    return f"{ticks}{language}\n{code.rstrip()}\n{ticks}"


def _fences(markdown: str) -> Iterator[tuple[int, int, str, str]]:
    """The fences that stand in no list and no quotation: first line, end, language, code."""
    for token in MarkdownIt("commonmark").parse(markdown):
        if token.type == "fence" and token.level == 0 and token.map is not None:
            language = re.match(r"[\w+-]*", token.info)
            start, end = token.map
            yield start, end, language[0] if language else "", token.content


def _words(markdown: str) -> str:
    """Markdown without anything that MDX would run.

    Code in a line becomes an element where it has such a character, of which nothing can be escaped
    between ticks; each of its marks is an entity.
    """
    parts: list[str] = []
    after = 0
    for found in _CODE.finditer(markdown):
        is_plain = _ACTIVE.keys().isdisjoint(found[2])
        code = found[0] if is_plain else _element(found[2].strip())
        parts += [_escaped(markdown[after : found.start()]), code]
        after = found.end()
    said = "".join((*parts, _escaped(markdown[after:])))
    return _MODULE.sub(lambda m: f"{m[1]}&#{ord(m[2])};", said)


def _element(code: str) -> str:
    return f"<code>{_MARK.sub(lambda mark: f'&#{ord(mark[0])};', code)}</code>"


def _escaped(markdown: str) -> str:
    return "".join(_ACTIVE.get(character, character) for character in markdown)
