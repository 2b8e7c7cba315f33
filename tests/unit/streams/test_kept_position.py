"""An offset as a message: what was written is read, and what anybody else writes says nothing."""

from __future__ import annotations

import pytest
from jararaca.messagebus.streams.kept_position import Kept, kept_in, token
from jararaca.transport import Delivery, Properties


def read(body: bytes) -> Kept:
    return kept_in(Delivery("q", "q", "", body, Properties(), {}, False, None))


@pytest.mark.parametrize(
    "kept", [Kept(), Kept(0), Kept(-1, 1, 1), Kept(7, 2, 9, "a word"), Kept(0, 0, 1)]
)
def test_what_was_written_is_read(kept: Kept) -> None:
    assert read(token("q", kept).body) == kept


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"3",
        b"[]",
        b"null",
        b"{}",
        b"\xff",
        b"[" * 100_000,
        b'{"offset": true, "strikes": true, "number": true, "fence": 1}',
        b'{"offset": "3", "strikes": "1", "number": 1.5, "fence": null}',
        b'{"offset": 1.0, "strikes": -1, "number": -7, "fence": []}',
    ],
)
def test_what_is_no_offset_says_nothing(body: bytes) -> None:
    assert read(body) == Kept()


def test_one_that_says_nothing_is_behind_every_other() -> None:
    ordered = [Kept(), Kept(None, 0, 1), Kept(-1, 1, 1), Kept(0, 0, 1), Kept(0, 0, 2), Kept(1)]
    orders = [each.order for each in ordered]
    assert orders == sorted(set(orders))
