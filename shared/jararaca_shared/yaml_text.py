"""JSON values as YAML that people like to read: block style, no anchors, no lines rewrapped."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

_PLAIN = re.compile(r"[A-Za-z/$_][A-Za-z0-9_./$+@()-]*(?: [A-Za-z0-9_./$+@()-]+)*")
_WORDS = frozenset(["true", "false", "null", "yes", "no", "on", "off", "y", "n"])
_BLOCK = re.compile(r"(?:[^\s].*\n)(?:\n|[^\s].*\n| +[^\s].*\n)*[^\s].*\n?")

LONGEST_KEY = 1_000
"""Characters of a key that stands before its colon: YAML 1.2, section 8.2.2 allows 1024."""


def yaml_text(value: Any) -> str:
    """The text of a document, which ends in a line break."""
    return "\n".join(_lines(value, "")) + "\n"


def _lines(value: Any, pad: str) -> Iterator[str]:
    """A value as whole lines below its key."""
    if isinstance(value, dict) and value:
        for key, item in value.items():
            name = _scalar(str(key))
            if len(name) > LONGEST_KEY:
                yield f"{pad}? {name}"
                name = ""
            yield from _entry(f"{pad}{name}:", item, pad + "  ")
    elif isinstance(value, list) and value:
        for item in value:
            yield from _item(item, pad)
    else:
        yield pad + _inline(value, pad)


def _entry(head: str, value: Any, pad: str) -> Iterator[str]:
    if isinstance(value, dict | list) and value:
        yield head
        yield from _lines(value, pad)
    else:
        yield f"{head} {_inline(value, pad)}"


def _item(value: Any, pad: str) -> Iterator[str]:
    """An element: what it begins with stands behind the dash."""
    if isinstance(value, dict | list) and value:
        lines = _lines(value, pad + "  ")
        yield f"{pad}- {next(lines)[len(pad) + 2 :]}"
        yield from lines
    else:
        yield f"{pad}- {_inline(value, pad + '  ')}"


def _inline(value: Any, pad: str) -> str:
    if isinstance(value, dict | list):
        return "{}" if isinstance(value, dict) else "[]"
    if isinstance(value, str):
        return _block(value, pad) if "\n" in value else _scalar(value)
    return json.dumps(value)


def _block(text: str, pad: str) -> str:
    """A text of several lines as a literal block, where that keeps every character."""
    shown = text.replace("\n", "")
    trailing = any(line != line.rstrip() for line in text.split("\n"))
    if not shown.isprintable() or trailing or not _BLOCK.fullmatch(text) or not pad:
        return _scalar(text)
    body = "\n".join(f"{pad}{line}" if line else "" for line in text.rstrip("\n").split("\n"))
    return ("|\n" if text.endswith("\n") else "|-\n") + body


def _scalar(text: str) -> str:
    if _PLAIN.fullmatch(text) and text.lower() not in _WORDS:
        return text
    quoted = json.dumps(text, ensure_ascii=False)
    if text.isprintable():
        return quoted
    return "".join(c if c.isprintable() else _escape(c) for c in quoted)


def _escape(character: str) -> str:
    code = ord(character)
    return f"\\u{code:04x}" if code < 65536 else f"\\U{code:08x}"
