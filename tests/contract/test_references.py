"""References lead to local files by `$id`, and by `file:` URLs; nothing is fetched for them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from jararaca_compiler.diagnostics.diagnostic import Diagnostic
from jararaca_compiler.lower import lower
from jararaca_compiler.reading.load import load

from tests.contract.compiling import compiled

IDS = """
    asyncapi: 3.0.0
    info: {title: Ids, version: 1.0.0}
    channels:
      a: {address: a.b, messages: {M: {payload: {$ref: 'REFERENCE'}}}}
    operations:
      onA: {action: receive, channel: {$ref: '#/channels/a'}}
    """
BASE = "https://schemas.example.com/"
MONEY = {"type": "object", "required": ["amount"], "properties": {"amount": {"type": "integer"}}}


def write(folder: Path, files: dict[str, object]) -> None:
    for name, value in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        text = value if isinstance(value, str) else json.dumps(value)
        (folder / name).write_text(text, encoding="utf-8")


def order(**properties: str) -> dict[str, object]:
    return {
        "$id": f"{BASE}order.json",
        "type": "object",
        "properties": {name: {"$ref": ref} for name, ref in properties.items()},
    }


MONEY_FILE = {"$id": f"{BASE}common/money.json", **MONEY}
LIST = {"$id": f"{BASE}v1/links/list", "type": "array", "items": {"type": "string"}}
EVENT = {"$id": f"{BASE}v1/event", "type": "object", "properties": {"v": {"$ref": "links/list"}}}
EMBEDDED = {"$defs": {"m": {"$id": "money", **MONEY, "$anchor": "it"}}, "$id": BASE}
DRAFT_4 = {
    "$schema": "http://json-schema.org/draft-04/schema#",
    "id": f"{BASE}money",
    "$ref": "#it",
    "definitions": {"m": {"id": "#it", **MONEY}},
}
YAML = """
$id: urn:example:money
type: object
required: [amount]
properties: {amount: {type: integer}}
"""


@pytest.mark.parametrize(
    ("reference", "files", "bad"),
    [
        ("./o.json", {"o.json": order(v=f"{BASE}common/money.json"), "x/m.json": MONEY_FILE}, {}),
        ("./o.json", {"o.json": order(v="common/money.json"), "x/m.json": MONEY_FILE}, {}),
        (f"{BASE}order.json", {"d/o.json": order(v="common/money.json"), "m.json": MONEY_FILE}, {}),
        ("./s/event.json", {"s/event.json": EVENT, "s/links/list.json": LIST}, [1]),
        (
            "./o.json",
            {"o.json": order(v=f"{BASE}common/money.json#/$defs/a"),
             "m.json": {**MONEY_FILE, "$defs": {"a": MONEY}}},
            {},
        ),
        ("./o.json", {"o.json": order(v=f"{BASE}money"), "all.json": EMBEDDED}, {}),
        ("./o.json", {"o.json": order(v=f"{BASE}money#it"), "all.json": EMBEDDED}, {}),
        ("./o.json", {"o.json": order(v="urn:example:money"), "m.yaml": YAML}, {}),
        ("./o.json", {"o.json": order(v="FILE/m.json"), "m.json": MONEY}, {}),
        ("file:./o.json", {"o.json": order(v="file:m.json"), "m.json": MONEY}, {}),
        ("file://./o.json", {"o.json": order(v="file://./m.json"), "m.json": MONEY}, {}),
        ("./o.json", {"o.json": order(v="m.json"), "m.json": DRAFT_4}, {}),
    ],
)  # fmt: skip
def test_a_local_file_is_found_by_its_identifier(
    tmp_path: Path, reference: str, files: dict[str, object], bad: object
) -> None:
    text = json.dumps(files).replace("FILE", f"file://{tmp_path}")
    write(tmp_path, {"broken.json": "{", **json.loads(text)})
    with compiled(tmp_path, IDS.replace("REFERENCE", reference)) as ids:
        assert ids.codes == []
        with pytest.raises(ValueError, match="v"):
            ids.messages.M.model_validate({"v": bad})
        ids.messages.M.model_validate({"v": ["x"] if bad else {"amount": 1}})


def found(folder: Path, reference: str) -> list[Diagnostic]:
    (folder / "c.yaml").write_text(IDS.replace("REFERENCE", reference), encoding="utf-8")
    return list(lower(load(["c.yaml"], folder)[0])[1])


def test_what_no_file_has_is_on_the_network_still(tmp_path: Path) -> None:
    write(tmp_path, {"m.json": MONEY_FILE, "node_modules/x.json": {**MONEY, "$id": f"{BASE}x"}})
    assert [d.code for d in found(tmp_path, f"{BASE}other.json")] == ["remote-ref"]
    assert [d.code for d in found(tmp_path, f"{BASE}x")] == ["remote-ref"]


def test_a_file_outside_of_the_project_is_not_read(tmp_path: Path) -> None:
    project = tmp_path / "project"
    write(tmp_path, {"m.json": MONEY_FILE, "project/README.md": ""})
    assert [d.code for d in found(project, f"file://{tmp_path}/m.json")] == ["ref-outside-root"]
    assert [d.code for d in found(project, f"{BASE}common/money.json")] == ["remote-ref"]


def test_a_name_that_no_reference_can_say_is_told(tmp_path: Path) -> None:
    write(tmp_path, {"a#b.json": MONEY, "d/m.json": MONEY})
    hash = found(tmp_path, "a%23b.json")[0]
    assert (hash.code, "rename it" in hash.message) == ("unreadable-file", True)
    (missing,) = found(tmp_path, "d\\m.json")
    assert missing.help == "Write `/` between folders, on Windows too."


COMPONENTS = """
    asyncapi: 3.0.0
    info: {title: Ids, version: 1.0.0}
    channels: {a: {address: a.b, messages: {M: {payload: {$ref: 'one.json#/definitions/Money'}}}}}
    components:
      schemas: {Unused: {type: object, properties: {v: {$ref: 'one.json#/definitions/Other'}}}}
    """
ONE = {"definitions": {"Money": MONEY, "Other": {"type": "object", "properties": {"x": {}}}}}


def test_what_no_message_refers_to_may_lead_to_another_file(tmp_path: Path) -> None:
    write(tmp_path, {"one.json": ONE})
    with compiled(tmp_path, COMPONENTS) as package:
        assert "class M(Message)" in package.generated("messages.py")


def test_a_component_that_is_a_reference_takes_no_name_from_what_it_leads_to(
    tmp_path: Path,
) -> None:
    write(tmp_path, {"one.json": ONE})
    payload = "{type: object, properties: {v: {$ref: 'one.json#/definitions/Money'}}}"
    text = COMPONENTS.replace("{$ref: 'one.json#/definitions/Money'}", payload)
    alias = text.replace("{Unused: ", "{Money: {$ref: 'one.json#/definitions/Money'}, Unused: ")
    for each in (text, alias):
        with compiled(tmp_path, each) as package:
            assert "class OneMoney(Model)" in package.generated("schemas.py")


TWO_FILES = """
    asyncapi: 3.0.0
    info: {title: Names, version: 1.0.0}
    channels:
      a: {address: a.b, messages: {M: {payload: {type: object, properties: {
        v: {$ref: 'two.json#/definitions/Custom'}MORE}}}}}
    """
CUSTOM = {"definitions": {"Custom": {"type": "object", "properties": {"x": {"type": "string"}}}}}


@pytest.mark.parametrize("other", ["one.json", "zoo.json"])
def test_another_file_renames_no_class(other: str, tmp_path: Path) -> None:
    write(tmp_path, {"two.json": CUSTOM, other: CUSTOM})
    more = f", w: {{$ref: '{other}#/definitions/Custom'}}"
    for text in (TWO_FILES.replace("MORE", ""), TWO_FILES.replace("MORE", more)):
        with compiled(tmp_path, text) as package:
            assert "v: Omittable[schemas.TwoCustom]" in package.generated("messages.py")


JAVA = """
    asyncapi: 3.0.0
    info: {title: Java, version: 1.0.0}
    channels:
      a:
        address: a
        messages:
          placed: {$ref: '#/components/messages/io.github.shop.OrderPlaced'}
    components:
      messages:
        io.github.shop.OrderPlaced:
          name: io.github.shop.OrderPlaced
          title: OrderPlaced
          payload: {$ref: '#/components/schemas/io.github.shop.OrderPlaced'}
      schemas:
        io.github.shop.OrderPlaced:
          type: object
          properties:
            line: {$ref: '#/components/schemas/io.github.shop.dto.LineDto'}
            said: {$ref: '#/components/schemas/io.github.shop.dto.NoteDto'}
            same: {$ref: '#/components/schemas/io.github.other.dto.LineDto'}
            topic: {$ref: '#/components/schemas/order.placed'}
        io.github.shop.dto.LineDto: {type: object, properties: {n: {type: integer}}}
        io.github.other.dto.LineDto: {type: object, properties: {n: {type: string}}}
        io.github.shop.dto.NoteDto: {title: Note, type: object, properties: {n: {type: integer}}}
        order.placed: {title: Other, type: object, properties: {n: {type: integer}}}
    """


def test_what_is_qualified_as_in_java_is_called_by_its_title_or_last_part(tmp_path: Path) -> None:
    with compiled(tmp_path, JAVA) as package:
        assert package.messages.OrderPlaced.MESSAGE_NAME == "io.github.shop.OrderPlaced"
        text = package.generated("messages.py")
    for line in (
        "line: Omittable[schemas.IoGithubShopDtoLineDto]",
        "same: Omittable[schemas.LineDto]",
        "said: Omittable[schemas.Note]",
        "topic: Omittable[schemas.OrderPlaced",
    ):
        assert line in text


def test_a_generic_class_of_java_is_called_without_the_packages_of_its_arguments(
    tmp_path: Path,
) -> None:
    text = """
    asyncapi: 3.0.0
    info: {title: Java, version: 1.0.0}
    channels:
      a:
        address: a
        messages:
          placed: {$ref: '#/components/messages/io.github.shop.PageIo.github.shop.dto.Order'}
          counted: {$ref: '#/components/messages/io.github.shop.PageJava.lang.Long'}
    components:
      messages:
        io.github.shop.PageIo.github.shop.dto.Order: {payload: {type: object}}
        io.github.shop.PageJava.lang.Long: {title: Page of numbers, payload: {type: object}}
    """
    with compiled(tmp_path, text) as package:
        assert package.messages.PageOrder.MESSAGE_NAME.endswith("PageIo.github.shop.dto.Order")
        assert package.messages.PageLong.MESSAGE_NAME.endswith("PageJava.lang.Long")


def test_headers_that_say_nothing_have_no_class_and_no_check(tmp_path: Path) -> None:
    text = """
    asyncapi: 3.0.0
    info: {title: Headers, version: 1.0.0}
    channels:
      a:
        address: a
        messages: {m: {headers: {type: object, properties: {}, required: []}, payload: {}}}
    """
    with compiled(tmp_path, text) as package:
        made = package.generated("messages.py")
    assert "class Headers" not in made
    assert "JsonSchema" not in made


AVRO = """
    asyncapi: 3.0.0
    info: {title: Avro, version: 1.0.0}
    channels:
      a:
        address: a
        messages:
          Placed:
            payload:
              schemaFormat: application/vnd.apache.avro;version=1.9.0
              schema:
                type: record
                name: Placed
                namespace: com.acme
                fields:
                  - name: at
                    type: {type: record, name: Place, fields: [{name: street, type: string}]}
                  - {name: again, type: Place}
    """


def test_a_record_within_a_record_has_its_own_name(tmp_path: Path) -> None:
    with compiled(tmp_path, AVRO) as package:
        assert "at: schemas.PlacedPlace" in package.generated("messages.py")
