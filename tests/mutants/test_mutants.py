"""The tool that tests the tests: what it changes, and the survivors that are explained."""

from __future__ import annotations

import ast

import pytest

from tools.mutants import report
from tools.mutants.mutations import Mutation, mutated, mutations
from tools.mutants.rooms import ROOMS, ROOT

SOURCE = '''\
"""A module."""
import logging

logger = logging.getLogger("x")


class Counter:
    def add(self, number: int = 3) -> bool:
        """Add."""
        assert number
        logger.info("adding")
        if number > 1 and not self.full:
            self.notify(number + 1)
            return self.total == number
        raise ValueError(f"{number} is too small")
'''
EXPECTED = [
    "3 -> 4",
    "number > 1 and (not self.full) -> number > 1 or not self.full",
    "number > 1 -> number >= 1",
    "1 -> 2",
    "not self.full -> self.full",
    "self.notify(number + 1) -> pass",
    "number + 1 -> number - 1",
    "1 -> 2",
    "return self.total == number -> return None",
    "self.total == number -> self.total != number",
    "raise ValueError(f'{number} is too small') -> pass",
]


def test_each_expression_is_changed_by_itself() -> None:
    found = mutations("counter.py", SOURCE)
    assert sorted(each.change for each in found) == sorted(EXPECTED)
    assert {each.place for each in found} == {"Counter.add"}
    texts = {ast.unparse(mutated(SOURCE, each.number)) for each in found}
    assert len(texts) == len(found) and ast.unparse(ast.parse(SOURCE)) not in texts
    for each in found:
        compile(mutated(SOURCE, each.number), "counter.py", "exec")


def test_a_line_is_where_it_was() -> None:
    (raised,) = (each for each in mutations("counter.py", SOURCE) if "raise" in each.change)
    assert SOURCE.splitlines()[raised.line - 1].strip().startswith("raise")


def test_each_survivor_that_is_explained_is_there() -> None:
    there = {
        each.name
        for room in ROOMS
        for path in room.paths()
        for each in mutations(str(path.relative_to(ROOT)), path.read_text("utf-8"))
    }
    assert report.reasons().keys() <= there


@pytest.mark.parametrize(("equivalent", "line"), [(True, "1 | 0 | 100 %"), (False, "0 | 1 | 50 %")])
def test_the_table_counts_what_matters(equivalent: bool, line: str) -> None:
    changes = [Mutation("a.py", "f", f"{number} -> {number + 1}", 1, number) for number in (1, 2)]
    judged = [
        report.Judged("handling", changes[0], "killed"),
        report.Judged("handling", changes[1], "survived"),
    ]
    known = {changes[1].name: (equivalent, "as it is")}
    assert f"| handling | 2 | 1 | {line} |" in report.table(judged, known)
    assert report.unexplained(judged, known) == []
    assert report.unexplained(judged, {}) == [changes[1].name]
