"""What many queues cost the broker is told before it refuses to work."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from jararaca_compiler.commands.codegen import Codegen, Request
from jararaca_compiler.project.config import Config


def document(events: int) -> str:
    channels = {
        f"c{number}": {
            "address": f"a.c{number}",
            "messages": {"m": {"payload": {"type": "object"}}},
        }
        for number in range(events)
    }
    operations = {
        f"on{number}": {"action": "receive", "channel": {"$ref": f"#/channels/c{number}"}}
        for number in range(events)
    }
    head = {"asyncapi": "3.0.0", "info": {"title": "Many", "version": "1.0.0"}}
    return json.dumps({**head, "channels": channels, "operations": operations})


@pytest.mark.parametrize(("events", "is_told"), [(20, False), (140, True)])
def test_codegen_tells_the_open_files_of_many_queues(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], events: int, is_told: bool
) -> None:
    (tmp_path / "many.json").write_text(document(events))
    assert Codegen(tmp_path, Config(sources=("many.json",)), Request()).run() == 0
    told = capsys.readouterr().out
    sentence = "280 quorum queues, for which RabbitMQ 3 reserves 930 open files with all delays"
    assert (sentence in told) is is_told


def test_one_dead_letter_queue_for_all_needs_half_the_files(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "many.json").write_text(document(140))
    config = Config(sources=("many.json",), dead_letters="service")
    assert Codegen(tmp_path, config, Request()).run() == 0
    assert "quorum queues" not in capsys.readouterr().out, "513 of 1,024 files is not told"
    definitions = json.loads((tmp_path / "generated/many/topology.json").read_text())
    names = [each["name"] for each in definitions["queues"]]
    assert len(names) == 141
    assert [each for each in names if each.endswith(".dead-letters")] == ["many.dead-letters"]
    targets = {each["arguments"].get("x-dead-letter-routing-key") for each in definitions["queues"]}
    assert targets == {"many.dead-letters", None}
    assert 'dead_letters="many.dead-letters"' in (tmp_path / "generated/many/routes.py").read_text()
    assert Codegen(tmp_path, replace(config, dead_letters="queue"), Request()).run() == 0
    assert "dead_letters=" not in (tmp_path / "generated/many/routes.py").read_text()
