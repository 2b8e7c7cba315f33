"""No text says `1 retries`: a number before a plural is chosen for, or comes from `count`."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
NOUNS = {
    *("attempts", "changes", "consumers", "dead letters", "documents", "errors", "files"),
    *(
        "handlers",
        "letters",
        "messages",
        "processes",
        "queues",
        "quorum queues",
        "retries",
        "rows",
        "rules",
    ),
    *("schedules", "services", "times", "tries", "values", "warnings", "workers", "publications"),
}
FIXED = {
    "not a valid {}: {} values",  # Said from a thousand on.
    "more than {} documents",  # A limit, and so is the next.
    "was found in {} attempts",
    "{} times",  # Six strikes and more.
}
"""Where the number is never 1, with what comes before the noun."""


def texts(tree: ast.AST) -> Iterator[str]:
    """F-strings with `{}` for each value; those that an `if` chooses are left out."""
    chosen = {
        id(part)
        for node in ast.walk(tree)
        if isinstance(node, ast.IfExp)
        for part in (node.body, node.orelse)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.JoinedStr) and id(node) not in chosen:
            yield "".join(
                str(part.value) if isinstance(part, ast.Constant) else "{}" for part in node.values
            )


def wrong(source: str) -> list[str]:
    return [
        text
        for text in texts(ast.parse(source))
        if any(f"{{}} {noun}" in text for noun in NOUNS)
        and not any(fixed in text for fixed in FIXED)
    ]


def test_a_number_before_a_plural_is_found() -> None:
    assert wrong('f"{n} retries"') == ["{} retries"]
    assert wrong('"1 retry" if n == 1 else f"{n} retries"') == []


def test_no_page_says_1_messages() -> None:
    folder = ROOT / "compiler/jararaca_compiler/emit/site/templates"
    found = [
        line
        for template in folder.iterdir()
        for line in template.read_text(encoding="utf-8").splitlines()
        if any(f"}}}} {noun}" in line for noun in NOUNS)
    ]
    assert not found


@pytest.mark.parametrize("part", ["runtime", "compiler", "shared"])
def test_no_text_says_1_retries(part: str) -> None:
    found = {
        str(path.relative_to(ROOT)): texts_
        for path in sorted((ROOT / part).rglob("*.py"))
        if (texts_ := wrong(path.read_text(encoding="utf-8")))
    }
    assert not found
