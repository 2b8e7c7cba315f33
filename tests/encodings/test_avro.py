"""Messages whose content type is binary Avro: the bytes are those of fastavro's own encoder."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
from io import BytesIO
from pathlib import Path
from types import ModuleType
from typing import Any

import fastavro
import pytest
import yaml
from jararaca import (
    DecodeError,
    MessageBusController,
    MessageHandler,
    MessageOf,
    Microservice,
    PublishParameterError,
    route,
)
from jararaca.messages.base_message import from_json, to_json
from jararaca.testing import TestBus
from jararaca.transport import Publication

from tests.cli.project import IMPORTED, Project
from tests.support.models import imported, sources
from tests.support.services import service_of

ORDER = {
    "type": "record",
    "name": "Order",
    "namespace": "com.example",
    "fields": [
        {"name": "id", "type": {"type": "string", "logicalType": "uuid"}},
        {"name": "note", "type": ["null", "string"], "default": None},
        {"name": "memo", "type": ["null", "string"]},
        {
            "name": "either",
            "type": [
                *("int", "string"),
                {"type": "record", "name": "Inner", "fields": [{"name": "x", "type": "double"}]},
                {"type": "record", "name": "Other", "fields": [{"name": "y", "type": "Inner"}]},
            ],
        },
        {"name": "list", "type": {"type": "array", "items": "Inner"}, "default": []},
        {"name": "map", "type": {"type": "map", "values": "long"}},
        {"name": "suit", "type": {"type": "enum", "name": "S", "symbols": ["A", "B"]}},
        {"name": "raw", "type": "bytes", "default": "\u00ff"},
        {"name": "hash", "type": {"type": "fixed", "name": "H", "size": 2}},
        {"name": "at", "type": {"type": "long", "logicalType": "timestamp-millis"}},
        {"name": "money", "type": {"type": "bytes", "logicalType": "decimal", "precision": 4}},
        {"name": "flag", "type": "boolean"},
        {"name": "next", "type": ["null", "com.example.Order"], "default": None},
    ],
}
ID = "3f2b1c9e-8a5d-4c3e-9f10-2b7a6c5d4e3f"
SMALL: dict[str, Any] = {
    "id": ID,
    "either": 7,
    "map": {"a": 2**60},
    "suit": "B",
    "hash": "\u0000\u00e9",
    "at": 5,
    "money": "\u0001",
    "flag": True,
}
VALUES: list[dict[str, Any]] = [
    SMALL,
    {**SMALL, "either": "seven", "note": "n", "memo": "m", "raw": "", "map": {}},
    {**SMALL, "either": {"x": 1.5}, "list": [{"x": 1}, {"x": -2.25}], "next": SMALL},
    {**SMALL, "either": {"y": {"x": 0.5}}},
]
FORMAT = "application/vnd.apache.avro+json;version=1.9.0"
KINDS = [
    *("application/vnd.apache.avro", "avro/binary", "application/avro; charset=binary"),
    "application/x-avro",
]


def document(schema: Any = ORDER, kind: str = KINDS[0]) -> dict[str, Any]:
    message = {
        "contentType": kind,
        "payload": {"schemaFormat": FORMAT, "schema": schema},
        "examples": [{"payload": SMALL}] if schema is ORDER else [],
    }
    channels = {"order": {"address": "avro.order", "messages": {"Order": message}}}
    operations = {"onOrder": {"action": "receive", "channel": {"$ref": "#/channels/order"}}}
    info = {"title": "Test", "version": "1"}
    return {"asyncapi": "3.0.0", "info": info, "channels": channels, "operations": operations}


def compiled(folder: Path, schema: Any = ORDER, kind: str = KINDS[0]) -> ModuleType:
    return imported(folder, sources(folder, document(schema, kind)))


def written(value: Any, schema: Any = ORDER) -> bytes:
    """A value as fastavro itself writes it, from Python's own values."""
    body = BytesIO()
    fastavro.schemaless_writer(body, fastavro.parse_schema(schema), value)
    return body.getvalue()


