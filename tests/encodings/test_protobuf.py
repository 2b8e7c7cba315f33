"""Messages whose content type is Protobuf: the bytes are those of protoc's own classes."""

from __future__ import annotations

import importlib
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
import yaml
from google.protobuf import json_format
from jararaca import DecodeError, PublishParameterError
from jararaca.messages.base_message import from_json, to_json

from tests.cli.project import IMPORTED, Project
from tests.support.models import imported, sources

PROTO = """\
syntax = "proto3";
package {package};
import "google/protobuf/timestamp.proto";
import "google/protobuf/wrappers.proto";

message Order {{
  enum State {{ UNKNOWN = 0; PAID = 1; }}
  message Line {{ string sku = 1; sint32 change = 2; }}
  string order_id = 1;
  int64 number = 2;
  repeated int32 sizes = 3;
  repeated fixed32 loose = 4 [packed = false];
  State state = 5;
  repeated Line lines = 6;
  map<string, Line> by_name = 7;
  map<int32, int64> totals = 8;
  oneof pay {{ string card = 9; bytes token = 10; }}
  optional bool gift = 11;
  google.protobuf.Timestamp placed_at = 12;
  google.protobuf.StringValue note = 13;
  double weight = 14 [json_name = "kilos"];
  Order parent = 15;
  uint64 big = 16;
  .{package}.Address home = 17;
}}

message Address {{ string city = 1; }}
"""
FULL: dict[str, Any] = {
    "orderId": "a",
    "number": 2**62,
    "sizes": [1, -1],
    "loose": [7, 8],
    "state": "PAID",
    "lines": [{"sku": "x", "change": -3}],
    "byName": {"k": {"sku": "y"}},
    "totals": {"4": 5},
    "token": "AAE=",
    "gift": False,
    "placedAt": "2026-01-02T03:04:05Z",
    "note": "n",
    "kilos": 1.5,
    "parent": {"orderId": "b"},
    "big": 2**63,
    "home": {"city": "Bahia"},
}
VALUES = [FULL, {}, {"card": "c"}, {"orderId": "", "number": 0}]
KINDS = ["application/x-protobuf", "application/vnd.google.protobuf", "application/protobuf"]
FORMAT = "application/vnd.google.protobuf;version=3"


def document(text: str, kind: str = KINDS[0]) -> dict[str, Any]:
    payload = {"schemaFormat": FORMAT, "schema": text}
    channels = {
        "order": {
            "address": "proto.order",
            "messages": {"Order": {"contentType": kind, "payload": payload}},
        }
    }
    operations = {"onOrder": {"action": "receive", "channel": {"$ref": "#/channels/order"}}}
    info = {"title": "Test", "version": "1"}
    return {"asyncapi": "3.0.0", "info": info, "channels": channels, "operations": operations}


@pytest.fixture(scope="module")
def theirs(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ModuleType]:
    """The module that protoc makes of the schema."""
    folder = tmp_path_factory.mktemp("protoc")
    (folder / "orders_of_protoc.proto").write_text(PROTO.format(package="theirs"))
    command = [sys.executable, "-m", "grpc_tools.protoc", f"-I{folder}", f"--python_out={folder}"]
    subprocess.run([*command, "orders_of_protoc.proto"], cwd=folder, check=True)
    sys.path.insert(0, str(folder))
    yield importlib.import_module("orders_of_protoc_pb2")
    sys.path.remove(str(folder))


@pytest.fixture(scope="module")
def order(tmp_path_factory: pytest.TempPathFactory) -> Any:
    folder = tmp_path_factory.mktemp("ours")
    return imported(folder, sources(folder, document(PROTO.format(package="ours.v1")))).Order


def body_of(theirs: ModuleType, value: Any) -> bytes:
    made = json_format.ParseDict(value, theirs.Order())
    written: bytes = made.SerializeToString(deterministic=True)
    return written


@pytest.mark.parametrize("value", VALUES, ids=["full", "empty", "one", "zeros"])
def test_a_body_is_what_protobuf_writes(value: Any, order: Any, theirs: ModuleType) -> None:
    message = from_json(order, json.dumps(value).encode())
    assert message.encode() == body_of(theirs, value)
    assert order.decode(message.encode()).encode() == message.encode()


def test_what_protobuf_writes_is_read_with_numbers_as_numbers(
    order: Any, theirs: ModuleType
) -> None:
    found = json.loads(to_json(order.decode(body_of(theirs, FULL))))
    assert {key: found[key] for key in ("number", "big", "totals", "kilos", "token", "state")} == {
        "number": 2**62,
        "big": 2**63,
        "totals": {"4": 5},
        "kilos": 1.5,
        "token": "AAE=",
        "state": "PAID",
    }
    assert (found["gift"], found["placedAt"], found["note"]) == (False, "2026-01-02T03:04:05Z", "n")
    assert found["lines"] == [{"sku": "x", "change": -3}] and found["home"] == {"city": "Bahia"}


