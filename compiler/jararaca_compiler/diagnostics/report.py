"""Diagnostics as people and machines read them: text with the source line, JSON, reports for CI."""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Literal, get_args

from jararaca_compiler.diagnostics.codes import SEVERITIES
from jararaca_compiler.diagnostics.diagnostic import Diagnostic
from jararaca_compiler.diagnostics.repeats import Kind, kinds
from jararaca_compiler.documents.source import Span

if TYPE_CHECKING:
    from jararaca_compiler.diagnostics.reports import Finding

Format = Literal["text", "json", "github", "sarif", "gitlab", "junit"]
FORMATS: tuple[Format, ...] = get_args(Format)
Place = Callable[[str], str]
"""A path as it is in a pull request: relative to the repository."""
Text = Callable[[str], str | None]
"""A file's text by its path; None where there is none to be shown."""
_COLOURS = {"error": "\x1b[1;31m", "warning": "\x1b[1;33m", "info": "\x1b[1;36m"}
_BOLD, _BLUE, _GREEN, _OFF = "\x1b[1m", "\x1b[34m", "\x1b[32m", "\x1b[0m"
_WIDEST = 120
_LONGEST = 200
_LINES = 7
"""How many repeats of a kind have a line; `--format json` has all of them."""


def render(
    found: Iterable[Diagnostic],
    format: Format,
    text: Text,
    *,
    colour: bool = False,
    command: str = "codegen",
    place: Place = lambda path: path,
) -> str:
    """All diagnostics as one text; an empty one where nothing is wrong (JSON: an empty list).

    `command` and `place` are for the reports that a CI server reads.
    """
    if format == "json":
        return json.dumps([as_json(each) for each in found], indent=2) + "\n"
    if format == "text":
        painter = _TextRenderer(text, colour)
        grouped = kinds(found := list(found))
        rest = {id(each) for kind in grouped for each in kind.rest}
        blocks = [painter.diagnostic(each) for each in found if id(each) not in rest]
        return "\n".join([*blocks, *(painter.repeats(kind) for kind in grouped if kind.rest)])
    from jararaca_compiler.diagnostics.reports import render_findings

    return render_findings([_finding(each, place) for each in found], format, command)


def _finding(found: Diagnostic, place: Place) -> Finding:
    from jararaca_compiler.diagnostics.reports import Finding

    related = tuple((replace(span, path=place(span.path)), s) for span, s in found.related)
    return Finding(
        found.code,
        "note" if found.severity == "info" else found.severity,
        found.message,
        replace(found.span, path=place(found.span.path)),
        help=found.help or "",
        related=related,
    )


def as_json(found: Diagnostic) -> dict[str, object]:
    """A diagnostic as JSON: lines and columns count from 1, the end is exclusive."""
    return {
        "code": found.code,
        "severity": found.severity,
        "message": found.message,
        **_place(found.span),
        "help": found.help,
        "related": [{**_place(span), "message": said} for span, said in found.related],
    }


def from_json(value: Mapping[str, object]) -> Diagnostic:
    """What `as_json` made a value of."""
    related = value["related"]
    return Diagnostic(
        str(value["code"]),
        next(each for each in SEVERITIES if each == value["severity"]),
        str(value["message"]),
        _span(value),
        None if value["help"] is None else str(value["help"]),
        (
            tuple((_span(item), str(item["message"])) for item in related)
            if isinstance(related, list)
            else ()
        ),
    )


def _place(span: Span) -> dict[str, object]:
    return {
        "path": span.path,
        "line": span.line,
        "column": span.column,
        "end_line": span.end_line,
        "end_column": span.end_column,
    }


def _span(value: Mapping[str, object]) -> Span:
    numbers = [int(str(value[k])) for k in ("line", "column", "end_line", "end_column")]
    return Span(str(value["path"]), *numbers)


class _TextRenderer:
    """Draws diagnostics for people."""

    def __init__(self, text: Text, colour: bool) -> None:
        self._text = text
        self._colour = colour

    def diagnostic(self, found: Diagnostic) -> str:
        """The message, its place, the line with a caret, and what to write instead."""
        severity = self._paint(found.severity, _COLOURS[found.severity])
        code = self._paint(f"[{found.code}]", _BLUE)
        lines = [f"{severity}{code}: {self._paint(_visible(found.message), _BOLD)}"]
        lines += self._excerpt(found.span, _COLOURS[found.severity])
        for span, said in found.related:
            lines.append(f"  {said}:")
            lines += self._excerpt(span, _BLUE)
        if found.help:
            lines.append(f"  {self._paint('help:', _GREEN)} {_visible(found.help)}")
        return "\n".join(lines) + "\n"

    def repeats(self, kind: Kind) -> str:
        """Further ones of a kind: how many, and a line for each of the first."""
        first, rest = kind.rest[0], kind.rest
        severity = self._paint(first.severity, _COLOURS[first.severity])
        lines = [f"{severity}{self._paint(f'[{first.code}]', _BLUE)}: {len(rest)} more like these"]
        for each in rest[:_LINES]:
            said = _visible(kind.line(each))
            cut = said if len(said) <= _LONGEST else f"{said[: _LONGEST - 1]}…"
            place = f"{_visible(each.span.path)}:{each.span.line}:{each.span.column}"
            lines.append(f"  {self._paint(place, _BLUE)}  {cut}")
        if len(rest) > _LINES:
            lines.append(f"  and {len(rest) - _LINES} more")
        return "\n".join(lines) + "\n"

    def _excerpt(self, span: Span, colour: str) -> list[str]:
        lines = [f"  --> {_visible(span.path)}:{span.line}:{span.column}"]
        text = self._text(span.path)
        source = text.split("\n") if text is not None else []
        if span.line > len(source):
            return lines
        line = source[span.line - 1].rstrip("\r")
        last = span.end_column if span.end_line == span.line else len(line) + 1
        begin, end = span.column - 1, max(min(last - 1, len(line)), span.column)
        cut = max(0, begin - _WIDEST // 2)
        shown = _visible(line[cut : cut + _WIDEST])
        number, bar = str(span.line), self._paint("|", _BLUE)
        carets = "^" * max(1, _width(_visible(line[begin : min(end, cut + _WIDEST)])))
        lead = " " * _width(_visible(line[cut:begin]))
        lines.append(f"   {self._paint(number, _BLUE)} {bar} {shown}".rstrip())
        lines.append(f"   {' ' * len(number)} {bar} {lead}{self._paint(carets, colour)}")
        return lines

    def _paint(self, text: str, colour: str) -> str:
        return f"{colour}{text}{_OFF}" if self._colour else text


def _visible(text: str) -> str:
    """A text without tabs and control characters, which a terminal would obey."""
    return "".join(c if c.isprintable() else " " for c in text)


def _width(text: str) -> int:
    """Columns on a terminal: wide characters take two, combining ones none."""
    return sum(
        0 if unicodedata.combining(c) else 2 if unicodedata.east_asian_width(c) in "WF" else 1
        for c in text
    )
