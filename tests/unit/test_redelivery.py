"""The copies that move a delivery on: what they say is short enough, and leads nowhere else."""

from __future__ import annotations

from jararaca.contract import headers
from jararaca.handling.redelivery import MAX_TRACEBACK, again, dead_letters
from jararaca.transport import Delivery, Properties
from jararaca.transport.limits import DIRECT_REPLY_TO


def delivery(properties: Properties) -> Delivery:
    """A delivery of a queue."""
    return Delivery("queue", "topic", "", b"{}", properties, {}, False, None)


def test_a_very_long_reason_is_cut_and_says_so() -> None:
    whole, *_ = dead_letters(
        delivery(Properties()), "letters", "x" * 5_000, None, ValueError("y" * 5_000)
    )
    assert whole.headers[headers.REASON] == "x" * 999 + "…"
    assert whole.headers[headers.LAST_ERROR].endswith("y…")
    assert len(whole.headers[headers.TRACEBACK]) <= MAX_TRACEBACK


def test_a_copy_names_no_address_that_would_close_its_channel() -> None:
    asked = delivery(Properties(message_id="1", reply_to=DIRECT_REPLY_TO))
    for copy in (again(asked, 1, 2, None), *dead_letters(asked, "letters", "why", None, None)):
        assert copy.properties.reply_to is None and copy.properties.message_id == "1"
    kept = delivery(Properties(reply_to=f"{DIRECT_REPLY_TO}.g1"))
    assert again(kept, 1, 2, None).properties.reply_to == f"{DIRECT_REPLY_TO}.g1"
