"""What to do where the broker has something else: nothing that costs more than somebody knows."""

from __future__ import annotations

import pytest
from jararaca.transport.mismatch import mismatch


@pytest.mark.parametrize("argument", ["x-max-age", "x-max-length-bytes"])
def test_of_a_stream_is_told_what_its_deletion_deletes_and_what_to_do_instead(
    argument: str,
) -> None:
    told = str(mismatch("queue", "shop.placed.stream", argument, "'30D'", "'1D'"))
    assert "deletes the events that it keeps" in told
    assert told.index("set_policy") < told.index("delete_queue")


def test_of_another_queue_it_is_to_be_emptied_and_deleted() -> None:
    told = str(mismatch("queue", "shop.orders", "x-max-length-bytes", "1", "2"))
    assert "empty and delete the queue" in told and "policy" not in told
