"""What `$id`, and `id` before draft 6, name inside a document, however it is written."""

from __future__ import annotations

import pytest
from jararaca_compiler.documents.source import Document, Span
from jararaca_compiler.reading.yaml12 import YamlText
from jararaca_compiler.schemas.identifiers import names_in

DRAFT_4 = "http://json-schema.org/draft-04/schema#"
DRAFT_7 = "http://json-schema.org/draft-07/schema#"


def document(text: str) -> Document:
    """A document of YAML whose places nobody asks for."""
    return Document("x.yaml", text, YamlText("x.yaml", text).root, lambda pointer, key: Span(""))


@pytest.mark.parametrize("key", ["id", "'id'", '"id"', "id ", "? id\n    "])
def test_an_id_of_draft_4_names_its_schema_however_its_key_is_written(key: str) -> None:
    text = f"$schema: {DRAFT_4}\ndefinitions:\n  a:\n    {key}: https://a.test/a\n"
    assert names_in(document(text)).resources == {"https://a.test/a": "/definitions/a"}


def test_an_id_of_a_later_draft_is_a_property_like_any_other() -> None:
    text = f"$schema: {DRAFT_7}\ndefinitions:\n  a:\n    id: https://a.test/a\n"
    assert names_in(document(text)).resources == {}
