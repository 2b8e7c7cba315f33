"""What many queues cost the broker is told before it refuses to work."""

from __future__ import annotations

import json
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
