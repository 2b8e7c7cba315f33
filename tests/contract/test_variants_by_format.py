"""Variants of `oneOf` that a format alone tells apart: a value is held against the format too."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from jararaca import DecodeError

from tests.contract.compiling import compiled

DOCUMENT = """
    asyncapi: 3.0.0
    info: {title: Links, version: 1.0.0}
    channels:
      a: {address: a, messages: {M: {payload: {$ref: '#/components/schemas/Page'}}}}
    components:
      schemas:
        Page:
          type: object
          properties:
            link: {oneOf: [{type: string, maxLength: 0}, {type: string, format: uri}]}
            day: {oneOf: [{type: string, format: date}, {type: string, format: email}]}
    """


@pytest.mark.parametrize(
    ("value", "accepted"),
    [
        ({"link": ""}, True),
        ({"link": "https://example.com"}, True),
        ({"link": "no link"}, False),
        ({"day": "2026-11-28"}, True),
        ({"day": "a@example.com"}, True),
        ({"day": "x"}, False),
    ],
)
def test_a_format_tells_variants_apart(
    value: dict[str, str], accepted: bool, tmp_path: Path
) -> None:
    with compiled(tmp_path, DOCUMENT) as package:
        try:
            package.messages.M.decode(json.dumps(value).encode())
        except DecodeError:
            assert not accepted
        else:
            assert accepted
