"""Which messages of a stream are suspected after an unclean end, by their offsets and strikes."""

from __future__ import annotations

import pytest
from jararaca.application.progress import Place
from jararaca.handling.streaming.suspicion import Suspicion

REACH = 3


@pytest.mark.parametrize("place", [None, Place(9, 0)])
def test_after_a_clean_end_the_first_message_is_marked_and_no_other(place: Place | None) -> None:
    first = 0 if place is None else 10
    suspicion = Suspicion(place, REACH)
    assert not suspicion.is_alone(first)
    assert suspicion.is_marked(first)
    assert suspicion.mark(first) == Place(first - 1, 1)
    assert suspicion.marked == Place(first - 1, 0)
    assert not suspicion.is_marked(first + 1)


def test_after_an_unclean_end_each_is_alone_as_far_as_a_process_comes() -> None:
    suspicion = Suspicion(Place(9, 1), REACH)
    alone = [offset for offset in range(10, 20) if suspicion.is_alone(offset)]
    assert alone == [10, 11, 12]
    assert suspicion.mark(10) == Place(9, 2)
    assert suspicion.marked == Place(9, 1)
    marked = [offset for offset in range(11, 20) if suspicion.is_marked(offset)]
    assert marked == [11, 12]
    assert suspicion.mark(11) == Place(10, 1)
    assert suspicion.marked == Place(10, 0)


def test_the_strikes_are_those_of_the_message_behind_the_offset() -> None:
    suspicion = Suspicion(Place(9, 4), REACH)
    assert [suspicion.strikes(offset) for offset in (9, 10, 11)] == [0, 4, 0]
    assert Suspicion(None, REACH).strikes(0) == 0
    assert Suspicion(Place(-1, 2), REACH).strikes(0) == 2


def test_one_that_is_gone_leaves_its_strikes_to_nobody() -> None:
    suspicion = Suspicion(Place(9, 4), REACH)
    assert suspicion.mark(11) == Place(10, 1)
