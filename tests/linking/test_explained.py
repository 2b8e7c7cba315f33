"""`link --explain A B`: what goes between two services, in sentences."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from jararaca_compiler.commands.link import run_link
from jararaca_compiler.project.config import ConfigError, read_config

from tests.linking.test_systems import ID, TEXT_ID, Json, one, request, service


def explained(
    folder: Path, documents: list[Json], pair: tuple[str, str], capsys: pytest.CaptureFixture[str]
) -> str:
    for number, document in enumerate(documents):
        (folder / f"{number}.json").write_text(json.dumps(document), encoding="utf-8")
    config = read_config(folder).override(sources=(".",))
    assert run_link(folder, config, "text", pair) == 0
    return capsys.readouterr().out


@pytest.mark.parametrize("pair", [("a", "b"), ("b", "a")])
def test_a_link_is_told_whoever_is_named_first(
    pair: tuple[str, str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    told = explained(tmp_path, [one("A", "send"), one("B", "receive")], pair, capsys)
    assert told.splitlines()[0] == "a sends M (event)"
    assert "  into the queue b.op of b" in told and "  proven: every value" in told


def test_answers_are_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    asking, answering = request("A", "send", {"Ok": ID}), request("B", "receive", {"Ok": TEXT_ID})
    told = explained(tmp_path, [asking, answering], ("a", "b"), capsys)
    assert '  the answer Ok:\n    refused: the payload {"id": ""}' in told


def test_what_is_lost_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    channels = {"c": {"address": "t.x", "messages": {n: {"payload": ID} for n in ("P", "Q")}}}
    operation = {"op": {"action": "receive", "channel": {"$ref": "#/channels/c"}}}
    told = explained(
        tmp_path, [one("A", "send"), service("B", channels, operation)], ("a", "b"), capsys
    )
    assert "  lost: the queue knows P, Q" in told


@pytest.mark.parametrize("pair", [("a", "a"), ("b", "c"), ("b", "b")])
def test_where_nothing_goes_it_says_so(
    pair: tuple[str, str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    documents = [one("A", "send"), one("B", "receive"), one("C", "receive")]
    told = explained(tmp_path, documents, pair, capsys)
    assert told == f"nothing goes between `{pair[0]}` and `{pair[1]}`\n"


@pytest.mark.parametrize("pair", [("orders", "b"), ("b", "Ordesr"), ("", "b"), ("b", "zzz")])
def test_a_name_that_no_service_has_is_an_error(
    pair: tuple[str, str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(ConfigError, match="there is no service") as refused:
        explained(tmp_path, [one("Order", "send"), one("B", "receive")], pair, capsys)
    hinted = "did you mean `order`?" in str(refused.value)
    assert hinted == bool({"orders", "Ordesr"} & set(pair))
