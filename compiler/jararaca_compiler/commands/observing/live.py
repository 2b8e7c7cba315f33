"""The table of an observation: while it runs, on a terminal, and at its end."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Protocol

from jararaca_shared.columns import UNLIMITED, laid_out
from jararaca_shared.printable import printable

from jararaca_compiler.observing.report import Report
from jararaca_compiler.observing.wording import HEADINGS, NUMBERS, footer, lines_of, row_of, summary

if TYPE_CHECKING:
    from rich.console import JustifyMethod
    from rich.live import Live
    from rich.table import Table

MOST_ROWS = 40
SHOWN = ((60, (0, 1, 3)), (90, (0, 1, 2, 3)))
"""Columns of a terminal, and which of the table's have room below that: the rest is at the end."""


class Screen(Protocol):
    """What shows a report while more is heard."""

    def show(self, report: Report) -> None:
        """The report so far."""


class NoScreen:
    """Shows nothing: the output is a file's or a script's."""

    def show(self, report: Report) -> None:
        """Nothing."""


class LiveTable:
    """A table that is drawn anew."""

    def __init__(self, live: Live) -> None:
        self._live = live

    def show(self, report: Report) -> None:
        """Draw it."""
        width = self._live.console.width
        self._live.update(drawn(report, width), refresh=True)


@contextmanager
def screen(*, is_live: bool) -> Iterator[Screen]:
    """A live table, or nothing."""
    if not is_live:
        yield NoScreen()
        return
    from rich.live import Live

    with Live(screen=True, auto_refresh=False) as live:
        yield LiveTable(live)


def drawn(report: Report, width: int = UNLIMITED) -> Table:
    """The messages that were seen, the most frequent first, and how many others there are."""
    from rich.markup import escape
    from rich.table import Table

    seen = sorted((each for each in report.messages if each.seen), key=lambda each: -each.seen)
    silent = len(report.messages) - len(seen)
    caption = f"{footer(report)}; messages not seen: {silent}; Ctrl-C ends it"
    made = Table(title="jararaca observe", caption=caption, expand=True)
    columns = next((each for below, each in SHOWN if width < below), range(len(HEADINGS)))
    for number in columns:
        justify: JustifyMethod = "right" if number in NUMBERS else "left"
        made.add_column(HEADINGS[number], justify=justify, overflow="fold")
    for each in seen[:MOST_ROWS]:
        cells = row_of(each)
        shown = (escape(printable(cells[number])) for number in columns)
        made.add_row(*shown, style="red" if each.invalid else "")
    return made


def text_of(report: Report, room: int = UNLIMITED) -> str:
    """The table and all findings, as plain lines."""
    rows = [[*map(printable, row_of(each))] for each in report.messages if each.seen]
    table = laid_out(rows, HEADINGS if rows else (), room, NUMBERS)
    found = [printable(line) for line in lines_of(report)]
    parts = [*table, "", *found, "" if found else None]
    lines = [line for line in parts if line is not None]
    return "\n".join([*lines, footer(report), summary(report)]).strip() + "\n"
