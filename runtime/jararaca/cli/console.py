"""What the commands print: plain text that is coloured on a terminal, and tables."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Callable, Collection, Sequence
from typing import Any, TextIO

import typer
from jararaca_shared.columns import laid_out, room_on

from jararaca.printable import json_line, printable, printable_lines

BAR = 30
OURS = f"\x00{os.urandom(8).hex()}"
"""Stands for the ESC of our own colours until they are printed: no stranger's text can have it."""

COLOURS = re.compile(f"({OURS}" + r"\[(?:0|1|2|31|32|33)m)")
"""What STYLES are on a terminal."""

STYLES = {
    "good": {"fg": "green"},
    "bad": {"fg": "red", "bold": True},
    "warn": {"fg": "yellow"},
    "dim": {"dim": True},
    "bold": {"bold": True},
}


def coloured(stream: TextIO) -> bool:
    """Whether colour is welcome: on a terminal, unless NO_COLOR is set (no-color.org)."""
    return stream.isatty() and not os.environ.get("NO_COLOR")


def shown(text: str) -> str:
    """The text as it is printed: our colours, and else nothing that a terminal would obey."""
    return _escaped(text, printable_lines).replace(OURS, "\x1b")


def paint(text: str, style: str) -> str:
    """The text in one of STYLES where stdout is a terminal, for `say` or a table."""
    return _painted(text, style) if text and coloured(sys.stdout) else text


def say(text: str = "", end: str = "\n") -> None:
    """One line for stdout, seen at once."""
    print(shown(text), end=end, flush=True)


def say_json(value: Any) -> None:
    """A value as JSON, in which JSON's own escapes stand for what a terminal would obey."""
    say(json_line(value, indent=2))


def complain(text: str, label: str = "error:") -> None:
    """One error for stderr, or a note."""
    painted = _painted(label, "bad") if coloured(sys.stderr) else label
    print(shown(f"{painted} {text}"), file=sys.stderr, flush=True)


def table(
    rows: Sequence[Sequence[str]],
    headings: Sequence[str] = (),
    indent: str = "",
    right: Collection[int] = (),
) -> str:
    """The rows in columns under their headings, as wide as the terminal; cells may be painted.

    `right` are the columns, by number, that end at one edge.
    """
    titles = [paint(each, "dim") for each in headings]
    every = [[_escaped(cell, printable) for cell in row] for row in rows]
    room = room_on(sys.stdout) - len(indent)
    return "\n".join((indent + line).rstrip() for line in laid_out(every, titles, room, right))


def count(number: int, noun: str) -> str:
    """`1 handler`, `3 handlers`."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def progress(label: str) -> Callable[[int, int], None]:
    """A progress bar on a terminal's stderr; call it with done and total. Silent elsewhere."""

    def show(done: int, total: int) -> None:
        filled = BAR * done // total if total else BAR
        end = "\n" if done >= total else ""
        bar = "█" * filled + "░" * (BAR - filled)
        print(f"\r{label} {bar} {done}/{total}", end=end, file=sys.stderr, flush=True)

    return show if sys.stderr.isatty() else lambda done, total: None


def _painted(text: str, style: str) -> str:
    begin, end = typer.style("|", **STYLES[style]).replace("\x1b", OURS).split("|")  # type: ignore[arg-type]
    return f"{begin}{text}{end}"


def _escaped(text: str, escape: Callable[[str], str]) -> str:
    """All but our colours escaped."""
    parts = COLOURS.split(text)
    return "".join(each if COLOURS.fullmatch(each) else escape(each) for each in parts)
