"""Of many diagnostics of one kind people read the first in full, and a line each of others."""

from __future__ import annotations

import json

from jararaca_compiler.diagnostics.diagnostic import Diagnostic
from jararaca_compiler.diagnostics.report import render
from jararaca_compiler.documents.source import Span


def found(
    count: int, severity: str = "warning", code: str = "unused", help: str = "Delete it."
) -> list[Diagnostic]:
    spans = [Span("shop.yaml", line, 3, line, 5) for line in range(1, count + 1)]
    return [Diagnostic(code, severity, f"nothing uses {s.line}", s, help) for s in spans]  # type: ignore[arg-type]


def text(diagnostics: list[Diagnostic]) -> str:
    return render(diagnostics, "text", lambda _: None)


def test_many_warnings_of_a_kind_are_counted() -> None:
    said = text(found(20))
    assert said.count("help: Delete it.") == 3
    assert "warning[unused]: 17 more like these\n  shop.yaml:4:3  nothing uses 4\n" in said
    assert said.endswith("  shop.yaml:10:3  nothing uses 10\n  and 10 more\n")


def test_a_few_are_shown_as_ever() -> None:
    assert "more" not in text([*found(4), *found(11, "error"), *found(4, code="other")])


def test_of_errors_more_are_shown_in_full() -> None:
    said = text(found(12, "error"))
    assert said.count("help: Delete it.") == 10
    assert "error[unused]: 2 more like these" in said


def test_what_is_to_be_written_at_one_place_alone_is_kept() -> None:
    said = text([*found(3), *found(2, help="Write `a`.")])
    assert "  shop.yaml:1:3  nothing uses 1. Write `a`.\n" in said


def test_a_line_is_as_long_as_people_read() -> None:
    said = text([*found(3), *found(2, help="h" * 500)])
    (last,) = [line for line in said.splitlines() if "nothing uses 2. h" in line]
    assert len(last) < 230
    assert last.endswith("h…")


def test_machines_get_them_all() -> None:
    assert len(json.loads(render(found(50), "json", lambda _: None))) == 50
