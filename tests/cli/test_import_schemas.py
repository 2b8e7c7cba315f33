"""`jararaca import` of other schema languages: the document takes the same values."""

from __future__ import annotations

import json
import os
import textwrap
from pathlib import Path

import pytest
import yaml

from tests.cli.project import IMPORTED, Project
from tests.cli.test_import import verdicts

PETS = """\
openapi: {version}
info: {{title: Pets, version: "1"}}
paths: {{}}
components:
  schemas:
    Pet:
      type: object
      required: [name]
      properties:
        name: {{type: string, example: Rex, maxLength: 9}}
        age: {age}
        owner: {{$ref: '#/components/schemas/Owner.Data'}}
        home: {home}
        xml: {{type: string}}
      xml: {{name: pet}}
    Owner.Data:
      type: object
      properties: {{email: {{type: string}}, pets: {{$ref: '#/components/schemas/Pets'}}}}
    Pets: {{type: array, items: {{$ref: '#/components/schemas/Pet'}}}}
    Home: {{type: object, properties: {{city: {{type: string}}}}}}
    Choice:
      oneOf: [{{$ref: '#/components/schemas/Cat'}}, {{$ref: '#/components/schemas/Dog'}}]
      discriminator: {{propertyName: kind, mapping: {{cat: '#/components/schemas/Cat'}}}}
    Holder: {{type: object, properties: {{choice: {{$ref: '#/components/schemas/Choice'}}}}}}
    Cat: {{type: object, required: [kind], properties: {{kind: {{enum: [cat]}}}}}}
    Dog: {{type: object, required: [kind], properties: {{kind: {{enum: [dog]}}}}}}
"""
OLD = PETS.format(
    version="3.0.3",
    age="{type: integer, minimum: 0, exclusiveMinimum: true, nullable: true}",
    home="{$ref: '#/components/schemas/Home', required: [city]}",
)
NEW = PETS.format(
    version="3.1.0",
    age="{type: [integer, 'null'], exclusiveMinimum: 0}",
    home="{$ref: '#/components/schemas/Home', required: [city]}",
)
NEW += """\
webhooks:
  pet-born:
    post:
      requestBody:
        content:
          application/json: {schema: {$ref: '#/components/schemas/Pet'}}
"""
GRAPHQL = """\
scalar Date
enum Region { EU US }
type Order { id: ID! total: Float lines: [Line!]! region: Region at: Date }
type Line { sku: String! count: Int! }
type Query { order(id: ID!): Order }
"""
XSD = """\
<?xml version="1.0"?>
<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema">
  <xs:complexType name="Line"><xs:sequence>
    <xs:element name="sku"><xs:simpleType><xs:restriction base="xs:string">
      <xs:pattern value="[A-Z]+"/></xs:restriction></xs:simpleType></xs:element>
  </xs:sequence></xs:complexType>
  <xs:element name="order"><xs:complexType>
    <xs:sequence>
      <xs:element name="id" type="xs:int"/>
      <xs:element name="line" type="Line" maxOccurs="unbounded"/>
      <xs:element name="note" type="xs:string" minOccurs="0"/>
    </xs:sequence>
    <xs:attribute name="region" type="xs:string" use="required"/>
  </xs:complexType></xs:element>
</xs:schema>
"""


@pytest.fixture
def empty(tmp_path: Path) -> Project:
    return Project(tmp_path, "", {"PATH": os.environ["PATH"], "PYTHONPATH": IMPORTED})


def imported(project: Project, name: str, text: str) -> None:
    """The file is imported, and what was written compiles without a word."""
    (project.folder / name).write_text(text)
    done = project.run("import", name, "--output", "made.yaml", "--title", "Made")
    assert (done.returncode, done.stderr) == (0, "")
    compiled = project.run("codegen", "made.yaml")
    assert (compiled.returncode, compiled.stderr) == (0, "")


def told(project: Project, message: str, *values: object) -> list[bool]:
    rows = verdicts(project, "made", *((message, value) for value in values))
    return [row.endswith(" accepted") for row in rows]


