"""A document says what it likes; no command that prints of it lets it do anything to a terminal."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import typer
from jararaca_compiler.cli import register
from typer.testing import CliRunner, Result

ODD = "\x1b]0;title\x07\x1b[2J\r\x9b31m\u202e\u2066x\nforged: line"
DOES_SOMETHING = "\x00\x07\r\x1b\x7f\x9b\u202e\u2066\u2028"
FORMATS = ("text", "json", "github", "sarif", "gitlab", "junit")


def document(type_: str, action: str) -> str:
    """A document all of whose names and texts are odd."""
    place = f"p{ODD}"
    payload = {
        "type": "object",
        "required": [place],
        "properties": {place: {"type": type_, "enum": [f"e{ODD}", type_], "description": ODD}},
        "pattern": ODD,
    }
    return json.dumps(
        {
            "asyncapi": "3.0.0",
            "info": {"title": f"T{type_}", "version": ODD, "description": ODD},
            "channels": {
                "c": {
                    "address": "a.b",
                    f"unknown{ODD}": 1,
                    "messages": {f"m{ODD}": {"name": f"n{ODD}", "payload": payload}},
                }
            },
            "operations": {f"o{ODD}": {"action": action, "channel": {"$ref": "#/channels/c"}}},
        },
        ensure_ascii=False,
    )


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "pyproject.toml").write_text("[tool.jararaca]\n")
    for name, text in (
        ("a.json", document("string", "send")),
        ("b.json", document("integer", "receive")),
        ("broken.json", document("string", f"receive{ODD}")),
    ):
        (tmp_path / name).write_text(text, encoding="utf-8")
    return tmp_path


def run(*arguments: str) -> Result:
    app = typer.Typer()
    register(app)
    return CliRunner().invoke(app, arguments)


@pytest.mark.parametrize("format", FORMATS)
@pytest.mark.parametrize(
    "command",
    [
        ("lint", "a.json"),
        ("lint", "broken.json"),
        ("diff", "a.json", "b.json"),
        ("diff", "a.json", "broken.json"),
        ("link", "a.json", "b.json"),
        ("link", "broken.json"),
        ("codegen", "a.json", "--check"),
        ("codegen", "broken.json", "--check"),
    ],
    ids=" ".join,
)
def test_no_text_of_a_document_does_anything_to_a_terminal(
    project: Path, command: tuple[str, ...], format: str
) -> None:
    done = run(*command, "--format", format)
    assert done.exception is None or isinstance(done.exception, SystemExit)
    assert done.output
    assert [each for each in DOES_SOMETHING if each in done.output] == []
    told = [line for line in done.output.splitlines() if line.startswith("forged: line")]
    assert told == []
