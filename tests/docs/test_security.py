"""docs/security.md: whatever it says that somebody can do at worst, a test that is there keeps."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

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
NAMED = re.compile(r" ?\((`tests/[^`]+`(, )?)+\)$")
TOLD = tomllib.loads((Path(__file__).parent / "security_claims.toml").read_text("utf-8"))


def sentences(point: str) -> list[str]:
    """The sentences of a point, each of which claims something."""
    return re.split(r"(?<=\.) (?=[A-Z`])", NAMED.sub("", point).removeprefix("- "))


def claims() -> Iterator[tuple[str, list[str], str]]:
    """Each sentence or row, the tests that are said to keep it, and where it stands."""
    tests = {each["sentence"]: each["tests"] for each in TOLD["claim"]}
    for point in POINTS:
        for sentence in sentences(point):
            yield sentence, tests.pop(sentence, []), point
    of_rows = {each["who"]: each["tests"] for each in TOLD["row"]}
    for row in ROWS:
        who = row.split("|")[1].strip()
        yield who, of_rows.pop(who, []), row
    for left in (*tests, *of_rows):
        yield left, [], ""


CLAIMS = list(claims())


@pytest.mark.parametrize(("claim", "tests", "place"), CLAIMS, ids=[each[0] for each in CLAIMS])
def test_each_sentence_has_tests_that_are_there(claim: str, tests: list[str], place: str) -> None:
    assert place, "the page does not say this any more: delete it from security_claims.toml"
    assert tests, "security_claims.toml names no test of this sentence"
    for each in tests:
        path, _, function = each.partition("::")
        text = (DOCS.parent / path).read_text("utf-8")
        assert re.search(rf"def {function}\(", text), each
        assert f"`{path}`" in place, f"the page does not name {path} there"


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
