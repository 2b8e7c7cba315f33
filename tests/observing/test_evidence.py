"""`diff --evidence` says how often what changes was used, and leaves each verdict as it is."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from jararaca.cli import main
from jararaca_compiler.observing.evidence import EvidenceError, read_evidence
from jararaca_compiler.observing.observer import Observer
from jararaca_compiler.observing.report import Hearing, report_of

from tests.observing.planted import CLEAN, DOCUMENT, Sent, contract, placed

CHANGED = (
    DOCUMENT.replace("          vat: {type: string}\n", "")
    .replace(", charged-back]", "]")
    .replace("        gift: {type: boolean}\n", "")
)


def report(folder: Path, *sent: Sent, **hearing: Any) -> Mapping[str, Any]:
    observer = Observer(contract(folder))
    for each in (*CLEAN, *sent):
        observer.hear(each.heard())
    return report_of(observer, Hearing(**hearing)).as_json()


def told(
    folder: Path, found: Mapping[str, Any], monkeypatch: pytest.MonkeyPatch, capsys: Any
) -> tuple[dict[str, str], dict[str, Any], int]:
    """By subject why, and whom it breaks; and the exit status."""
    (folder / "new.yaml").write_text(CHANGED)
    (folder / "day.jsonl").write_text('{"finding": {}}\n' + json.dumps({"report": found}) + "\n")
    monkeypatch.chdir(folder)
    arguments = ["diff", "shop.yaml", "new.yaml", "--format", "json"]
    monkeypatch.setattr("sys.argv", ["jararaca", *arguments, "--evidence", "day.jsonl"])
    with pytest.raises(SystemExit) as ended:
        main()
    changes = json.loads(capsys.readouterr().out)
    why = {each["subject"]: each["why"] for each in changes}
    whom = {each["subject"]: (each["breaks"], each["risks"]) for each in changes}
    return why, whom, int(ended.value.code or 0)


def test_the_evidence_stands_beside_the_verdict(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any
) -> None:
    why, whom, status = told(tmp_path, report(tmp_path), monkeypatch, capsys)
    assert "Observed: none of 3 messages had `vat` from 2" in why["OrderPlaced.vat"]
    assert "Observed: 3 of 3 messages had `lines[].gift`" in why["OrderPlaced.lines[].gift"]
    assert "Observed: none of 2 messages had `charged-back`" in why["OrderPaid.state"]
    assert whom["OrderPlaced.lines[].gift"][0] == ["producers", "stored", "code"]
    assert whom["OrderPaid.state"][0] == ["producers", "stored", "code"]
    assert status == 1


def test_a_use_is_told_and_what_was_missed_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any
) -> None:
    found = report(tmp_path, placed(vat="DE"), sample=0.01, dropped=None)
    why, _, _ = told(tmp_path, found, monkeypatch, capsys)
    assert "1 of 4 messages had `vat`" in why["OrderPlaced.vat"]
    assert "1% of the time, and not all was heard." in why["OrderPlaced.vat"]


@pytest.mark.parametrize(
    "text", ["", "{}", "[]", "no", '{"report": {}}', '{"report": {"format": 9}}']
)
def test_what_is_no_report_is_refused(text: str) -> None:
    with pytest.raises(EvidenceError):
        read_evidence(text)
