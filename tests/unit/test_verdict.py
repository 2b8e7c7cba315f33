"""The algorithm of blame, rule by rule, as ARCHITECTURE.md states it."""

from __future__ import annotations

import pytest
from jararaca.messagebus.blame import verdict
from jararaca.messagebus.blame.verdict import Running


def test_from_two_strikes_on_a_message_is_a_suspect() -> None:
    assert [verdict.is_suspect(strikes) for strikes in range(4)] == [False, False, True, True]


@pytest.mark.parametrize(("in_order", "last"), [(False, 6), (True, 12)])
def test_a_culprit_has_six_strikes_and_in_order_twelve(in_order: bool, last: int) -> None:
    assert not verdict.is_culprit(last - 1, in_order=in_order)
    assert verdict.is_culprit(last, in_order=in_order)
    assert verdict.is_culprit(last + 1, in_order=in_order)


def test_a_suspect_is_young_for_longer_the_more_strikes_it_has() -> None:
    assert [verdict.young_for(strikes) for strikes in range(5)] == [5, 5, 5, 15, 45]


@pytest.mark.parametrize(
    ("strikes", "running", "seconds"),
    [
        (2, [], 0),
        (2, [Running(0, 1)], 4),
        (2, [Running(0, 1), Running(0, 3)], 4),
        (2, [Running(0, 3), Running(0, 1)], 4),
        (2, [Running(0, 5)], 0),
        (3, [Running(0, 5)], 10),
        (2, [Running(3, 5)], 10),
    ],
)
def test_a_suspect_begins_once_all_that_runs_is_old_enough(
    strikes: int, running: list[Running], seconds: float
) -> None:
    assert verdict.seconds_until_alone(strikes, running) == seconds


def test_from_three_strikes_on_it_listens_for_others_before_it_begins() -> None:
    assert verdict.listens_for(2) == 0
    assert verdict.listens_for(3) > 0


@pytest.mark.parametrize(
    ("strikes", "running", "aside"),
    [
        (2, [], False),
        (2, [Running(1, 0)], False),
        (2, [Running(2, 4.9)], True),
        (2, [Running(2, 5)], False),
        (2, [Running(1, 0), Running(2, 4.9)], True),
        (3, [Running(2, 5)], True),
        (2, [Running(3, 100)], True),
        (3, [Running(1, 0)], False),
    ],
)
def test_a_suspect_stands_aside_of_young_ones_and_from_three_strikes_on_of_all(
    strikes: int, running: list[Running], aside: bool
) -> None:
    assert verdict.stands_aside(strikes, running) is aside


@pytest.mark.parametrize(
    ("running", "seconds"),
    [
        ([], 0),
        ([Running(1, 0)], 0),
        ([Running(2, 1)], 4),
        ([Running(2, 4), Running(3, 1)], 14),
        ([Running(3, 1), Running(2, 4)], 14),
        ([Running(2, 5)], 0),
    ],
)
def test_nothing_else_begins_until_every_suspect_is_old_enough(
    running: list[Running], seconds: float
) -> None:
    assert verdict.seconds_until_open(running) == seconds