def test_what_is_not_on_the_wire_has_its_default_or_is_absent(order: Any) -> None:
    found = json.loads(to_json(order.decode(b"")))
    assert (found["orderId"], found["number"], found["sizes"], found["state"]) == (
        *("", 0, []),
        "UNKNOWN",
    )
    assert not {"gift", "card", "token", "parent", "placedAt", "note"} & found.keys()


@pytest.mark.parametrize("body", [b"\xff", b"\x0a\x05a", b'{"orderId": "a"}', b"\x0a\x01\xff"])
def test_bytes_that_are_not_protobuf_are_refused(body: bytes, order: Any) -> None:
    with pytest.raises(DecodeError, match=r"not a valid Order: the body is not Protobuf: \S"):
        order.decode(body)


def test_an_enums_number_without_a_name_is_refused(order: Any) -> None:
    with pytest.raises(DecodeError, match="state"):
        order.decode(b"\x28\x09")


def test_what_the_schema_has_no_place_for_is_not_dropped(order: Any) -> None:
    with pytest.raises(PublishParameterError, match=r"cannot be written as Protobuf.*more"):
        from_json(order, b'{"more": 1}').encode()


@pytest.mark.parametrize("kind", KINDS)
def test_proto2_has_required_fields_and_defaults(kind: str, tmp_path: Path) -> None:
    text = "message M { required int32 id = 1; optional string name = 2 [default = 'x']; }"
    text += "message N { repeated int32 packed = 1 [packed = true]; }"
    made = imported(tmp_path, sources(tmp_path, document(text, kind))).Order
    assert kind == made.MESSAGE_CONTENT_TYPE
    assert from_json(made, b'{"id": 5}').encode() == b"\x08\x05"
    with pytest.raises(DecodeError, match="id"):
        made.decode(b"")


def test_imports_are_followed(tmp_path: Path) -> None:
    (tmp_path / "money.proto").write_text(
        'syntax = "proto3"; package shared; message Money { int64 cents = 1; }'
    )
    text = (
        'syntax = "proto3"; package a; import "money.proto"; message Bill { shared.Money sum = 1; }'
    )
    made = imported(tmp_path, sources(tmp_path, document(text))).Order
    assert from_json(made, b'{"sum": {"cents": 5}}').encode() == b"\x0a\x02\x08\x05"


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return Project(tmp_path, "", {"PATH": os.environ["PATH"], "PYTHONPATH": IMPORTED})


def write(project: Project, name: str, text: str) -> None:
    (project.folder / name).write_text(yaml.safe_dump(document(text)))


@pytest.mark.parametrize(
    ("text", "what"),
    [
        (
            'syntax = "proto2"; message M { optional group G = 1 { optional int32 a = 1; } }',
            "group",
        ),
        ('syntax = "proto2"; message M { extensions 100 to 199; }', "extension"),
        ('syntax = "proto3"; message M { required int32 a = 1; }', "required in proto3"),
    ],
)
def test_what_has_no_place_on_the_wire_is_an_error(project: Project, text: str, what: str) -> None:
    write(project, "m.yaml", text)
    done = project.run("codegen", "m.yaml")
    assert done.returncode == 2 and "protobuf-unmapped" in done.stderr and what in done.stderr


def test_the_published_document_has_the_schema_as_it_was_written(project: Project) -> None:
    text = PROTO.format(package="ours")
    write(project, "orders.yaml", text)
    assert project.run("codegen", "orders.yaml").returncode == 0
    published = json.loads((project.folder / "generated/test/asyncapi.json").read_text())
    (message,) = published["components"]["messages"].values()
    assert message["payload"] == {"schemaFormat": FORMAT, "schema": text}


def test_a_diff_tells_numbers_that_have_changed_from_fields_that_are_new(project: Project) -> None:
    write(project, "old.yaml", 'syntax = "proto3"; message M { int32 a = 1; }')
    write(project, "moved.yaml", 'syntax = "proto3"; message M { int32 a = 2; }')
    write(project, "more.yaml", 'syntax = "proto3"; message M { int32 a = 1; int32 b = 2; }')
    moved, more = (project.run("diff", "old.yaml", name) for name in ("moved.yaml", "more.yaml"))
    assert moved.returncode == 1 and "misreads the bytes" in moved.stdout
    assert "misreads" not in more.stdout