def test_openapi_schemas_keep_their_meaning(empty: Project) -> None:
    imported(empty, "pets.yaml", NEW)
    good = [{"name": "Rex"}, {"name": "Rex", "age": None}, {"name": "R", "home": {"city": "x"}}]
    good += [{"name": "Rex", "owner": {"pets": [{"name": "Tim", "xml": "x"}]}}]
    bad = [{}, {"name": "Rex", "age": 0}, {"name": "Rex", "home": {}}, {"name": "0123456789"}]
    bad += [{"name": "Rex", "owner": {"pets": [{}]}}]
    assert told(empty, "PetBorn", *good) == [True] * len(good)
    assert told(empty, "PetBorn", *bad) == [False] * len(bad)


def test_what_nothing_refers_to_is_a_message(empty: Project) -> None:
    imported(empty, "pets.yaml", OLD)
    document = yaml.safe_load((empty.folder / "made.yaml").read_text())
    assert set(document["components"]["messages"]) == {"holder"}
    cat, cow = {"choice": {"kind": "cat"}}, {"choice": {"kind": "cow"}}
    assert told(empty, "Holder", cat, cow) == [True, False]


def test_a_mapping_says_what_variants_are_called(empty: Project) -> None:
    text = """
    openapi: 3.0.3
    info: {title: Pets, version: "1"}
    paths: {}
    components:
      schemas:
        Holder: {type: object, properties: {pet: {$ref: '#/components/schemas/Pet'}}}
        Pet:
          oneOf: [{$ref: '#/components/schemas/Cat'}, {$ref: '#/components/schemas/Dog'}]
          discriminator:
            propertyName: kind
            mapping: {meows: '#/components/schemas/Cat', barks: Dog}
        Cat: {type: object, required: [kind], properties: {kind: {type: string}}}
        Dog: {type: object, required: [kind], properties: {kind: {type: string}}}
    """
    imported(empty, "pets.yaml", textwrap.dedent(text))
    pets = [{"pet": {"kind": kind}} for kind in ("meows", "barks", "moos")]
    assert told(empty, "Holder", *pets) == [True, True, False]


def test_the_title_and_version_of_openapi_are_kept(empty: Project) -> None:
    (empty.folder / "openapi.yaml").write_text(NEW)
    assert empty.run("import", "openapi.yaml", "--output", "made.yaml").returncode == 0
    made = yaml.safe_load((empty.folder / "made.yaml").read_text())
    assert made["info"] == {"title": "Pets", "version": "1"}


def test_callbacks_are_messages(empty: Project) -> None:
    def operation(id: str, schema: object) -> dict[str, object]:
        body = {"content": {"application/json": {"schema": schema}}}
        callback = {"{$request.body#/url}": {"post": {"requestBody": body}}}
        return {"post": {"operationId": id, "callbacks": {"on-paid": callback}}}

    number = {"type": "object", "required": ["n"], "properties": {"n": {"type": "integer"}}}
    paths = {
        "/a": operation("first", number),
        "/b": operation("second", {"type": "object", "required": ["m"]}),
        "/c": operation("third", number),
    }
    document = {"openapi": "3.0.3", "info": {"title": "P", "version": "1"}, "paths": paths}
    imported(empty, "pay.json", json.dumps(document))
    assert told(empty, "OnPaid", {"n": 1}, {"m": 1}) == [True, False]
    assert told(empty, "SecondOnPaid", {"n": 1}, {"m": 1}) == [False, True]
    made = yaml.safe_load((empty.folder / "made.yaml").read_text())
    assert set(made["components"]["messages"]) == {"onPaid", "secondOnPaid"}


def test_what_stands_beside_a_reference_counts_only_in_openapi_3_1(empty: Project) -> None:
    text = "openapi: 3.0.3\ninfo: {title: P, version: '1'}\npaths: {}\ncomponents:\n  schemas:\n"
    text += "    Home: {type: object, properties: {city: {type: string}}}\n"
    text += "    Pet:\n      type: object\n      properties:\n"
    text += "        home: {$ref: '#/components/schemas/Home', required: [city]}\n"
    text += "        age: {type: integer, minimum: 0, exclusiveMinimum: true, nullable: true}\n"
    imported(empty, "pets.yaml", text)
    assert told(empty, "Pet", {"home": {}}, {"age": None}, {"age": 0}) == [True, True, False]


