"""What the commands print: plain text that is coloured on a terminal, and tables."""

from __future__ import annotations

import os
import re
import shutil
import sys
from collections.abc import Callable, Sequence
from typing import TextIO

import typer

from jararaca.printable import printable, printable_lines

GAP = "  "
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


def complain(text: str, label: str = "error:") -> None:
    """One error for stderr, or a note."""
    painted = _painted(label, "bad") if coloured(sys.stderr) else label
    print(shown(f"{painted} {text}"), file=sys.stderr, flush=True)


def table(rows: Sequence[Sequence[str]], headings: Sequence[str] = (), indent: str = "") -> str:
    """The rows in aligned columns under their headings; cells may be painted."""
    painted = [[paint(each, "dim") for each in headings], *rows] if headings else list(rows)
    every = [[_escaped(cell, printable) for cell in row] for row in painted]
    widths = [max(map(_width, column)) for column in zip(*every, strict=True)]
    return "\n".join((indent + GAP.join(_padded(row, widths))).rstrip() for row in every)


def columns() -> int:
    """How wide a line may be: the terminal's width, or practically unlimited elsewhere."""
    return shutil.get_terminal_size().columns if sys.stdout.isatty() else 10_000


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


def _padded(row: Sequence[str], widths: Sequence[int]) -> list[str]:
    return [cell + " " * (width - _width(cell)) for cell, width in zip(row, widths, strict=True)]


def _width(cell: str) -> int:
    return len(COLOURS.sub("", cell))
