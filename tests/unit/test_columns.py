"""Tables keep to the width of a terminal, and lose nothing of what they say."""

from __future__ import annotations

import pytest
from jararaca_shared.columns import laid_out, width_of

HEADINGS = ("message id", "message", "reason")
ID = "0192d3a8-7b1c-7f00-8000-000000000001"
REASON = "timeout: it took longer than 30 s"
ROWS = [[ID, "placeOrder", REASON], ["-", "refund", "rejected"]]
RED = "\x1b[31m"


def test_what_fits_is_aligned() -> None:
    assert laid_out([["a", "1"], ["long", "22"]], ("name", "n"), 9, right=(1,)) == [
        "name   n",
        "a      1",
        "long  22",
    ]


def test_the_last_column_is_wrapped_where_it_keeps_enough_room() -> None:
    assert laid_out(ROWS, HEADINGS, 70) == [
        "message id                            message     reason",
        f"{ID}  placeOrder  timeout: it took",
        f"{' ' * 50}longer than 30 s",
        "-                                     refund      rejected",
    ]


def test_else_each_row_is_a_block() -> None:
    assert laid_out(ROWS, HEADINGS, 40) == [
        f"message id  {ID}",
        "message     placeOrder",
        "reason      timeout: it took longer than",
        "            30 s",
        "",
        "message id  -",
        "message     refund",
        "reason      rejected",
    ]


def test_rows_without_headings_are_folded() -> None:
    rows = [["different", "queue", "a.long.name.of.a.queue", "x-queue-type is classic"]]
    assert laid_out(rows, (), 40) == [
        "different  queue  a.long.name.of.a.queue",
        "  x-queue-type is classic",
    ]


def test_a_colour_takes_no_room_and_a_wide_character_takes_two() -> None:
    assert laid_out([[f"{RED}bad\x1b[0m", "x"], ["語", "y"]]) == [f"{RED}bad\x1b[0m  x", "語   y"]
    assert width_of(f"{RED}✗\x1b[0m") == 1


def test_nothing_has_no_lines() -> None:
    assert laid_out([], (), 40) == []


@pytest.mark.parametrize("room", [1, 20, 40, 80, 200])
@pytest.mark.parametrize("headings", [HEADINGS, ()])
def test_no_width_breaks_or_loses_a_word(room: int, headings: tuple[str, ...]) -> None:
    told = laid_out(ROWS, headings, room)
    words = " ".join(told).split()
    assert sorted(set(words)) == sorted(
        {word for row in (*ROWS, headings) for cell in row for word in cell.split()}
    )
    assert all(width_of(line) <= max(room, len(ID) + 12) for line in told)
