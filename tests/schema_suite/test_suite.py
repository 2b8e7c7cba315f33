"""Compiled classes agree with the JSON-Schema-Test-Suite, but for the failures that are listed."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.schema_suite.suite import outcomes, suite_of

KNOWN = Path(__file__).with_name("known-failures.txt")
LEAST = {
    "draft4": 0.998,
    "draft6": 1.0,
    "draft7": 1.0,
    "draft2019-09": 0.999,
    "draft2020-12": 0.999,
}


def known(draft: str) -> dict[str, str]:
    """The listed tests of a draft, each with its reason."""
    rows = [line.split("\t") for line in KNOWN.read_text(encoding="utf-8").splitlines()]
    return {row[1]: row[2] for row in rows if len(row) == 3 and row[0] == draft}


@pytest.mark.parametrize("draft", LEAST)
def test_classes_agree_with_the_suite(draft: str, tmp_path: Path) -> None:
    found = list(outcomes(suite_of(draft), draft, tmp_path))
    wrong = {name for name, agrees in found if not agrees}
    assert wrong == set(known(draft)), "known-failures.txt lists just what fails"
    assert 1 - len(wrong) / len(found) >= LEAST[draft], "of all tests"
