"""Where a pattern is decided, a validator of another language decides the same."""

from __future__ import annotations

import os
import re
from random import Random

import jsonschema_rs
import pytest
from jararaca_compiler.compat.proof.patterns import is_within, matches
from jararaca_compiler.schemas.pattern_texts import matching

TRIES = int(os.environ.get("JARARACA_PATTERNS", "3000"))
ATOMS = (
    *("a", "b", "0", ".", "-", "_", " ", "é", ":", "/", "^", "$"),
    *(r"\d", r"\D", r"\w", r"\W", r"\s", r"\S", r"\b", r"\.", r"\-", r"\/", r"\t"),
    *("[a-c]", "[^a]", r"[\d-]", r"[\w.-]", "[A-Z0-9]", r"[^\s@]"),
)
COUNTS = ("", "", "", "*", "+", "?", "{2}", "{1,3}", "{2,}", "*?", "+?")
LETTERS = "ab0 -_.:/A9é٣\u00a0\t@Z"


def pattern(random: Random, depth: int = 0) -> str:
    """A pattern of a few parts, some of which are groups."""
    parts = []
    for _ in range(random.randint(1, 4)):
        if depth < 2 and random.random() < 0.25:
            inner = "|".join(pattern(random, depth + 1) for _ in range(random.randint(1, 2)))
            parts.append(random.choice(("(", "(?:", "(?=", "(?!")) + inner + ")")
        else:
            parts.append(random.choice(ATOMS))
        parts[-1] += random.choice(COUNTS)
    return "".join(parts)


def test_what_is_decided_is_what_another_engine_says() -> None:
    random, decided = Random(20261129), 0
    for _ in range(TRIES):
        expression = pattern(random)
        try:
            validator = jsonschema_rs.validator_for({"type": "string", "pattern": expression})
        except ValueError:
            continue
        made = list(matching(expression))
        for text in (*made, "".join(random.choices(LETTERS, k=random.randint(0, 9)))):
            found = matches(expression, text)
            decided += found is not None
            assert found in (None, validator.is_valid(text)), (expression, text)
    assert decided > TRIES


@pytest.mark.parametrize(
    ("expression", "text"),
    [
        (r"(a+)+$", "a" * 60 + "b"),
        (r"(a|a)*$", "a" * 60 + "b"),
        (r"^(\w+\s?)*$", "x" * 60 + "!"),
        (r".*.*.*x", "a" * 400),
        ("(" * 3000 + ")" * 3000, ""),
        (r"(a)\1", "aa"),
        (r"\p{L}", "a"),
        (r"(?<a>b)", "b"),
        ("a.b", "a\rb"),
        ("a$", "a\n"),
        (r"^\s$", "\ufeff"),
    ],
)
def test_what_differs_by_language_or_takes_long_is_not_decided(expression: str, text: str) -> None:
    assert matches(expression, text) is None


@pytest.mark.parametrize(
    "expression",
    [
        r"^[A-Z]{2}\d{2}$",
        r"^(foo|bar)-\d+$",
        r"^([a-z]+\.)+[a-z]{2,}$",
        r"^[^\s@]+@[^\s@]+\.[a-z]+$",
        r"^(?:\+\d{1,3})?\d{9}$",
        r"^\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])$",
    ],
)
def test_a_text_is_found_for_what_people_write(expression: str) -> None:
    assert any(matches(expression, text) for text in matching(expression))


@pytest.mark.parametrize(
    ("narrow", "wide", "expected"),
    [
        ("^[a-f]{3}$", "^[a-z]{1,5}$", True),
        ("^[a-z]{1,5}$", "^[a-f]{3}$", False),
        ("^[a-f]{3}$", "^[a-z]{4,}$", False),
        ("^[a-f]{3,}$", "^[a-z]{1,5}$", False),
        ("^[A-Z]{2}-[0-9]{4}$", r"^[A-Z]+-\d+$", True),
        (r"^\d+$", "^[0-9]+$", False),
        (r"^\d+$", r"^[\w-]*$", True),
        ("^ab[0-9]?$", "^[a-z0-9]{2,3}$", True),
        ("^ab[0-9]?$", "^[a-z0-9]{2}$", False),
        ("^aab$", "^a{2}b+$", True),
        ("^$", "^a*$", False),
        ("[a-f]{3}", "^[a-z]{1,5}$", False),
        ("^[a-f]{3}", "^[a-z]{1,5}$", False),
        ("^a|b$", "^[ab]$", False),
        ("^[^a]$", "^[^ab]$", False),
        ("^.$", "^[.]$", False),
        ("^[-]$", "^[+--]$", False),
    ],
)
def test_a_pattern_is_within_another(narrow: str, wide: str, expected: bool) -> None:
    assert is_within(narrow, wide) is expected


def test_what_a_pattern_finds_every_wider_one_finds() -> None:
    random, within = Random(20261129), 0
    atoms = (
        "a",
        "b",
        "0",
        "-",
        r"\.",
        r"\d",
        r"\w",
        "[a-c]",
        "[ab0]",
        r"[\d-]",
        r"[\w.-]",
        "[+-.]",
    )

    def made() -> str:
        parts = (random.choice(atoms) + random.choice(COUNTS) for _ in range(random.randint(1, 3)))
        return f"^{''.join(parts)}$"

    for _ in range(5 * TRIES):
        narrow, wide = made(), made()
        if not is_within(narrow, wide):
            continue
        within += narrow != wide
        texts = {"", *matching(narrow)}
        texts |= {
            "".join(random.choices("abc0.-+,_9é٣", k=random.randint(0, 5))) for _ in range(20)
        }
        for text in texts:
            assert not re.search(narrow, text) or re.search(wide, text), (narrow, wide, text)
    assert within > TRIES / 16
