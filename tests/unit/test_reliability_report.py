"""The table of docs/reliability.md: columns for each version, and nothing else of the page lost."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.fault import report
from tests.fault.load import Outcome
from tests.fault.report import FIGURES, add


def outcome(scenario: str, duplicates: int = 0) -> Outcome:
    """A line of ten messages."""
    return Outcome(scenario, 10, 10, 9, 1, duplicates, harmed=0, lost=0, in_flight=5)


def test_each_version_has_its_columns_and_what_it_did_not_run_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(report, "RESULTS", tmp_path / "results.json")
    page = tmp_path / "reliability.md"
    page.write_text("# Before\n\nold\n\n## What the tests notice\n\nkept\n")
    killed, grown = "killed, 2x", "10 messages: 40 MB early"
    add(page, "4.3.6", [outcome(killed, 2)], 40)
    add(page, "3.10.8", [outcome(killed, 3)], 40)
    add(page, "3.10.8", [outcome(grown)], 80)
    # A run that is made again takes the place of the one before.
    add(page, "4.3.6", [outcome(killed)], 80)
    written = page.read_text()
    rows = [row.strip("| ").split(" | ") for row in written.splitlines() if row.startswith("|")]
    heading, _, *lines = rows
    versions = ("3.10.8", "4.3.6")
    assert heading == ["scenario", *(f"{each}: {what}" for each in versions for what in FIGURES)]
    assert lines == [
        [killed, *("10", "1", "3 / 5", "0", "0"), *("10", "1", "0 / 5", "0", "0")],
        ["10 messages", *("10 (40 MB early)", "1", "0 / 5", "0", "0"), *["not run"] * 5],
    ]
    assert written.endswith("\n\n## What the tests notice\n\nkept\n")
    assert "old" not in written
    assert "- RabbitMQ 3.10.8: the whole soak, in 2 minutes" in written


def test_a_run_of_another_size_begins_its_column_anew(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(report, "RESULTS", tmp_path / "results.json")
    page = tmp_path / "reliability.md"
    add(page, "4.3.6", [outcome("whole")], 60)
    monkeypatch.setattr(report, "SHARE", 0.1)
    add(page, "4.3.6", [outcome("part")], 60)
    assert "whole" not in page.read_text()
    assert "- RabbitMQ 4.3.6: 10% of the soak (`SOAK_SHARE=0.1`), in 1 minutes" in page.read_text()