def native(value: dict[str, Any]) -> dict[str, Any]:
    """A value as a program without Jararaca has it: bytes are bytes, and decimals decimals."""
    made = {"raw": "\u00ff", **value}
    for key in ("raw", "hash"):
        made[key] = made[key].encode("latin-1")
    made["money"] = value["money"].encode("latin-1")
    if "next" in made:
        made["next"] = native(made["next"])
    return made


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("value", VALUES)
def test_a_body_is_what_fastavro_writes(kind: str, value: Any, tmp_path: Path) -> None:
    order = compiled(tmp_path, kind=kind).Order
    message = from_json(order, json.dumps(value).encode())
    assert kind == message.MESSAGE_CONTENT_TYPE
    assert message.encode() == written(native(value))
    assert order.decode(message.encode()).encode() == message.encode()


@pytest.mark.parametrize("value", VALUES)
def test_what_fastavro_writes_is_read(value: Any, tmp_path: Path) -> None:
    read = compiled(tmp_path).Order.decode(written(native(value)))
    found = json.loads(to_json(read))
    assert {key: found[key] for key in value if key != "next"} == {
        key: item for key, item in value.items() if key != "next"
    }
    assert (found["raw"], found["note"]) == (value.get("raw", "\u00ff"), value.get("note"))


def test_what_fastavro_reads_is_what_was_written(tmp_path: Path) -> None:
    body = from_json(compiled(tmp_path).Order, json.dumps(VALUES[3]).encode()).encode()
    found: Any = fastavro.schemaless_reader(BytesIO(body), fastavro.parse_schema(ORDER), None)
    assert str(found["id"]) == ID and found["either"] == {"y": {"x": 0.5}}
    assert (found["hash"], found["raw"], found["money"]) == (b"\x00\xe9", b"\xff", 1)


@pytest.mark.parametrize(
    ("schema", "value"),
    [
        ({"type": "array", "items": ["null", "long"]}, [1, None, 3]),
        ({"type": "map", "values": {"type": "array", "items": "string"}}, {"a": ["b"]}),
        (["null", "string"], None),
        ("double", 0.5),
    ],
)
def test_a_body_need_not_be_a_record(schema: Any, value: Any, tmp_path: Path) -> None:
    kind = compiled(tmp_path, schema).Order
    body = from_json(kind, json.dumps(value).encode()).encode()
    assert body == written(value, schema)
    assert json.loads(to_json(kind.decode(body))) == value


@pytest.mark.parametrize(
    "body", [b"", b"\x00", b"{}", b"\xff" * 40, json.dumps(SMALL).encode(), "left"]
)
def test_bytes_that_are_not_avro_are_refused(body: Any, tmp_path: Path) -> None:
    sent = written(native(SMALL)) + b"\x00" if body == "left" else body
    with pytest.raises(DecodeError, match=r"not a valid Order: the body is not Avro: \S"):
        compiled(tmp_path).Order.decode(sent)


def test_what_the_schema_has_no_place_for_is_not_dropped(tmp_path: Path) -> None:
    order = from_json(compiled(tmp_path).Order, json.dumps({**SMALL, "more": 1}).encode())
    with pytest.raises(PublishParameterError, match=r"Order has no field more"):
        order.encode()


def test_a_documents_examples_are_of_the_json_form(project: Project) -> None:
    assert project.run("codegen", "orders.yaml").returncode == 0
    code = "from generated.test.messages import Order; from jararaca.testing import example"
    code += "; made = example(Order); assert Order.decode(made.encode()).at == 5"
    subprocess.run([sys.executable, "-c", code], cwd=project.folder, check=True)


def test_invalid_bytes_are_dead_lettered_with_a_reason(tmp_path: Path) -> None:
    order = compiled(tmp_path).Order
    seen: list[Any] = []

    @MessageBusController()
    class Orders:
        @MessageHandler(order)
        async def on_order(self, message: MessageOf[Any]) -> None:
            seen.append(message.payload().id)

    async def main() -> None:
        row = route(
            operation="onOrder",
            queue="orders",
            binding_keys=("avro.order",),
            message=order,
            controller=Orders,
            handler=Orders.on_order,
        )
        async with TestBus(Microservice(service_of(row))) as bus:
            await bus.publish(from_json(order, json.dumps(SMALL).encode()))
            await bus.send(Publication(routing_key="avro.order", body=b"\x01\x02"))
            await bus.settle()
            (letter,) = bus.dead_letters
            assert "the body is not Avro" in str(letter)

    asyncio.run(main())
    assert [str(each) for each in seen] == [ID]


