"""Compiled classes agree with the JSON-Schema-Test-Suite, but for the failures that are listed."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.schema_suite.suite import SUITE, outcomes

KNOWN = Path(__file__).with_name("known-failures.txt")
LEAST = 0.98

pytestmark = pytest.mark.skipif(
    not SUITE.is_dir(), reason="the JSON-Schema-Test-Suite does not stand beside the project"
)


def known(draft: str) -> dict[str, str]:
    """The listed tests of a draft, each with its reason."""
    rows = [line.split("\t") for line in KNOWN.read_text(encoding="utf-8").splitlines()]
    return {row[1]: row[2] for row in rows if len(row) == 3 and row[0] == draft}


@pytest.mark.parametrize("draft", ["draft7", "draft2020-12"])
def test_classes_agree_with_the_suite(draft: str, tmp_path: Path) -> None:
    found = list(outcomes(draft, tmp_path))
    wrong = {name for name, agrees in found if not agrees}
    listed = known(draft)
    assert wrong == set(listed), "known-failures.txt lists just what fails"
    assert 1 - len(wrong) / len(found) >= LEAST, "of all tests"
