"""docs/observing.md: a recorded day is a regression test, as the page writes it."""

from __future__ import annotations

from pathlib import Path

from jararaca_shared.recording import RecordedMessage, head_line, line_of

from tests.docs.test_testing import run
from tests.support.docblocks import blocks, write_files

NOTE = "0192d3a8-6f5e-7c1a-9b0e-2f6c1d8a4b1"
DAY = [
    RecordedMessage(
        "jararaca", "notes.write", "WriteNote", {"noteId": f"{NOTE}{n}", "title": title}
    )
    for n, title in enumerate(["Buy milk", "later", "Sell milk"])
]


def test_a_recorded_day_passes_in_pytest_and_by_the_command(tmp_path: Path) -> None:
    write_files("testing.md", tmp_path, "yaml")
    run(tmp_path, "-m", "jararaca.cli", "codegen", "notes.asyncapi.yaml")
    write_files("testing.md", tmp_path, "python")
    write_files("observing.md", tmp_path, "python")
    lines = [head_line("amqp://here", "2026-11-29"), *map(line_of, DAY)]
    (tmp_path / "day.recording.jsonl").write_text("\n".join(lines) + "\n")
    options = ("-o", "asyncio_mode=auto", "-p", "no:cacheprovider")
    assert "3 passed" in run(tmp_path, "-m", "pytest", "test_day.py", *options)
    words = [each.split() for b in blocks("observing.md") for each in b.text.splitlines()]
    commands = [each for each in words if each[:3] == ["jararaca", "testing", "replay"]]
    assert len(commands) == 2
    for command in commands:
        told = run(tmp_path, "-m", "jararaca.cli", *command[1:], "--app", "app:app")
        assert told.splitlines()[-1].split() == ["NotesHandlers.write", "3", "3", "0", "0"]