@pytest.fixture
def project(tmp_path: Path) -> Project:
    (tmp_path / "orders.yaml").write_text(yaml.safe_dump(document()))
    return Project(tmp_path, "", {"PATH": os.environ["PATH"], "PYTHONPATH": IMPORTED})


def test_the_published_document_has_the_avro_schema_and_compiles_to_the_same(
    project: Project,
) -> None:
    assert project.run("codegen", "orders.yaml").returncode == 0
    package = project.folder / "generated/test"
    published = json.loads((package / "asyncapi.json").read_text())
    (message,) = published["components"]["messages"].values()
    assert message["contentType"] == KINDS[0]
    assert message["payload"]["schemaFormat"] == FORMAT
    assert message["payload"]["schema"] == ORDER
    (project.folder / "again.json").write_text(json.dumps(published))
    assert project.run("codegen", "again.json", "--output", "again").returncode == 0
    line = "MESSAGE_ENCODING"
    texts = [
        (project.folder / f"{folder}/test/messages.py").read_text()
        for folder in ("generated", "again")
    ]
    first, second = ([each for each in text.splitlines() if line in each] for text in texts)
    assert first == second != []


def test_a_diff_says_that_another_schema_misreads_the_bytes(project: Project) -> None:
    order = json.loads(json.dumps(ORDER))
    order["fields"].reverse()
    order["fields"][-1], order["fields"][0] = order["fields"][0], order["fields"][-1]
    (project.folder / "new.yaml").write_text(yaml.safe_dump(document(order)))
    done = project.run("diff", "orders.yaml", "new.yaml")
    assert done.returncode == 1 and "misreads the bytes" in done.stdout


def test_types_are_exported_of_the_json_form(project: Project) -> None:
    assert project.run("export", "types", "--source", "orders.yaml").returncode == 0
    assert "class Order(" in (project.folder / "exported/test.py").read_text()


def test_a_union_that_json_cannot_tell_apart_is_told(project: Project) -> None:
    field = {"name": "key", "type": ["string", "bytes"]}
    schema = {"type": "record", "name": "R", "fields": [field]}
    (project.folder / "r.yaml").write_text(yaml.safe_dump(document(schema)))
    done = project.run("codegen", "r.yaml")
    assert done.returncode == 0 and "avro-union-ambiguous" in done.stderr


def test_avro_beside_another_language_stays_json_and_is_told(project: Project) -> None:
    made = document()
    message = made["channels"]["order"]["messages"]["Order"]
    message["payload"] = {"type": "object"}
    del message["examples"]
    (project.folder / "json.yaml").write_text(yaml.safe_dump(made))
    done = project.run("codegen", "json.yaml")
    assert done.returncode == 0 and "content-type-not-json" in done.stderr


def test_json_messages_need_no_fastavro() -> None:
    code = "import sys; from generated.shop import messages, routes"
    code += "; assert 'fastavro' not in sys.modules"
    subprocess.run([sys.executable, "-c", code], check=True, cwd=Path(__file__).parents[2])


def test_without_fastavro_it_is_said_what_to_install(tmp_path: Path) -> None:
    texts = sources(tmp_path, document())
    (tmp_path / "fastavro.py").write_text("raise ImportError('no')\n")
    (tmp_path / "messages.py").write_text(texts["messages.py"].replace("from . import schemas", ""))
    done = subprocess.run(
        [sys.executable, "-c", "import messages"],
        cwd=tmp_path,
        env={"PYTHONPATH": f".:{IMPORTED}"},
        capture_output=True,
        text=True,
    )
    assert "pip install 'jararaca-contracts[avro]'" in done.stderr
