"""Every logger of the runtime writes text only: strangers' text comes by all of them."""

from __future__ import annotations

from pathlib import Path

RUNTIME = Path(__file__).parents[2] / "runtime/jararaca"


def test_every_logger_of_ours_is_one_that_makes_text_printable() -> None:
    wrong = [
        str(path.relative_to(RUNTIME))
        for path in RUNTIME.rglob("*.py")
        if 'getLogger("jararaca' in path.read_text(encoding="utf-8")
    ]
    assert wrong == []


def test_only_the_split_reads_headers_that_anybody_may_have_written() -> None:
    tools = {"operations/dead_letter.py", "operations/dead_letters.py"}
    reading = {
        str(path.relative_to(RUNTIME))
        for path in RUNTIME.rglob("*.py")
        if "delivery.headers" in path.read_text(encoding="utf-8")
    }
    assert reading - tools == set()
