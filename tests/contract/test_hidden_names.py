"""A class within another never hides the shared class that a field beside or in it refers to."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from jararaca import DecodeError

from tests.contract.compiling import compiled

DOCUMENT = """
    asyncapi: 3.0.0
    info: {title: Names, version: 1.0.0}
    channels:
      a: {address: a, messages: {M: {payload: {$ref: '#/components/schemas/Root'}}}}
    components:
      schemas:
        Root: {type: object, properties: {page: {$ref: '#/components/schemas/Page'}}}
        Tag: {type: object, required: [id], properties: {id: {type: integer}}}
        Page:
          type: object
          properties:
            tag: WITHIN
            other:
              type: object
              properties: {x: {type: array, items: {$ref: '#/components/schemas/Tag'}}}
    """
TAG = "{$ref: '#/components/schemas/Tag'}"
WITHIN = {
    "in itself": f"{{type: object, properties: {{tag: {TAG}}}}}",
    "in a list": f"{{type: array, items: {{type: object, properties: {{tag: {TAG}}}}}}}",
    "beside": "{type: object, properties: {y: {type: integer}}}",
}


@pytest.mark.parametrize("within", WITHIN.values(), ids=WITHIN)
def test_a_field_is_of_the_class_that_it_refers_to(within: str, tmp_path: Path) -> None:
    with compiled(tmp_path, DOCUMENT.replace("WITHIN", within)) as package:
        for value, good in (({"id": 1}, True), ({"id": "one"}, False), ({}, False)):
            inner: object = {"tag": value}
            pages: list[dict[str, object]] = [{"other": {"x": [value]}}]
            if "tag:" in within:
                pages.append({"tag": [inner] if "array" in within else inner})
            for page in pages:
                try:
                    package.messages.M.decode(json.dumps({"page": page}).encode())
                except DecodeError:
                    assert not good, page
                else:
                    assert good, page


ITSELF = """
    asyncapi: 3.0.0
    info: {title: Names, version: 1.0.0}
    channels:
      a: {address: a, messages: {M: {payload: {properties: {e: {$ref: '#/components/schemas/E'}}}}}}
    components:
      schemas:
        E:
          type: object
          properties:
            e: {type: object, properties: {x: {type: integer}}}
            data:
              type: object
              properties: {data: {type: object, properties: {data: {type: integer}}}}
    """


GOOD = (b'{"e": {"e": {"x": 1}}}', b'{"e": {"data": {"data": {"data": 1}}}}')
BAD = (b'{"e": {"e": {"x": "1"}}}', b'{"e": {"data": {"data": {"data": {}}}}}')


def test_a_class_within_one_of_its_name_is_another(tmp_path: Path) -> None:
    with compiled(tmp_path, ITSELF) as package:
        for body in GOOD:
            package.messages.M.decode(body)
        for body in BAD:
            with pytest.raises(DecodeError):
                package.messages.M.decode(body)
