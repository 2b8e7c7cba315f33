"""`jararaca top` on terminals of any size: names stay readable, and what is wrong is seen first."""

from __future__ import annotations

from io import StringIO

import pytest
from jararaca.cli.queue_screen import drawn, shortened
from jararaca.operations.management import QueueState
from jararaca.operations.queue_view import QueueRow, QueueView
from rich.console import Console

NAMES = ("accounts.on_user_created", "shop.orders", "warehouse.reserve_stock")


def view(*more: QueueRow) -> QueueView:
    quiet = (QueueRow(QueueState(name, 0, consumers=1), 0) for name in NAMES)
    return QueueView((*quiet, *more), delayed=3)


def screen(shown: QueueView, width: int, height: int = 24, told: str = "") -> list[str]:
    console = Console(width=width, file=StringIO(), color_system=None)
    with console.capture() as captured:
        console.print(drawn(shown, width, height, told))
    return [line.rstrip() for line in captured.get().splitlines()]


def headings(lines: list[str]) -> list[str]:
    return lines[1].replace("in flight", "in-flight").split()


@pytest.mark.parametrize("width", [40, 80, 120, 200])
def test_the_names_of_queues_can_be_read_in_any_width(width: int) -> None:
    lines = screen(view(), width)
    assert max(map(len, lines)) <= width
    for name in ("shop.orders", "warehouse.rese"):
        assert any(line.startswith(name) for line in lines)
    assert headings(lines)[-1] == "dead" and "ready" in headings(lines)
    assert "…" not in lines[1]


def test_a_wide_terminal_has_all_numbers_and_a_narrow_one_the_first() -> None:
    wide, narrow = (headings(screen(view(), width)) for width in (120, 40))
    assert wide == [
        "queue",
        "consumers",
        "ready",
        "in-flight",
        "in/s",
        "acked/s",
        "again/s",
        "dead",
    ]
    assert narrow == ["queue", "ready", "dead"]


def test_what_is_wrong_stands_first_where_not_all_have_room() -> None:
    dead = QueueRow(QueueState("shop.refund", 0, consumers=1), 2)
    alone = QueueRow(QueueState("shop.quote", 9), 0)
    lines = screen(view(dead, alone), 80, height=8)
    assert [line.split()[0] for line in lines[3:5]] == ["shop.refund", "shop.quote"]
    assert lines[5] == "and 3 quiet queues"


def test_why_numbers_are_old_is_told_above_them() -> None:
    lines = screen(view(), 80, told="the broker\x1b[2J is away")
    assert lines[0].startswith("the broker") and "\x1b" not in "".join(lines)
    assert lines[-1].endswith("due later: 3")


def test_a_long_name_loses_its_middle() -> None:
    assert shortened("warehouse.reserve_stock", 15) == "warehou…e_stock"
    assert shortened("shop", 15) == "shop"


def test_strangers_names_do_not_act_on_the_screen() -> None:
    odd = QueueRow(QueueState("[red]x[/red]\x1b[31m", 1, consumers=1), 0)
    lines = screen(view(odd), 80)
    assert any("[red]x[/red]" in line for line in lines) and "\x1b" not in "".join(lines)
