"""Code with its syntax coloured when the page is made: a few classes, no script."""

from __future__ import annotations

from functools import lru_cache
from typing import Any, Literal

from markupsafe import Markup, escape
from pygments.lexers.data import JsonLexer
from pygments.lexers.javascript import TypeScriptLexer
from pygments.lexers.python import PythonLexer
from pygments.lexers.shell import BashLexer
from pygments.token import Comment, Keyword, Name, Number, String

Language = Literal["json", "python", "shell", "typescript"]
_LEXERS: dict[Language, Any] = {
    "json": JsonLexer,
    "python": PythonLexer,
    "shell": BashLexer,
    "typescript": TypeScriptLexer,
}
_LOOKS: tuple[tuple[Any, str], ...] = (
    (Comment, "hc"),
    (Keyword, "hk"),
    (Number, "hn"),
    (String, "hs"),
    (Name.Tag, "ht"),
    (Name.Decorator, "hf"),
    (Name.Function, "hf"),
    (Name.Class, "hf"),
)
"""The first group that a token is of gives its class; other tokens have none."""


@lru_cache(maxsize=4096)
def highlight(text: str, language: Language) -> Markup:
    """HTML of code; neighbours that look alike are one element."""
    parts: list[tuple[str, str]] = []
    for kind, value in _lexer(language).get_tokens(text):
        look = _look(kind)
        if parts and parts[-1][0] == look:
            parts[-1] = (look, parts[-1][1] + value)
        else:
            parts.append((look, value))
    return Markup("".join(_element(look, str(escape(value))) for look, value in parts))


def _element(look: str, escaped: str) -> str:
    return f'<span class="{look}">{escaped}</span>' if look else escaped


@lru_cache(maxsize=512)
def _look(kind: Any) -> str:
    return next((name for group, name in _LOOKS if kind in group), "")


@lru_cache
def _lexer(language: Language) -> Any:
    return _LEXERS[language](stripnl=False, ensurenl=False)
