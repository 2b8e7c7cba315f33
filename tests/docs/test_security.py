"""docs/security.md: whatever it says that somebody can do at worst, a test that is there keeps."""

from __future__ import annotations

import re

import pytest

from tests.support.docblocks import DOCS

PAGE = (DOCS / "security.md").read_text("utf-8")
SECTIONS = re.split(r"^## ", PAGE, flags=re.M)[1:]
POINTS = [
    " ".join(point.split())
    for section in SECTIONS
    for point in re.findall(r"^- (?:.+\n?(?:  .+\n?)*)", section, flags=re.M)
]
ROWS = [line for line in PAGE.splitlines() if line.startswith("| ") and "---" not in line][1:]
TESTS = re.compile(r"`(tests/[\w/]+\.py)(?:::(\w+))?`")


@pytest.mark.parametrize("point", POINTS)
def test_a_point_ends_with_the_tests_that_keep_it(point: str) -> None:
    assert re.search(r"\((`tests/[^`]+`(, )?)+\)$", point), "it ends without its tests"


@pytest.mark.parametrize("row", ROWS)
def test_a_row_names_the_tests_that_keep_it(row: str) -> None:
    assert TESTS.search(row.split("|")[-2])


def test_each_test_that_is_named_is_there() -> None:
    named = TESTS.findall(PAGE)
    assert len(named) > len(POINTS)
    for path, function in named:
        place = DOCS.parent / path
        assert place.is_file(), path
        assert not function or f"def {function}(" in place.read_text("utf-8"), f"{path}::{function}"


def test_every_section_but_the_first_is_made_of_points() -> None:
    titles = [section.splitlines()[0] for section in SECTIONS]
    assert titles[0] == "Who is trusted with what"
    for section in SECTIONS[1:]:
        prose = [block for block in section.split("\n\n")[1:] if not block.startswith("- ")]
        assert all(len(block.split()) < 12 for block in prose), prose
