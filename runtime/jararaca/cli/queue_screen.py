"""Queues drawn for a terminal: as many columns as it is wide, and as many rows as it is high."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

from rich.box import SIMPLE_HEAD
from rich.table import Table
from rich.text import Text

from jararaca.cli.console import count
from jararaca.operations.queue_view import QueueRow, QueueView
from jararaca.printable import printable


@dataclass(frozen=True, slots=True)
class Column:
    """A number of each queue; the first columns are kept where there is little room."""

    heading: str
    cell: Callable[[QueueRow], str]


COLUMNS = (
    Column("ready", lambda row: str(row.state.ready)),
    Column("dead", lambda row: "-" if row.dead is None else str(row.dead)),
    Column("consumers", lambda row: str(row.state.consumers)),
    Column("acked/s", lambda row: f"{row.state.acked:.1f}"),
    Column("in flight", lambda row: str(row.state.in_flight)),
    Column("in/s", lambda row: f"{row.state.published:.1f}"),
    Column("again/s", lambda row: f"{row.state.redelivered:.1f}"),
)
SHOWN = ("consumers", "ready", "in flight", "in/s", "acked/s", "again/s", "dead")
"""Their order on the screen."""

NAME = "queue"
NARROWEST_NAME = 22
"""Columns leave a queue's name this room, as long as more than two of them are there."""

GAP = 2
AROUND = 6
"""Lines of the screen that are no queues: title, headings, their line, what is not shown, foot."""


def drawn(view: QueueView, width: int, height: int, told: str = "") -> Table:
    """The screen. What is wrong comes first; `told` is why the numbers are not new."""
    rows = sorted(view.rows, key=lambda row: not _trouble(row))
    shown = rows[: max(1, height - AROUND)]
    columns = fitting(shown, width)
    title = told or time.strftime("%H:%M:%S")
    made = Table(
        title=Text(printable(title), style="bold red" if told else "", overflow="ellipsis"),
        caption=_foot(view, len(rows) - len(shown)),
        box=SIMPLE_HEAD,
        padding=(0, GAP - 1, 0, 0),
        show_edge=False,
        title_justify="left",
        caption_justify="left",
        pad_edge=False,
    )
    made.add_column(NAME, no_wrap=True)
    for each in columns:
        made.add_column(each.heading, justify="right", no_wrap=True)
    room = width - sum(map(_width_among(shown), columns))
    for row in shown:
        cells = [shortened(row.state.name, room), *(each.cell(row) for each in columns)]
        made.add_row(*map(Text, map(printable, cells)), style=_style(row))
    return made


def fitting(rows: list[QueueRow], width: int) -> list[Column]:
    """The columns that leave a name its room, in their order on the screen."""
    longest = max((len(row.state.name) for row in rows), default=len(NAME))
    room = width - min(longest, NARROWEST_NAME)
    kept: list[Column] = []
    for column in COLUMNS:
        room -= _width_among(rows)(column)
        if room < 0 and len(kept) >= 2:
            break
        kept.append(column)
    return sorted(kept, key=lambda column: SHOWN.index(column.heading))


def shortened(name: str, room: int) -> str:
    """A long name loses its middle: names differ at both ends."""
    if len(name) <= room:
        return name
    tail = max(1, (room - 1) // 2)
    return f"{name[: max(1, room - 1 - tail)]}…{name[-tail:]}"


def _width_among(rows: list[QueueRow]) -> Callable[[Column], int]:
    def width(column: Column) -> int:
        return GAP + max([len(column.heading), *(len(column.cell(row)) for row in rows)])

    return width


def _trouble(row: QueueRow) -> bool:
    return bool(row.dead or (row.state.ready and not row.state.consumers))


def _style(row: QueueRow) -> str:
    if row.state.consumers == 0 and row.state.ready:
        return "bold red"
    return "red" if row.dead else ""


def _foot(view: QueueView, hidden: int) -> str:
    more = f"and {count(hidden, 'quiet queue')}\n" if hidden else ""
    return f"{more}to be tried again, or due later: {view.delayed}"