def test_swagger_2_is_read_too(empty: Project) -> None:
    document = {
        "swagger": "2.0",
        "info": {"title": "x", "version": "1"},
        "paths": {},
        "definitions": {
            "A": {
                "type": "object",
                "required": ["b"],
                "properties": {"b": {"$ref": "#/definitions/B"}},
            },
            "B": {"type": "integer"},
        },
    }
    imported(empty, "old.json", json.dumps(document))
    assert told(empty, "A", {"b": 1}, {"b": "x"}, {}) == [True, False, False]


def test_graphql_types_become_messages(empty: Project) -> None:
    imported(empty, "shop.graphql", GRAPHQL)
    line = {"sku": "a", "count": 1}
    good = [{"id": "1", "lines": [line]}, {"id": "1", "lines": [], "total": None, "region": "EU"}]
    bad = [
        {"id": "1"},
        {"id": "1", "lines": [{"sku": "a"}]},
        {"id": "1", "lines": [], "region": "X"},
    ]
    assert told(empty, "Order", *good) == [True, True]
    assert told(empty, "Order", *bad) == [False, False, False]


def test_xml_schema_elements_become_messages(empty: Project) -> None:
    imported(empty, "order.xsd", XSD)
    line = {"sku": "ABC"}
    good = [{"id": 1, "line": [line], "region": "eu"}]
    bad = [{"id": 1, "line": [line]}, {"id": 2**31, "line": [line], "region": "eu"}]
    bad += [{"id": 1, "line": [], "region": "eu"}, {"id": 1, "line": [{}], "region": "eu"}]
    assert told(empty, "Order", *good) == [True]
    assert told(empty, "Order", *bad) == [False] * len(bad)


def test_samples_of_a_folder_are_one_message_that_takes_them_all(empty: Project) -> None:
    samples = [{"id": 1, "tags": ["a"], "note": None}, {"id": 2, "note": "x", "at": {"x": 1.5}}]
    (empty.folder / "order_placed").mkdir()
    for number, sample in enumerate(samples):
        (empty.folder / f"order_placed/{number}.json").write_text(json.dumps(sample))
    assert empty.run("import", "order_placed", "--output", "made.yaml").returncode == 0
    assert empty.run("codegen", "made.yaml").returncode == 0
    document = yaml.safe_load((empty.folder / "made.yaml").read_text())
    (message,) = document["components"]["messages"].values()
    assert [example["payload"] for example in message["examples"]] == samples
    rows = verdicts(
        empty, "order_placed", *(("OrderPlaced", s) for s in (*samples, {}, {"id": ""}))
    )
    assert [row.endswith("accepted") for row in rows] == [True, True, False, False]


def test_each_line_of_a_log_is_a_sample(empty: Project) -> None:
    imported(empty, "paid.jsonl", '{"id": 1}\n\n{"id": 2, "by": "card"}\n')
    assert told(empty, "Paid", {"id": 3}, {"by": "card"}) == [True, False]


@pytest.mark.parametrize(
    ("name", "text", "words"),
    [
        ("x.json", "{", "expecting property name"),
        ("x.jsonl", '{"a": 1}\n{\n', "line 2 is not JSON"),
        ("x.jsonl", "\n", "no sample"),
        ("x.yaml", "a: 1\n", "not an OpenAPI document"),
        ("x.yaml", "openapi: 3.1.0\ncomponents: {schemas: {A: {$ref: 'b.yaml#/A'}}}\n", "bundle"),
        ("x.yaml", "openapi: 3.1.0\n", "no schema that a message could have"),
        ("x.yaml", "asyncapi: 3.0.0\n", "`jararaca codegen` takes it"),
        ("x.json", '{"$schema": "http://json-schema.org/draft-07/schema#"}', "$ref: ./x.json"),
        ("x.avsc", '{"type": "record", "name": "A", "fields": []}', "$ref: ./x.avsc"),
        ("x.proto", 'syntax = "proto3";', "$ref: ./x.proto"),
        ("x.graphql", "type Order {", "Syntax Error"),
        ("x.graphql", "type Query { a: Int }", "no object type"),
        ("x.xsd", "<a", "x.xsd"),
    ],
)
def test_what_cannot_be_read_is_one_line(empty: Project, name: str, text: str, words: str) -> None:
    (empty.folder / name).write_text(text)
    done = empty.run("import", name, "--output", "made.yaml")
    assert done.returncode == 2 and words in done.stderr, done.stderr
    assert len(done.stderr.splitlines()) == 1
    assert not (empty.folder / "made.yaml").exists()
