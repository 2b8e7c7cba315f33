"""What aiormq is shown of a content header: as it came where it can, and else the nearest to it."""

from __future__ import annotations

import struct
from datetime import UTC, datetime
from typing import Any

import pamqp.frame
import pytest
from jararaca.transport import Properties, Terms, provenance
from jararaca.transport.amqp.fast import readable as module
from jararaca.transport.amqp.fast.readable import LATE, readable
from jararaca.transport.amqp.fast.wire import content
from jararaca.transport.amqp.fast.wire.decoder import BODY, FRAME_END, HEAD, HEADER
from jararaca.transport.timestamp import Timestamp
from pamqp import commands
from pamqp.header import ContentHeader

BEYOND = Timestamp(2**63 + 5)
USUAL = datetime(2026, 5, 1, 12, tzinfo=UTC)
LAST = datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC)
HALF = "a\udcff"
"""An octet that is no UTF-8, as we read and write it."""


def frame(payload: bytes, kind: int = HEADER) -> bytes:
    return HEAD.pack(kind, 3, len(payload)) + payload + bytes((FRAME_END,))


def shown(payload: bytes, size: int = 200) -> Any:
    """The properties as aiormq decodes what it is shown."""
    data = readable(frame(payload))
    taken, channel, found = pamqp.frame.unmarshal(data)
    assert taken == len(data) and channel == 3 and isinstance(found, ContentHeader)
    assert found.body_size == size
    return found.properties


def of(
    properties: Properties = content.NO_PROPERTIES,
    headers: dict[str, Any] | None = None,
    **terms: Any,
) -> bytes:
    return content.write(properties, headers or {}, 200, Terms(**terms))


@pytest.mark.parametrize(
    "payload",
    [
        of(),
        of(Properties(message_id="ä", type="t", timestamp=USUAL)),
        of(Properties(message_id="id"), {"a": 1, "b": ["x", {"c": USUAL}]}, user_id="guest"),
        of(expiration=50),
    ],
)
def test_what_aiormq_can_decode_is_shown_as_it_came(payload: bytes) -> None:
    assert readable(frame(payload)) == frame(payload)


def test_frames_around_a_header_stay_and_only_headers_are_read() -> None:
    method = pamqp.frame.marshal(commands.Basic.Deliver("t", 1, False, "", "q"), 3)
    body = frame(of(headers={"h": BEYOND}), BODY)
    late = frame(of(headers={"h": BEYOND}))
    data = readable(method + late + body + frame(of()) + method)
    changed = readable(late)
    assert changed != late and data == method + changed + body + frame(of()) + method
    assert readable(b"") == b""


def test_times_that_no_calendar_reaches_are_texts_at_any_depth() -> None:
    given = {
        "h": BEYOND,
        "list": [1, [BEYOND]],
        "table": {"t": {"u": BEYOND}},
        "n": None,
        "i": 7,
        "s": "ä",
    }
    text = {provenance.TIMESTAMP: str(2**63 + 5)}
    found = shown(of(Properties(message_id="id"), given, user_id="guest")).headers
    assert found == {**given, "h": text, "list": [1, [text]], "table": {"t": {"u": text}}}


def test_late_times_are_what_they_are() -> None:
    just = LATE
    given = {"late": LAST, "list": [just], "usual": USUAL}
    found = shown(of(Properties(timestamp=LAST), given))
    assert found.timestamp == LAST
    assert found.headers == {"late": LAST, "list": [just], "usual": USUAL}
    assert shown(of(Properties(timestamp=just))).timestamp == just
    assert shown(of(Properties(timestamp=USUAL), {"late": LAST})).timestamp == USUAL


def test_the_first_late_moment_is_the_first_that_aiormq_takes_for_milliseconds() -> None:
    def as_aiormq(seconds: int) -> datetime | None:
        header = ContentHeader()
        header.unmarshal(struct.pack(">HHQHBQ", 60, 0, 0, 0x1040, 2, seconds))
        return header.properties.timestamp

    first = int(LATE.timestamp())
    assert as_aiormq(first - 1) == datetime.fromtimestamp(first - 1, UTC)
    assert as_aiormq(first) != LATE


def test_milliseconds_are_kept() -> None:
    moment = datetime(2026, 5, 1, 12, 0, 0, 250_000, tzinfo=UTC)
    payload = content.write(
        Properties(timestamp=moment), {"h": BEYOND}, 200, seconds=round(moment.timestamp() * 1000)
    )
    assert shown(payload).timestamp == moment


def test_octets_that_are_no_utf_8_are_replaced_and_all_else_stays() -> None:
    properties = Properties(message_id=HALF, type="t", app_id="app", priority=3, timestamp=USUAL)
    found = shown(of(properties, {HALF: [HALF, {HALF: HALF}]}, user_id=HALF))
    assert (found.message_id, found.message_type) == ("a\ufffd", "t")
    assert (found.app_id, found.priority, found.timestamp) == ("app", 3, USUAL)
    assert found.user_id == "a\ufffd" and found.correlation_id is None
    # A text in a table that is no UTF-8 is octets, and stays so.
    assert list(found.headers) == ["a\ufffd"]


def test_a_header_that_cannot_be_read_says_why_and_under_which_account() -> None:
    payload = of(Properties(message_id="id"), {"h": "x"}, user_id="guest")
    at = payload.index(b"\x01hS") + 2
    found = shown(payload[:at] + b"?" + payload[at + 1 :])
    assert "unknown field type" in found.headers[provenance.UNREADABLE]
    assert found.user_id == "guest" and found.message_id is None
    cut = shown(of(Properties(message_id="id"), user_id="guest")[:-1])
    assert "longer than its frame" in cut.headers[provenance.UNREADABLE] and cut.user_id is None
    plain = shown(of(Properties(message_id=HALF)))
    assert plain.user_id is None and not plain.headers


def test_what_aiormq_cannot_decode_even_so_is_shown_without_its_headers(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(module, "_is_decoded", lambda payload: False)
    found = shown(of(Properties(message_id="id"), {"h": 1}))
    assert found.headers == {provenance.UNREADABLE: ""} and found.message_id == "id"


def test_a_usual_header_with_a_late_look_is_decoded_once(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[bytes] = []
    decoded = module._is_decoded

    def noting(payload: bytes) -> bool:
        seen.append(payload)
        return decoded(payload)

    monkeypatch.setattr(module, "_is_decoded", noting)
    usual = of(Properties(message_id="id", type="t", timestamp=USUAL))
    assert readable(frame(usual)) == frame(usual) and seen == []
    for payload in (of(headers={"h": 1}), of(expiration=5), of(Properties(type="ä"))):
        assert readable(frame(payload)) == frame(payload) and seen.pop() == payload and not seen
    late = of(Properties(timestamp=LAST))
    assert readable(frame(late)) != frame(late)
