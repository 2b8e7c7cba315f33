"""Values at the edges of what formats and numbers say: judged as validators judge, and kept.

Where a class and the validator differ, docs/authoring.md says so ("What formats mean").
"""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest
from jararaca import DecodeError
from jararaca.messages.values.formats import format_checks
from jararaca_compiler.schemas.checked_formats import has_format

from tests.support.models import compiled


def words(*lines: str) -> list[str]:
    return " ".join(lines).split()


TEXTS: dict[str, list[str]] = {
    "duration": words(
        "P PT P1M PT0S P0D P1.5D P1,5D PT1.S PT.5S P1W P1Y2M3DT4H5M6S P1D1M P1H PT1D P-1D",
        "PT36H p1m PT1M1H P1MT1M P00001D -P1D +P1D PT1.5S PT0.1234567S P1W1D P1YT PT1H1S",
        "P1Y1D",
    ),
    "date-time": [
        f"2026-11-24{rest}"
        for rest in [
            "T09:30:00Z",
            "t09:30:00z",
            " 09:30:00Z",
            "T09:30:00",
            "T09:30:00.123456789012345Z",
            "T09:30:00.Z",
            "T09:30Z",
            "T24:00:00Z",
            "T09:30:00+14:00",
            "T09:30:00+23:59",
            "T09:30:00+24:00",
            "T09:30:00-00:00",
            "T09:30:00+0000",
            "T09:30:00+01",
            "T09:30:00+01:60",
            "T09:30:00,5Z",
            "T09:30:00Z\n",
            "T09:30:00−01:00",
            "T09:30:61Z",
            "",
            "T09:60:00Z",
            "T09:30:00.000Z",
            "T09:30:00.100+05:45",
        ]
    ]
    + ["2016-12-31T23:59:60Z", "0000-01-01T00:00:00Z", "9999-12-31T23:59:59.9999999-14:00"]
    + ["2026-02-29T00:00:00Z", "10000-01-01T00:00:00Z", "\uff12026-11-24T09:30:00Z"],
    "date": words(
        "2026-11-24 2026-02-30 2026-2-3 20261124 2026-W48-2 2026-328 1764000000 2024-02-29",
        "1900-02-29 -2026-11-24 0000-01-01",
    ),
    "time": words(
        "09:30:00Z 09:30:00z 09:30:00.1234567Z 24:00:00Z 09:30:00+01:00 9:30:00Z 09:60:00Z",
        "09:30:00+0100 093000Z 09:30:00+25:00 09:30:00.Z 09:30:00+00:00 09:30 09:30Z 09:30:00",
        "23:59:60Z",
    ),
    "ipv4": words(
        "127.0.0.1 127.0.0.01 127.0.0 256.0.0.1 127.0.0.1/8 0x7f.0.0.1 2130706433 ١27.0.0.1",
    ),
    "ipv6": words(
        "::1 :: 1::2::3 ::ffff:102:304 fe80::1%eth0 12345:: 1:2:3:4:5:6:7 ::1/64 [::1]",
        "::01.2.3.4 1:2:3:4:5:6:7:8:9 :1",
    ),
    "uuid": words(
        "3f2b1c9e-1111-4222-8333-444455556666 3f2b1c9e-1111-0222-0333-444455556666",
        "3f2b1c9e111142228333444455556666 {3f2b1c9e-1111-4222-8333-444455556666}",
        "urn:uuid:3f2b1c9e-1111-4222-8333-444455556666 3f2b1c9e-11114-222-8333-444455556666",
        "\u0663f2b1c9e-1111-4222-8333-444455556666",
    ),
    "email": ["a@b.c", "a@", "@b", "a b@c", "a@@b", "a@b@c", "a@b.c\n", '"a b"@c.d', "a..b@c.d"],
    "uri": ["a:b", "urn:isbn:1", "//a/b", "/a", "a", "1http://a", "http://a b", "http://a/<b>"],
}
DIFFER = {
    "duration": {"-P1D", "+P1D", "PT1.5S", "PT0.1234567S", "P1W1D", "PT1H1S", "P1Y1D"},
    "date-time": {"2026-11-24 09:30:00Z", "2016-12-31T23:59:60Z", "0000-01-01T00:00:00Z"},
    "date": {"0000-01-01"},
    "time": {"09:30", "09:30Z", "09:30:00", "23:59:60Z"},
    "email": {'"a b"@c.d', "a..b@c.d"},
    "uri": {"http://a/<b>"},
}
"""Texts that a class takes and the validator refuses, or the other way round."""
HUGE = 10**400
NUMBERS: tuple[dict[str, Any], ...] = (
    *({"type": kind} for kind in ("integer", "number")),
    *({"type": "number", "minimum": bound} for bound in (HUGE, -HUGE, 2**53)),
    *({"type": "number", "maximum": bound} for bound in (HUGE, -HUGE, 2**53)),
    *({"type": "number", "multipleOf": step} for step in (0.01, 1e-10, 1e300)),
    {"type": "number", "exclusiveMinimum": 2**53},
    {"type": "integer", "maximum": 1e30},
    {"enum": [2**53 + 1, 0.1]},
    {"const": 1.0},
)
VALUES = [
    "0",
    "-0.0",
    "1",
    "1.0",
    "1.5",
    "0.1",
    "0.07",
    "19.99",
    "3e-10",
    "1e400",
    "-1e400",
    "1e308",
    "5e-324",
    "1e30",
    "true",
    "null",
    *map(str, (2**53, 2**53 + 1, -(2**53) - 1, 2**63, 10**40, HUGE, HUGE + 1, -HUGE - 1)),
]


