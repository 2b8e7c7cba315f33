"""JSON Schema's own meta-schemas are at hand without a network."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from jararaca import DecodeError
from jararaca_compiler.lower import lower
from jararaca_compiler.reading.load import load

from tests.support.models import compiled, document


@pytest.mark.parametrize(
    "meta",
    [
        "http://json-schema.org/draft-04/schema#",
        "http://json-schema.org/draft-06/schema#",
        "http://json-schema.org/draft-07/schema#",
        "https://json-schema.org/draft/2019-09/schema",
        "https://json-schema.org/draft/2020-12/schema",
    ],
)
def test_a_payload_can_be_a_json_schema(meta: str, tmp_path: Path) -> None:
    module = compiled(tmp_path, {"Schema": {"$ref": meta}})
    valid = {"type": "object", "properties": {"a": {"minLength": 1}}}
    module.Schema.decode(json.dumps(valid).encode())
    for wrong in ({"type": "objet"}, {"properties": {"a": {"minLength": "1"}}}, 1):
        with pytest.raises(DecodeError):
            module.Schema.decode(json.dumps(wrong).encode())


def test_what_is_no_meta_schema_stays_on_the_network(tmp_path: Path) -> None:
    root = document({"A": {"$ref": "https://json-schema.org/draft/2020-12/meta/nothing"}})
    (tmp_path / "test.json").write_text(json.dumps(root), encoding="utf-8")
    documents, _ = load(["test.json"], tmp_path)
    assert [found.code for found in lower(documents)[1]] == ["remote-ref"]


def test_a_meta_schema_is_not_among_the_files_that_were_read(tmp_path: Path) -> None:
    root = document({"A": {"$ref": "http://json-schema.org/draft-07/schema#"}})
    (tmp_path / "test.json").write_text(json.dumps(root), encoding="utf-8")
    documents, _ = load(["test.json"], tmp_path)
    lower(documents)
    assert documents.paths == ("test.json",)
