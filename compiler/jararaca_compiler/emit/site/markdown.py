"""Markdown of descriptions -> HTML that can neither script the page nor fetch anything."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.token import Token
from markupsafe import Markup, escape

_LONGEST, _PIECE = 40, 20
_BREAK = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[._/:-])(?=\w)|(?<=\w)(?=\{)")
_SPACE = re.compile(r"\s")
_EMAIL = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
_SAFE_LINK = re.compile(r"(?:https?://|mailto:)", re.IGNORECASE)


class _Renderer(RendererHTML):
    """Headings become bold paragraphs: the outline of the page is the page's own."""

    def heading_open(self, tokens: Sequence[Token], index: int, options: Any, env: Any) -> str:
        return '<p class="heading">'

    def heading_close(self, tokens: Sequence[Token], index: int, options: Any, env: Any) -> str:
        return "</p>\n"

    def link_open(self, tokens: Sequence[Token], index: int, options: Any, env: Any) -> str:
        tokens[index].attrSet("rel", "noopener noreferrer")
        return self.renderToken(tokens, index, options, env)


def _reader() -> MarkdownIt:
    reader = MarkdownIt("commonmark", {"html": False}, renderer_cls=_Renderer)
    reader.enable(["table", "strikethrough"]).disable("image")
    reader.validateLink = lambda url: bool(_SAFE_LINK.match(url))  # type: ignore[method-assign]
    return reader


_READER = _reader()


@lru_cache(maxsize=4096)
def block(text: str | None) -> Markup:
    """Paragraphs, lists, tables and code."""
    return Markup(_READER.render(text)) if text else Markup("")


@lru_cache(maxsize=4096)
def line(text: str | None) -> Markup:
    """One line: emphasis, code and links."""
    return Markup(_READER.renderInline(text)) if text else Markup("")


def plain(text: str | None) -> str:
    """The words alone, for search and for titles."""
    return " ".join(block(text).striptags().split()) if text else ""


@lru_cache(maxsize=16384)
def breakable(text: str | None) -> Markup:
    """A long name that may go on in the next line, where a reader would break it.

    What has no such place is broken after each twenty letters, so that it widens no table.
    """
    parts = [piece for part in _BREAK.split(text or "") for piece in _pieces(part)]
    return Markup("<wbr>").join(parts) if len(parts) > 1 else Markup(escape(text or ""))


def _pieces(part: str) -> list[str]:
    if len(part) <= _LONGEST:
        return [part]
    return [part[at : at + _PIECE] for at in range(0, len(part), _PIECE)]


def link_of(value: Any) -> str:
    """Where a text leads to, if it is an address that a page may link to; else empty."""
    if not isinstance(value, str) or _SPACE.search(value):
        return ""
    if _SAFE_LINK.match(value):
        return value
    return f"mailto:{value}" if _EMAIL.fullmatch(value) else ""


def without(value: Mapping[str, Any], *keys: str) -> dict[str, Any]:
    """The other members."""
    return {key: inner for key, inner in value.items() if key not in keys}


def whole(value: Any) -> str:
    """A JSON value as text; texts without quotes."""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)
