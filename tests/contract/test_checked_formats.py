"""A format that classes check is checked wherever it stands, and always by the same measure."""

from __future__ import annotations

import json
import textwrap
from pathlib import Path
from typing import Any

import pytest
from jararaca import DecodeError
from jararaca.messages.values.formats import format_checks
from jararaca_compiler.schemas.checked_formats import FORMATS, has_format

from tests.contract.compiling import compiled

PLACES = """
    type: object
    properties:
      plain: {type: string, format: FORMAT}
      aTuple: {type: array, prefixItems: [{type: string, format: FORMAT}]}
      fixed:
        {type: array, prefixItems: [{type: string, format: FORMAT}], minItems: 1, maxItems: 1}
      listed: {type: string, format: FORMAT, enum: [GOOD, BAD]}
      constant: {type: string, format: FORMAT, const: GOOD}
      byPattern: {type: object, patternProperties: {"^a": {type: string, format: FORMAT}}}
      names: {type: object, propertyNames: {format: FORMAT}}
      contained: {type: array, contains: {type: string, format: FORMAT}}
      besideRef: {allOf: [{$ref: "#/components/schemas/Text"}], format: FORMAT}
      refused: {type: string, not: {format: FORMAT}}
      condition: {type: string, if: {format: FORMAT}, then: {minLength: 1}, else: {maxLength: 0}}
      one: {oneOf: [{type: string, maxLength: 0}, {type: string, format: FORMAT}]}
      oneByRef:
        oneOf: [{$ref: "#/components/schemas/Empty"}, {$ref: "#/components/schemas/Formatted"}]
      typedUnion: {type: string, format: FORMAT, anyOf: [{minLength: 1}, {maxLength: 90}]}
      allOfTuple:
        type: array
        prefixItems: [{allOf: [{$ref: "#/components/schemas/Text"}, {format: FORMAT}]}]
      both: {allOf: [{type: string, format: FORMAT}, {type: string, maxLength: 90}]}
    """
DOCUMENT = """
    asyncapi: 3.0.0
    info: {title: Formats, version: 1.0.0}
    channels:
      a: {address: a, messages: {M: {payload: {$ref: '#/components/schemas/Page'}}}}
    components:
      schemas:
        Text: {type: string}
        Empty: {type: string, maxLength: 0}
        Formatted: {type: string, format: FORMAT}
        Named: {type: string, format: FORMAT, enum: [GOOD, BAD]}
        Page:
    """
WRAPPED = {
    "plain": "T",
    "aTuple": ["T"],
    "fixed": ["T"],
    "listed": "T",
    "constant": "T",
    "byPattern": {"a": "T"},
    "names": {"T": 1},
    "contained": ["T"],
    "besideRef": "T",
    "refused": "T",
    "condition": "T",
    "one": "T",
    "oneByRef": "T",
    "typedUnion": "T",
    "allOfTuple": ["T"],
    "both": "T",
}
SAMPLES = {
    "uuid": ("3f2b1c9e-1111-4222-8333-444455556666", "3f2b1c9e111142228333444455556666"),
    "date-time": ("2026-11-24T09:30:00Z", "2026-11-24T09:30:00"),
    "date": ("2026-11-24", "20261124"),
    "time": ("09:30:00Z", "half past nine"),
    "duration": ("PT5M", "5 minutes"),
    "email": ("ada@example.test", "ada"),
    "uri": ("https://example.test/a", "no link"),
    "url": ("https://example.test/a", "no link"),
    "ipv4": ("127.0.0.1", "127.0.0.256"),
    "ipv6": ("::1", "1"),
    "decimal": ("1.50", "one"),
}


def document(format: str) -> str:
    good, bad = SAMPLES[format]
    page = textwrap.indent(textwrap.dedent(PLACES), " " * 10)
    text = textwrap.dedent(DOCUMENT).rstrip() + page
    for name, value in (("FORMAT", format), ("GOOD", f"'{good}'"), ("BAD", f"'{bad}'")):
        text = text.replace(name, value)
    return text


def put(shape: Any, text: str) -> Any:
    if isinstance(shape, list):
        return [put(item, text) for item in shape]
    if isinstance(shape, dict):
        return {put(key, text): put(item, text) for key, item in shape.items()}
    return text if shape == "T" else shape


def is_accepted(cls: Any, value: Any) -> bool:
    try:
        cls.decode(json.dumps(value).encode())
    except DecodeError:
        return False
    return True


@pytest.mark.parametrize("format", SAMPLES)
def test_a_format_is_checked_wherever_it_stands(format: str, tmp_path: Path) -> None:
    good, bad = SAMPLES[format]
    with compiled(tmp_path, document(format)) as package:
        cls = package.messages.M
        for place, shape in WRAPPED.items():
            wanted = place != "refused"
            assert is_accepted(cls, {place: put(shape, good)}) is wanted, (place, good)
            assert is_accepted(cls, {place: put(shape, bad)}) is not wanted, (place, bad)
        assert is_accepted(cls, {"one": "", "oneByRef": ""})


TEXTS = (
    *(text for pair in SAMPLES.values() for text in pair),
    *("", "x", "2026-02-30", "2026-11-24T09:30:60Z", "2026-11-24t09:30:00z", "09:30", "9:30"),
    *("2026-11-24T09:30:00.1234567+02:00", "2026-11-24 09:30:00Z", "0000-01-01", "P", "P1Y2M3W"),
    *("{3f2b1c9e-1111-4222-8333-444455556666}", "urn:uuid:3f2b1c9e-1111-4222-8333-444455556666"),
    *("1e5", ".5", "5.", "NaN", "Infinity", "1,5", "+1", "1.2.3.4.5", "01.2.3.4", "::ffff:1.2.3.4"),
    *(
        "a@b@c",
        "a b@c",
        "mailto:a",
        "//a",
        "a:",
        "1a:b",
        "24:00:00Z",
        "23:59:60Z",
        "12:00:00+25:00",
    ),
    "3F2B1C9E-1111-4222-8333-444455556666",
)


@pytest.mark.parametrize("format", FORMATS)
def test_the_compiler_and_the_classes_have_one_idea_of_a_format(format: str) -> None:
    check = format_checks()[format]
    assert {t: has_format(format, t) for t in TEXTS} == {t: check(t) for t in TEXTS}


def test_a_format_tells_variants_apart(tmp_path: Path) -> None:
    text = """
        asyncapi: 3.0.0
        info: {title: Links, version: 1.0.0}
        channels:
          a: {address: a, messages: {M: {payload: {$ref: '#/components/schemas/Page'}}}}
        components:
          schemas:
            Day: {type: string, format: date}
            Mail: {type: string, format: email}
            Page:
              type: object
              properties:
                day:
                  oneOf:
                    - {$ref: '#/components/schemas/Day'}
                    - {$ref: '#/components/schemas/Mail'}
        """
    with compiled(tmp_path, text) as package:
        for value, accepted in (("2026-11-28", True), ("a@example.com", True), ("x", False)):
            assert is_accepted(package.messages.M, {"day": value}) is accepted
