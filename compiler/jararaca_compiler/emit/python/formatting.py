"""Python source as black writes it: literals, docstrings, and lines that fit."""

from __future__ import annotations

import re
import textwrap
import unicodedata
from collections.abc import Iterable, Mapping
from functools import cache
from typing import Any

WIDTH = 100
_PLAIN = re.compile(r"[ !#-\[\]-~]*")
_ESCAPES = {"\\": "\\\\", '"': '\\"', "\n": "\\n", "\r": "\\r", "\t": "\\t"}
_SINGLE = {'"': '"', "'": "\\'"}
_UNSEEN = ("C", "Z")


class Code(str):
    """A text that is Python already: a name that the module knows."""


def string(value: str) -> str:
    """A string literal, in the quotes that need fewer escapes; what cannot be seen is escaped."""
    if _PLAIN.fullmatch(value):
        return f'"{value}"'
    if value.count('"') > value.count("'"):
        return "'" + "".join(_SINGLE.get(c) or _escaped(c) for c in value) + "'"
    return '"' + "".join(_escaped(c) for c in value) + '"'


def _escaped(character: str) -> str:
    if character in _ESCAPES:
        return _ESCAPES[character]
    if character == " " or unicodedata.category(character)[0] not in _UNSEEN:
        return character
    code = ord(character)
    return (
        f"\\x{code:02x}" if code < 256 else f"\\u{code:04x}" if code < 65536 else f"\\U{code:08x}"
    )


def flat(value: Any) -> str:
    """A JSON value as a Python literal in one line."""
    if isinstance(value, Code):
        return str(value)
    if isinstance(value, str):
        return string(value)
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{string(str(k))}: {flat(v)}" for k, v in value.items()) + "}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(flat(item) for item in value) + "]"
    if isinstance(value, float):
        return number(value)
    return repr(value)


def number(value: float) -> str:
    """A float's literal; JSON has no infinity, but a text like 1e999 becomes one."""
    text = repr(value)
    return text if text not in ("inf", "-inf", "nan") else f"{text.replace('inf', '1e999')}"


def literal(value: Any, indent: int, used: int, after: int = 0) -> str:
    """A JSON value as a Python literal, in lines; `used` columns before it, `after` behind it."""
    line = flat(value)
    if used + width(line) + after <= WIDTH or not isinstance(value, Mapping | list | tuple):
        return line
    inner = " " * (indent + 4)
    if not value:
        return line
    parts: list[str] = []
    if isinstance(value, Mapping):
        for key, item in value.items():
            head = f"{inner}{string(str(key))}: "
            parts.append(f"{head}{literal(item, indent + 4, len(head), 1)},\n")
        return "{\n" + "".join(parts) + " " * indent + "}"
    parts = [f"{inner}{literal(item, indent + 4, indent + 4, 1)},\n" for item in value]
    return "[\n" + "".join(parts) + " " * indent + "]"


def docstring(paragraphs: Iterable[str | None], indent: int) -> str:
    """The lines of a docstring with its indentation; an empty text where nothing is said."""
    columns = WIDTH - indent
    text = "\n\n".join(filled for p in paragraphs if p and (filled := _filled(p, columns)))
    if not text:
        return ""
    pad = " " * indent
    body = _inside(text)
    if "\n" not in body and len(body) + 6 > columns:
        body = "\n".join(_wrapped(body, columns - 3))
    if "\n" not in body:
        gap = " " if body.endswith('"') else ""
        return f'{pad}"""{body}{gap}"""\n'
    first, _, rest = body.partition("\n")
    lines = [f'"""{first}', *textwrap.dedent(rest).split("\n"), '"""']
    return "".join(f"{pad}{line}\n" if line else "\n" for line in lines)


_NARROWEST = 30
"""The characters of a docstring's line, however deep its class stands in others."""


def _filled(paragraph: str, width: int) -> str:
    """One text, wrapped: line breaks and lists stay where a person put them."""
    text = "".join(_visible(c) for c in textwrap.dedent(paragraph.expandtabs(4)).strip())
    lines: list[str] = []
    for line in text.splitlines():
        lines += _wrapped(line.rstrip(), width)
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()


def _wrapped(line: str, width: int) -> list[str]:
    width = max(width, _NARROWEST)
    if len(line) <= width - 3:
        return [line]
    lead = line[: len(line) - len(line.lstrip())][: width // 2]
    return textwrap.wrap(
        line.strip(),
        width - 3,
        initial_indent=lead,
        subsequent_indent=lead,
        break_long_words=False,
        break_on_hyphens=False,
    )


def _visible(character: str) -> str:
    if character in "\n " or unicodedata.category(character)[0] not in _UNSEEN:
        return character
    return (
        " "
        if unicodedata.category(character) in ("Zs", "Zl", "Zp", "Cc")
        else "\N{REPLACEMENT CHARACTER}"
    )


def _inside(text: str) -> str:
    """A text between triple quotes, which it can neither end nor escape."""
    text = text.replace("\\", "\\\\").replace('"""', '\\"\\"\\"')
    if text.startswith('"'):
        text = " " + text
    return text


def width(text: str) -> int:
    """The columns that a text takes, as black counts them."""
    if text.isascii():
        return len(text)
    from black.strings import str_width

    return str_width(text)


def statement(text: str, indent: int) -> str:
    """A statement at its indentation; black breaks it where it is too long for a line."""
    line = " " * indent + text
    if width(line) <= WIDTH and "\n" not in text:
        return line + "\n"
    return _by_black(text, indent)


@cache
def _by_black(text: str, indent: int) -> str:
    import black
    from black.mode import TargetVersion

    levels = indent // 4
    heads = "".join(" " * (4 * level) + "if True:\n" for level in range(levels))
    pad = " " * indent
    source = heads + "".join(f"{pad}{line}\n" for line in text.split("\n"))
    mode = black.Mode(line_length=WIDTH, target_versions={TargetVersion.PY311})
    return black.format_str(source, mode=mode)[len(heads) :]
