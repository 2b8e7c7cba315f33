"""References within and across files."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from jararaca_compiler.documents.node import Node
from jararaca_compiler.lower import lower
from jararaca_compiler.reading.load import load
from jararaca_compiler.references.resolver import Resolver, UnresolvedRefError

from .front import codes, diagnostics, write


def resolver(folder: Path, *names: str) -> Resolver:
    documents, found = load(names, folder)
    assert found == ()
    return Resolver(documents)


def test_references_become_absolute_but_data_stays(tmp_path: Path) -> None:
    (tmp_path / "sub").mkdir()
    write(tmp_path, a_yaml="S: {type: string}\n")
    write(
        tmp_path / "sub",
        b_yaml="""
        properties:
          $ref: {$ref: ../a.yaml#/S}
          default: {$ref: '#/properties/x~1y%20z'}
          x/y z: {type: integer, default: {$ref: '#/nowhere'}}
        const: {$ref: data}
        x-note: {$ref: data}
        """,
    )
    found = resolver(tmp_path, "sub/b.yaml").lookup("sub/b.yaml#")
    assert found.value == {
        "properties": {
            "$ref": {"$ref": "a.yaml#/S"},
            "default": {"$ref": "sub/b.yaml#/properties/x~1y z"},
            "x/y z": {"type": "integer", "default": {"$ref": "#/nowhere"}},
        },
        "const": {"$ref": "data"},
        "x-note": {"$ref": "data"},
    }


def test_a_pointer_passes_through_references_and_names_the_real_place(tmp_path: Path) -> None:
    write(
        tmp_path,
        a_yaml="""
        X: {$ref: '#/Y'}
        Y: {$ref: b.yaml}
        Z: {$ref: '#/X/properties/id'}
        """,
        b_yaml="properties: {id: {type: integer}}",
    )
    found = resolver(tmp_path, "a.yaml")
    assert found.lookup("a.yaml#/Z").value == {"$ref": "b.yaml#/properties/id"}
    assert found.lookup("a.yaml#/X/properties/id") == (
        {"type": "integer"},
        "b.yaml",
        "/properties/id",
    )
    with pytest.raises(UnresolvedRefError):
        found.lookup("a.yaml#/gone")


def test_anchors_and_identifiers_are_found(tmp_path: Path) -> None:
    write(
        tmp_path,
        a_yaml="""
        properties:
          one: {$ref: '#here'}
          two: {$ref: 'https://example.com/item.json'}
        $defs:
          A: {$anchor: here, type: string}
          B: {$id: 'https://example.com/item.json', type: integer}
        """,
    )
    found = resolver(tmp_path, "a.yaml").lookup("a.yaml#").value["properties"]
    assert found["one"] == {"$ref": "a.yaml#/$defs/A"}
    assert found["two"] == {"$ref": "a.yaml#/$defs/B"}


@pytest.mark.parametrize(
    ("ref", "code"),
    [
        ("'#/components/schemas/Oder'", "unresolved-ref"),
        ("gone.yaml", "unresolved-ref"),
        ("https://example.com/a.json", "remote-ref"),
        ("//example.com/a.json", "remote-ref"),
        ("../outside.yaml", "ref-outside-root"),
        ("/etc/hostname", "ref-outside-root"),
        ("'#/components/schemas/Loop'", "circular-ref"),
        ("'#/components/schemas/AllOf'", "circular-ref"),
        ("broken.yaml", "unresolved-ref"),
    ],
)
def test_a_reference_that_leads_nowhere_is_pointed_at(tmp_path: Path, ref: str, code: str) -> None:
    root = tmp_path / "project"
    root.mkdir()
    write(tmp_path, outside_yaml="{}")
    write(root, broken_yaml="a: [")
    text = f"""
    asyncapi: 3.0.0
    info: {{title: T, version: '1'}}
    channels:
      c: {{address: c, messages: {{m: {{payload: {{properties: {{a: {{$ref: {ref}}}}}}}}}}}}}
    components:
      schemas:
        Order: {{type: object}}
        Loop: {{$ref: '#/components/schemas/Loop'}}
        AllOf: {{allOf: [{{$ref: '#/components/schemas/AllOf'}}]}}
    """
    found = diagnostics(root, text)
    here = [d for d in found if d.span.path == "shop.yaml"]
    assert set(codes(tuple(here))) == {code}
    assert here[0].span.line == 5
    if "Oder" in ref:
        assert here[0].help == "Did you mean `#/components/schemas/Order`?"
    assert ("invalid-syntax" in codes(found)) is (ref == "broken.yaml")


def test_a_file_on_the_network_is_told_once(tmp_path: Path) -> None:
    refs = ", ".join(f"p{n}: {{$ref: 'https://e.com/a.json#/{n}'}}" for n in range(5))
    refs += ", q: {$ref: 'https://e.com/b.json'}"
    text = f"""
    asyncapi: 3.0.0
    info: {{title: T, version: '1'}}
    channels: {{c: {{address: c, messages: {{m: {{payload: {{properties: {{{refs}}}}}}}}}}}}}
    """
    assert codes(diagnostics(tmp_path, text)) == ["remote-ref", "remote-ref"]


def test_a_file_that_is_what_its_reference_names_is_told(tmp_path: Path) -> None:
    (tmp_path / "user.avsc").write_text('{"type": "record", "name": "User", "fields": []}')
    text = """
    asyncapi: 3.0.0
    info: {title: T, version: '1'}
    channels: {c: {address: c, messages: {m: {payload: {$ref: 'user.avsc#/User'}}}}}
    """
    (found,) = diagnostics(tmp_path, text)
    assert found.code == "unresolved-ref"
    assert found.help == "The file is `User` itself: refer to it without `#/User`."


def test_a_recursive_schema_is_fine(tmp_path: Path) -> None:
    text = """
    asyncapi: 3.0.0
    info: {title: T, version: '1'}
    channels: {c: {address: c, messages: {m: {payload: {$ref: '#/components/schemas/Tree'}}}}}
    components:
      schemas:
        Tree: {properties: {children: {items: {$ref: '#/components/schemas/Tree'}}}}
    """
    assert diagnostics(tmp_path, text) == ()


def test_a_symbolic_link_does_not_lead_out_of_the_project(tmp_path: Path) -> None:
    root = tmp_path / "project"
    root.mkdir()
    write(tmp_path, secret_yaml="type: string")
    (root / "link.yaml").symlink_to(tmp_path / "secret.yaml")
    documents, _ = load([], root)
    assert documents.target("shop.yaml", "link.yaml")[1] == "ref-outside-root"


@pytest.mark.parametrize(
    ("schema", "expected"),
    [
        ({"type": "string", "nullable": True}, {"type": ["string", "null"]}),
        ({"enum": ["a"], "nullable": True}, {"enum": ["a", None]}),
        ({"type": "null", "enum": [], "nullable": True}, {"type": ["null"], "enum": [None]}),
        (
            {"type": ["string"], "enum": ["a"], "nullable": True},
            {"type": ["string", "null"], "enum": ["a", None]},
        ),
        ({"minimum": 1, "exclusiveMinimum": True}, {"exclusiveMinimum": 1}),
        ({"maximum": 1, "exclusiveMaximum": False}, {"maximum": 1}),
        ({"minimum": 1, "exclusiveMinimum": 0}, {"minimum": 1, "exclusiveMinimum": 0}),
    ],
)
def test_openapi_words_are_said_in_json_schema(tmp_path: Path, schema: Any, expected: Any) -> None:
    documents, _ = load([], tmp_path)
    assert Resolver(documents).schema(Node(schema, "a.yaml", "")).value == expected


def test_files_are_read_only_when_something_refers_to_them(tmp_path: Path) -> None:
    write(
        tmp_path,
        shop_yaml="""
        asyncapi: 3.0.0
        info: {title: T, version: '1'}
        channels: {c: {address: c, messages: {m: {$ref: m.yaml}}}}
        """,
        m_yaml="payload: {type: string}",
        unrelated_yaml="a: [",
    )
    documents, unread = load(["shop.yaml"], tmp_path)
    (service,), found = lower(documents)
    assert (unread, found) == ((), ())
    assert service.messages[0].span.path == "m.yaml"
    assert service.messages[0].name == "m"


def test_a_payload_that_leads_nowhere_is_one_complaint(tmp_path: Path) -> None:
    found = diagnostics(
        tmp_path,
        """
        asyncapi: 3.0.0
        info: {title: Shop, version: '1'}
        channels: {a: {address: a, messages: {A: {payload: {$ref: '#/components/schemas/No'}}}}}
        """,
    )
    assert codes(found) == ["unresolved-ref"]
