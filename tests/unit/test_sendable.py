"""What one message may be: the last value that is sent, and the first that is not."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from jararaca import PublishParameterError
from jararaca.transport import Properties, Publication, Terms
from jararaca.transport.amqp.fast.wire import content
from jararaca.transport.amqp.fast.wire.tables import decode_table, encode_table
from jararaca.transport.limits import FIXED, FRAME_MAX, MAX_DEPTH, check, size_of


def nested(depth: int) -> Any:
    value: Any = 1
    for _ in range(depth):
        value = [value]
    return value


GOOD: list[tuple[Any, Any]] = [
    (Decimal(2**31 - 1), Decimal(2**31)),
    (Decimal(-(2**31)), Decimal(-(2**31) - 1)),
    (Decimal(5), Decimal("5E400")),
    (Decimal("1E-255"), Decimal("1E-256")),
    (2**63 - 1, 2**63),
    (-(2**63), -(2**63) - 1),
    (nested(MAX_DEPTH - 1), nested(MAX_DEPTH)),
    ({"n" * 255: 1}, {"n" * 256: 1}),
    ({"é" * 127: 1}, {"é" * 128: 1}),
    (1.5, float("nan")),
    (b"x", {b"x"}),
]


@pytest.mark.parametrize(("last", "beyond"), GOOD)
def test_of_header_values_the_last_is_sent_and_the_next_is_not(last: Any, beyond: Any) -> None:
    check(Publication("x", b"", headers={"a": last}))
    assert decode_table(encode_table({"a": last})) == {"a": last}
    with pytest.raises(PublishParameterError, match="'a'|name"):
        check(Publication("x", b"", headers={"a": beyond}))


PROPERTIES: list[tuple[Publication, Publication]] = [
    (Publication("x" * 255, b""), Publication("x" * 256, b"")),
    (
        Publication("x", b"", properties=Properties(priority=255)),
        Publication("x", b"", properties=Properties(priority=256)),
    ),
    (
        Publication("x", b"", properties=Properties(priority=0)),
        Publication("x", b"", properties=Properties(priority=-1)),
    ),
    (
        Publication("x", b"", terms=Terms(expiration=2**32 - 1)),
        Publication("x", b"", terms=Terms(expiration=2**32)),
    ),
    (
        Publication("x", b"", terms=Terms(expiration=0)),
        Publication("x", b"", terms=Terms(expiration=-1)),
    ),
    (
        Publication("x", b"", terms=Terms(user_id="u" * 255)),
        Publication("x", b"", terms=Terms(user_id="u" * 256)),
    ),
]


@pytest.mark.parametrize(("last", "beyond"), PROPERTIES)
def test_of_properties_the_last_is_sent_and_the_next_is_not(
    last: Publication, beyond: Publication
) -> None:
    check(last)
    with pytest.raises(PublishParameterError):
        check(beyond)


def test_the_size_of_headers_is_what_they_take_in_their_frame() -> None:
    given: dict[str, Any] = {
        "text": "é",
        "yes": True,
        "none": None,
        "number": 2**40,
        "float": 0.5,
        "bytes": b"x",
        "decimal": Decimal("1.5"),
        "list": [1.5, "x"],
        "table": {"a": {"b": "c"}},
    }
    # Small numbers take four bytes, and are counted as eight.
    assert size_of(given) == len(encode_table(given)) + 1
    assert size_of({"a": 1}) == len(encode_table({"a": 1})) + 1 + 4


def test_headers_that_fill_the_frame_to_its_last_byte_are_sent() -> None:
    name = 1 + len("report") + 5
    room = FRAME_MAX - FIXED - 5 - name
    check(Publication("x", b"", headers={"report": "x" * room}))
    with pytest.raises(PublishParameterError, match=r"send it in the body \(largest: report\)"):
        check(Publication("x", b"", headers={"report": "x" * (room + 1)}))


def test_the_headers_behind_two_words_of_flags_are_read() -> None:
    """AMQP 0-9-1, section 4.2.6.1: the lowest bit says that another word follows."""
    table = encode_table({"a": 1})
    plain = bytes(12) + b"\x20\x00" + table
    more = bytes(12) + b"\x20\x01" + b"\x00\x00" + table
    for payload in (plain, more):
        assert dict(content.headers_of(payload)) == {"a": 1}
        assert dict(content.read(payload)[1]) == {"a": 1}
    assert dict(content.headers_of(bytes(14))) == {}
