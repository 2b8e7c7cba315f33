"""What `--json` prints is JSON, whatever strangers call their queues, and no terminal obeys it."""

from __future__ import annotations

import json

import pytest
from jararaca.cli.console import say_json

HOSTILE = "a\x7f\x1b[2J\x9b\u202e\u2028\ud800"


def test_it_says_what_it_was_given_in_printable_characters(
    capsys: pytest.CaptureFixture[str],
) -> None:
    say_json({HOSTILE: [HOSTILE]})
    told = capsys.readouterr().out
    assert json.loads(told) == {HOSTILE: [HOSTILE]}
    assert all(each.isprintable() for each in told if each != "\n")
