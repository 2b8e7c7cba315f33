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


def test_commands_write_json_that_is_safe_to_print_and_still_json() -> None:
    """json.dumps lets U+007F stand, and what is escaped for a terminal is no JSON any more."""
    wrong = [
        str(path.relative_to(RUNTIME))
        for path in (RUNTIME / "cli").rglob("*.py")
        if "json.dumps" in path.read_text(encoding="utf-8") and path.name != "letter_editing.py"
    ]
    assert wrong == []