@cache
def judges(format: str) -> Any:
    return jsonschema_rs.Draft202012Validator({"format": format}, validate_formats=True).is_valid


@pytest.mark.parametrize("format", TEXTS)
def test_a_format_is_what_validators_take_but_for_what_the_docs_say(format: str) -> None:
    texts = TEXTS[format]
    ours = {text for text in texts if format_checks()[format](text)}
    assert ours == {text for text in texts if has_format(format, text)}
    assert ours ^ set(filter(judges(format), texts)) == DIFFER.get(format, set())


def test_a_text_that_is_taken_is_written_as_it_came(tmp_path: Path) -> None:
    named = {f"M{index}": name for index, name in enumerate(TEXTS)}
    schemas = {key: {"type": "string", "format": name} for key, name in named.items()}
    messages = compiled(tmp_path, schemas)
    for key, name in named.items():
        cls, texts = getattr(messages, key), TEXTS[name]
        for text in filter(format_checks()[name], texts):
            assert json.loads(cls.decode(json.dumps(text).encode()).encode()) == text


def test_numbers_are_what_validators_take_and_stay_what_they_are(tmp_path: Path) -> None:
    messages = compiled(tmp_path, {f"M{i}": schema for i, schema in enumerate(NUMBERS)})
    for index, schema in enumerate(NUMBERS):
        cls, valid = getattr(messages, f"M{index}"), jsonschema_rs.validator_for(schema).is_valid
        for text in VALUES:
            value = json.loads(text)
            try:
                written = json.loads(cls.decode(text.encode()).encode())
            except DecodeError:
                written = ...
            assert (written is not ...) == valid(value), (schema, text)
            assert written is ... or written == value, (schema, text)


@pytest.mark.parametrize("keyword", ["maxLength", "maxItems", "maxProperties"])
@pytest.mark.parametrize(
    "most", [2**63 - 1, 2**63, 2**64, HUGE], ids=lambda most: f"2^{most.bit_length()}"
)
def test_a_length_beyond_what_anything_has_is_no_limit(
    keyword: str, most: int, tmp_path: Path
) -> None:
    kind, value = {"maxLength": ("string", "a"), "maxItems": ("array", [1])}.get(
        keyword, ("object", {"a": 1})
    )
    least = keyword.replace("max", "min")
    schemas = {"Most": {"type": kind, keyword: most}, "Least": {"type": kind, least: most}}
    messages = compiled(tmp_path, schemas)
    body = json.dumps(value).encode()
    assert json.loads(messages.Most.decode(body).encode()) == value
    with pytest.raises(DecodeError):
        messages.Least.decode(body)
