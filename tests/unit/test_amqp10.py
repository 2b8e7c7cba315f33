"""Bodies of AMQP 1.0 publishers: the JSON that they amount to, or the name of what they are.

The bytes of the first ones are what RabbitMQ 4.3.6 handed over.
"""

from __future__ import annotations

import json
import random

import pytest
from jararaca.handling.redelivery import as_published
from jararaca.transport import Delivery, Properties
from jararaca.transport.amqp10 import UnreadableError, as_json

MAP = (
    b'\x00Sw\xc1"\x06\xa1\x06numberR\x07\xa1\x02okA\xa3\x01l\xc0\r\x03U\xfb\x82'
    b"?\xf8\x00\x00\x00\x00\x00\x00@"
)


@pytest.mark.parametrize(
    ("body", "value"),
    [
        (b'\x00Sw\xa1\r{"number": 1}', {"number": 1}),
        (MAP, {"number": 7, "ok": True, "l": [-5, 1.5, None]}),
        (b"\x00Sw\xa0\x02{}", {}),
        (b"\x00Sv\xc0\x04\x01\xa1\x01x", ["x"]),
        (b'\x00Sw\xb1\x00\x00\x00\x0d{"number": 1}', {"number": 1}),
        (b"\x00Sw\xd1\x00\x00\x00\x09\x00\x00\x00\x02\xa1\x01a\x52\x01", {"a": 1}),
        (b"\x00Sw\x45", []),
        (
            b"\x00Sw\xc1\x0d\x02\xa1\x01t\x83" + bytes(8),
            {"t": "1970-01-01T00:00:00.000+00:00"},
        ),
        (b"\x00Sw\x70\x00\x00\x01\x00", 256),
    ],
)
def test_a_value_is_read_as_the_json_that_it_amounts_to(body: bytes, value: object) -> None:
    assert json.loads(as_json(body)) == value or as_json(body) == str(value).encode()


@pytest.mark.parametrize(
    ("body", "told"),
    [
        (b"\x00Sw\xa1\xff{}", "damaged"),
        (b"\x00Sw", "damaged"),
        (b"\x00Sw\xa1\x01\xff", "damaged"),
        (b"\x00Sw\x82\x7f\xf0\x00\x00\x00\x00\x00\x00", "JSON cannot hold"),
        (b"\x00Sw\xc1\x05\x02R\x01R\x02", "keys are no texts"),
        (b"\x00Sw\xc1\x04\x01\xa1\x01a", "keys are no texts"),
        (b"\x00Sw\x74\x00\x00\x00\x00", "type 0x74"),
        (b"\x00St\x40", "section of the kind 005374"),
        (b"\x00Sw\x41\x00Sw\x41", "several values"),
    ],
)
def test_what_is_no_json_is_named(body: bytes, told: str) -> None:
    with pytest.raises(UnreadableError, match=told):
        as_json(body)


def test_lists_without_an_end_are_refused() -> None:
    nested = b"\x40"
    for _ in range(200):
        size = len(nested) + 4
        nested = b"\xd0" + size.to_bytes(4) + b"\0\0\0\1" + nested
    with pytest.raises(UnreadableError, match="nested too deeply"):
        as_json(b"\x00Sw" + nested)


def test_no_bytes_do_anything_but_be_read_or_refused() -> None:
    chance = random.Random(7)
    for _ in range(5_000):
        body = bytearray(MAP)
        for _ in range(chance.randrange(1, 6)):
            body[chance.randrange(3, len(body))] = chance.randrange(256)
        try:
            as_json(bytes(body))
        except UnreadableError:
            continue


def test_a_delivery_is_read_once_and_loses_the_type_that_the_broker_gave_it() -> None:
    properties = Properties(message_id="1", type="amqp-1.0")
    received = Delivery("q", "key", "", MAP, properties, {}, False, None)
    delivery = as_published(received)
    assert json.loads(delivery.body)["number"] == 7
    assert delivery.properties == Properties(message_id="1")
    assert as_published(delivery) is delivery


UUID_BYTES = bytes(range(16))
EACH_TYPE: list[tuple[bytes, object]] = [
    (b"\x40", None),
    (b"\x41", True),
    (b"\x42", False),
    (b"\x43", 0),
    (b"\x44", 0),
    (b"\x45", []),
    (b"\x50\xff", 255),
    (b"\x51\xff", -1),
    (b"\x52\xff", 255),
    (b"\x53\xff", 255),
    (b"\x54\xff", -1),
    (b"\x55\xff", -1),
    (b"\x56\x01", True),
    (b"\x56\x00", False),
    (b"\x60\xff\xff", 65_535),
    (b"\x61\xff\xff", -1),
    (b"\x70\xff\xff\xff\xff", 2**32 - 1),
    (b"\x71\xff\xff\xff\xff", -1),
    (b"\x72\x3f\xc0\x00\x00", 1.5),
    (b"\x73\x00\x00\x00\x41", "A"),
    (b"\x80" + b"\xff" * 8, 2**64 - 1),
    (b"\x81" + b"\xff" * 8, -1),
    (b"\x82\x3f\xf8" + bytes(6), 1.5),
    (b"\x83" + (1_000).to_bytes(8), "1970-01-01T00:00:01.000+00:00"),
    (b"\x98" + UUID_BYTES, "00010203-0405-0607-0809-0a0b0c0d0e0f"),
    (b"\xa1\x02ab", "ab"),
    (b"\xa3\x02ab", "ab"),
    (b"\xb1\x00\x00\x00\x02ab", "ab"),
    (b"\xb3\x00\x00\x00\x02ab", "ab"),
    (b"\xc0\x03\x01\x52\x07", [7]),
    (b"\xd0\x00\x00\x00\x06\x00\x00\x00\x01\x52\x07", [7]),
    (b"\xc1\x06\x02\xa1\x01a\x52\x07", {"a": 7}),
    (b"\xd1\x00\x00\x00\x09\x00\x00\x00\x02\xa1\x01a\x52\x07", {"a": 7}),
]


@pytest.mark.parametrize(
    ("value", "meant"), EACH_TYPE, ids=[each[:1].hex() for each, _ in EACH_TYPE]
)
def test_each_type_of_the_specification_is_read(value: bytes, meant: object) -> None:
    """AMQP 1.0, section 1.6; a value behind it shows that it has ended where it should."""
    pair = value + b"\x52\x2a"
    size = len(pair) + 1
    body = b"\x00Sw\xc0" + bytes((size, 2)) + pair
    assert json.loads(as_json(body)) == [meant, 42]
