"""`codegen --verify`: what was compiled is imported and held against its schemas."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from jararaca_compiler import ir
from jararaca_compiler.commands.codegen import Codegen, Request
from jararaca_compiler.emit.models import Modules
from jararaca_compiler.emit.models.messages import settings
from jararaca_compiler.project.config import Config
from jararaca_compiler.verification import verify as verification

from tests.size.shapes import SHAPES, Shape, components, ref
from tests.support.models import document

DOCUMENT = """
asyncapi: 3.0.0
info: {title: Shop, version: 1.0.0}
channels:
  placed:
    address: order.placed
    messages:
      OrderPlaced:
        payload:
          type: object
          required: [id, at]
          properties:
            id: {type: integer, minimum: 1}
            at: {type: string, format: date-time}
            note: {anyOf: [{type: string}, {type: 'null'}]}
            level: {type: integer, default: 3}
            lines: {type: array, items: {$ref: '#/components/schemas/Line'}}
operations:
  onPlaced: {action: receive, channel: {$ref: '#/channels/placed'}}
components:
  schemas:
    Line:
      type: object
      required: [sku]
      properties: {sku: {type: string}, also: {$ref: '#/components/schemas/Line'}}
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project whose document has been compiled."""
    (tmp_path / "shop.yaml").write_text(DOCUMENT, encoding="utf-8")
    assert run(tmp_path, Request()) == 0
    return tmp_path


def run(root: Path, request: Request) -> int:
    """Compile as a person would."""
    return Codegen(root, Config(sources=("shop.yaml",)), request).run()


def test_what_agrees_is_told_in_a_line(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(project, Request(check=True)) == 0
    assert re.search(r"^verified: 1 message with \d{2,3} values$", capsys.readouterr().out, re.M)
    assert run(project, Request(check=True, verify=False)) == 0
    assert "verified" not in capsys.readouterr().out


def plant(was: str, becomes: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let what is written of messages be wrong."""

    files = Modules.files

    def wrong(modules: Modules) -> tuple[ir.GeneratedFile, ...]:
        broken = [
            ir.GeneratedFile(
                f.path,
                (
                    "from typing import Any, Literal\nfrom pydantic import Field\n"
                    + f.source.replace(was, becomes)
                    if f.path == "messages.py"
                    else f.source
                ),
            )
            for f in files(modules)
        ]
        assert any(becomes in f.source for f in broken)
        return tuple(broken)

    monkeypatch.setattr(Modules, "files", wrong)


@pytest.mark.parametrize(
    ("was", "becomes", "reason"),
    [
        ("Field(ge=1)", "Field(ge=3)", "is valid and refused"),
        ("note: str | None", "note: Any", "is not valid and accepted"),
        (
            "note: str | None = None",
            "note: str | None = Field(None, exclude=True)",
            "is written as",
        ),
        ("level: int = 3", "level: int = 4", '"level" is 4 by default, and should be 3'),
    ],
)
def test_a_class_that_differs_is_an_error_at_its_schema(
    was: str,
    becomes: str,
    reason: str,
    project: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    plant(was, becomes, monkeypatch)
    assert run(project, Request(verify=True)) == 2
    told = capsys.readouterr().err
    assert "error[differs-from-schema]: the class `OrderPlaced` and its schema disagree" in told
    assert reason in told
    assert "--> shop.yaml:10:11" in told


def test_a_setting_that_differs_is_an_error_at_its_message(
    project: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(settings, "_routing", lambda place: {"MESSAGE_TOPIC": '"order.paid"'})
    assert run(project, Request(verify=True)) == 2
    told = capsys.readouterr().err
    assert "error[differs-from-document]: the generated class `OrderPlaced` is not what" in told
    assert '`MESSAGE_TOPIC` is "order.paid", and should be "order.placed"' in told
    assert re.search(r"--> shop.yaml:[89]:\d", told)


@pytest.mark.parametrize(
    ("was", "becomes", "reason"),
    [
        ("Field(ge=1)", "Field(ge=0)", "are not valid and accepted"),
        ("tenant: str", 'tenant: Literal["a"]', "are valid and refused"),
        ("tenant: str", "tenant: Any", "are not valid and accepted"),
    ],
)
def test_headers_that_differ_are_an_error_at_their_message(
    was: str,
    becomes: str,
    reason: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    headers = (
        "headers: {type: object, required: [tenant], properties: "
        "{tenant: {type: string}, level: {type: integer, minimum: 1}}}\n        payload:"
    )
    text = DOCUMENT.replace("payload:", headers).replace("integer, minimum: 1}\n", "integer}\n")
    (tmp_path / "shop.yaml").write_text(text, encoding="utf-8")
    assert run(tmp_path, Request()) == 0
    plant(was, becomes, monkeypatch)
    assert run(tmp_path, Request(verify=True)) == 2
    told = capsys.readouterr().err
    assert "error[differs-from-document]: the generated class `OrderPlaced` is not what" in told
    assert reason in told


def test_handlers_that_cannot_be_imported_are_told(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    handlers = project / "handlers/shop.py"
    handlers.write_text(f"{handlers.read_text()}\nimport nowhere_at_all\n", encoding="utf-8")
    assert run(project, Request(check=True)) == 2
    told = capsys.readouterr().err
    assert "error[not-importable]: the code generated for `shop` cannot be imported" in told
    assert "nowhere_at_all" in told


@pytest.mark.parametrize("name", ["anyOf twice", "allOf twice", "oneOf", "anyOf"])
def test_chains_that_no_plain_validator_ends_on_are_verified(
    name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    told = checked(tmp_path, SHAPES[name], capsys)
    assert "verified: 1 message with 50 values" in told


def test_what_no_validator_ends_on_is_imported_and_given_no_values(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    told = checked(
        tmp_path,
        lambda n, following: {"anyOf": [following, {"allOf": [following, {"title": "x"}]}]},
        capsys,
        18,
    )
    assert "verified: 1 message with 0 values" in told


def checked(folder: Path, shape: Shape, capsys: pytest.CaptureFixture[str], count: int = 40) -> str:
    """What is printed of a chain of so many."""
    chain = components(shape, count)
    root = document({"M": {"type": "object", "properties": {"r": ref(0)}}}, chain)
    (folder / "shop.yaml").write_text(json.dumps(root), encoding="utf-8")
    assert run(folder, Request()) == 0
    assert run(folder, Request(check=True)) == 0
    return capsys.readouterr().out


def test_what_does_not_end_in_time_is_told(
    project: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(verification, "TIMEOUT", 0.001)
    assert run(project, Request(check=True)) == 2
    told = capsys.readouterr().err
    assert "error[verification-unfinished]: the classes of `generated.shop` were not held" in told


BINARY = """
asyncapi: 3.0.0
info: {title: Shop, version: 1.0.0}
channels:
  raw:
    address: raw
    messages:
      Raw:
        contentType: application/vnd.apache.avro
        payload:
          schemaFormat: application/vnd.apache.avro;version=1.9.0
          schema: {type: record, name: Raw, fields: [{name: n, type: int}, {name: s, type: string}]}
"""


def test_a_binary_message_is_held_against_its_schema_and_its_form(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("right", "wrong"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "shop.yaml").write_text(BINARY, encoding="utf-8")
    assert run(tmp_path / "right", Request(verify=True)) == 0
    plant('"name":"n"', '"name":"m"', monkeypatch)
    assert run(tmp_path / "wrong", Request(verify=True)) == 2
    assert "can write no value" in capsys.readouterr().err
