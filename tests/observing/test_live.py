"""The live table has the columns that a terminal has room for."""

from __future__ import annotations

from pathlib import Path

import pytest
from jararaca_compiler.commands.observing.live import drawn
from jararaca_compiler.observing.observer import Observer
from jararaca_compiler.observing.report import Hearing, report_of
from rich.console import Console

from tests.observing.planted import CLEAN, contract


@pytest.mark.parametrize(
    ("width", "columns"),
    [
        (40, "message seen invalid"),
        (80, "message seen valid invalid"),
        (120, "message seen valid invalid publishers fields used"),
        (200, "message seen valid invalid publishers fields used"),
    ],
)
def test_no_heading_is_cut_at_any_width(width: int, columns: str, tmp_path: Path) -> None:
    observer = Observer(contract(tmp_path))
    for each in CLEAN:
        observer.hear(each.heard())
    report = report_of(observer, Hearing(600.0, 0.0, 0, 1, ()))
    console = Console(width=width, record=True, force_terminal=True, color_system=None)
    with console.capture() as captured:
        console.print(drawn(report, width))
    lines = captured.get().splitlines()
    assert "…" not in captured.get()
    assert " ".join(lines[2].replace("┃", " ").split()) == columns
    assert max(map(len, lines)) <= width
