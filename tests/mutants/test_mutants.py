"""The tool that tests the tests: what it changes, and the survivors that are explained."""

from __future__ import annotations

import ast
import sys
from pathlib import Path

import pytest
from greenlet import getcurrent, greenlet  # type: ignore[import-untyped]

from tools.mutants import report
from tools.mutants.fresh import Fresh
from tools.mutants.mutations import Mutation, mutated, mutations
from tools.mutants.plugin import Tracer
from tools.mutants.rooms import ROOMS, ROOT
from tools.mutants.server import apply
from tools.mutants.tracing import Coverage

SOURCE = '''\
"""A module."""
import logging

logger = logging.getLogger("x")


class Counter:
    def add(self, number: int = 3) -> bool:
        """Add."""
        assert number
        logger.info("adding")
        self.pairs(zip(self.old, self.new, strict=True))
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
    "self.pairs(zip(self.old, self.new, strict=True)) -> pass",
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
    assert SOURCE.splitlines()[raised.lines.start - 1].strip().startswith("raise")


def test_what_is_run_at_import_is_told_apart_from_what_is_called() -> None:
    at_import = [each.change for each in mutations("counter.py", SOURCE) if each.at_import]
    assert at_import == ["3 -> 4"]


def test_a_verdict_holds_until_the_function_around_it_changes() -> None:
    before = {each.name: each.digest for each in mutations("counter.py", SOURCE)}
    other = f"{SOURCE}\n\ndef more():\n    return 2 + 2\n"
    after = {each.name: each.digest for each in mutations("counter.py", other)}
    assert before.items() < after.items()
    changed = mutations("counter.py", SOURCE.replace("is too small", "is small"))
    assert not {each.digest for each in changed} & set(before.values())


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
    changes = [
        Mutation("a.py", "f", f"{number} -> {number + 1}", range(1, 2), number, False, "f")
        for number in (1, 2)
    ]
    judged = [
        report.Judged("handling", changes[0], "killed"),
        report.Judged("handling", changes[1], "survived"),
    ]
    known = {changes[1].name: (equivalent, "as it is")}
    assert f"| handling | 2 | 1 | {line} |" in report.table(judged, known)
    assert report.unexplained(judged, known) == []
    assert report.unexplained(judged, {}) == [changes[1].name]


LIVE = """\
def double(number):
    return number * 2 + 0

class Scale:
    by = 3

    @property
    def factor(self):
        def inner():
            return self.by + 1
        return inner()
"""


def test_a_change_is_put_into_the_functions_that_are_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "live_for_mutants.py"
    path.write_text(LIVE)
    monkeypatch.syspath_prepend(str(tmp_path))
    import live_for_mutants as live  # type: ignore[import-not-found]

    numbers = {each.change: each for each in mutations(str(path), LIVE)}
    scale = live.Scale()
    assert (live.double(1), scale.factor) == (2, 4)
    assert apply(path, numbers["return number * 2 + 0 -> return None"].number)
    assert (live.double(1), scale.factor) == (None, 4)
    assert apply(path, numbers["self.by + 1 -> self.by - 1"].number)
    assert scale.factor == 2
    assert not apply(path, numbers["3 -> 4"].number), "nobody runs the class's body again"
    sys.modules.pop("live_for_mutants")


def test_the_quickest_tests_come_first_and_those_with_a_broker_by_their_files() -> None:
    change = Mutation("a.py", "f", "1 -> 2", range(1, 2), 0, False, "f")
    line = str(ROOT / "a.py"), 1
    cost = {
        "b::2": (True, 1.0),
        "c::1": (True, 0.5),
        "b::1": (True, 2.0),
        "a::slow": (False, 3.0),
        "a::quick": (False, 1.0),
        "d::endless": (True, 100.0),
    }
    found = Coverage({line: set(cost)}, cost)
    assert found.of(change) == ["a::quick", "a::slow", "b::1", "b::2", "c::1"]
    assert Coverage({line: {"d::endless"}}, cost).of(change) == ["d::endless"]


def test_a_test_that_comes_where_few_others_do_is_among_the_first() -> None:
    """What a condition decides is seen by those that come into its branch."""
    change = Mutation("a.py", "f", "1 -> 2", range(1, 2), 0, False, "f")
    path = str(ROOT / "a.py")
    cost = {f"usual::{number}": (False, 1.0) for number in range(50)} | {"rare": (False, 2.0)}
    found = Coverage({(path, 1): set(cost), (path, 2): {"rare"}}, cost)
    assert found.of(change)[0] == "rare"
    found.enough = 1.5
    assert found.of(change) == ["usual::0"], "it would leave no time for any other"


def test_lines_that_are_run_between_two_greenlets_are_told_of_their_own_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """SQLAlchemy switches between greenlets, in functions of its own, out of ours."""
    inner, outer = tmp_path / "inner_of_greenlets.py", tmp_path / "outer_of_greenlets.py"
    inner.write_text("def within(switch):\n    switch()\n    return 1\n")
    outer.write_text("def around(run):\n    other = run()\n    other.switch()\n    return 2\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    import inner_of_greenlets  # type: ignore[import-not-found]
    import outer_of_greenlets  # type: ignore[import-not-found]

    class Switch:
        def __init__(self, to: greenlet) -> None:
            self._to = to

        def switch(self) -> None:
            self._to.switch()

    def run() -> Switch:
        made = Switch(greenlet(lambda: inner_of_greenlets.within(Switch(main).switch)))
        made.switch()
        return made

    main, tracer = getcurrent(), Tracer(tmp_path / "out", [str(inner), str(outer)])
    with tracer.tracing() as lines:
        outer_of_greenlets.around(run)
    assert sorted(lines) == [
        (str(inner), 2),
        (str(inner), 3),
        *((str(outer), n) for n in (2, 3, 4)),
    ]


def test_a_constant_is_judged_by_the_tests_that_import_its_module() -> None:
    """They read it without a call, so that they come through no line of its module."""
    path = "runtime/jararaca/publishing/publication.py"
    change = Mutation(path, "module", "16 -> 17", range(1, 2), 0, True, "f")
    reads = "tests/unit/test_publication.py::test_of_a_limit"
    cost = {reads: (False, 1.0), "tests/unit/test_shared.py::test": (False, 1.0)}
    assert Coverage({}, cost).of(change) == [reads]


def test_those_that_come_through_the_function_follow_those_that_come_through_the_line() -> None:
    """Where an error was thrown into a coroutine, no line after it is traced."""
    (change,) = (each for each in mutations("counter.py", SOURCE) if "self.notify" in each.change)
    path = str(ROOT / "counter.py")
    cost = {f"{name}::test": (False, 1.0) for name in ("line", "function", "elsewhere")}
    tests = {
        (path, change.lines.start): {"line::test"},
        (path, change.within.start + 2): {"function::test"},
        (path, 1): {"elsewhere::test"},
    }
    assert Coverage(tests, cost).of(change) == ["line::test", "function::test"]


def test_lines_of_rooms_that_were_judged_elsewhere_stay(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = tmp_path / "reliability.md"
    page.write_text("Above.\n", encoding="utf-8")
    monkeypatch.setattr(report, "REPORT", page)
    monkeypatch.setattr(report, "reasons", dict)
    first, *_ = mutations("counter.py", SOURCE)
    report.write([report.Judged("outbox", first, "survived")])
    report.write([report.Judged("handling", first, "killed")])
    report.write([report.Judged("outbox", first, "killed")])
    text = page.read_text("utf-8")
    assert text.startswith("Above.\n") and text.count("| room |") == 1
    assert "in runs with one, which not all were" in text, "nobody knows how those lines were found"
    assert text.splitlines()[-3:] == [
        "| outbox | 1 | 1 | 0 | 0 | 100 % |",
        "| handling | 1 | 1 | 0 | 0 | 100 % |",
        "| all | 2 | 2 | 0 | 0 | 100 % |",
    ]


def test_a_fresh_sample_is_told_as_it_was_at_the_first_look(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A test that is written for a change does not make the sample better that found it."""
    page = tmp_path / "reliability.md"
    page.write_text("Above.\n", encoding="utf-8")
    monkeypatch.setattr(report, "REPORT", page)
    monkeypatch.setattr(report, "reasons", lambda: {"b": (True, "as it is")})
    first, *_ = mutations("counter.py", SOURCE)
    judged = [report.Judged("outbox", first, "killed")]
    older = Fresh("outbox", 7, 10, ("a", "b", "c"), "2026-11-28")
    newer = Fresh("outbox", 8, 21, ("a", "b"), "2026-11-29")
    report.write(judged, [older, newer])
    report.write(judged, [Fresh("handling", 8, 4, (), "2026-11-30")])
    assert page.read_text("utf-8").splitlines()[-4:] == [
        "| room | day | seed | changes | noticed | equivalent | noticed of what matters |",
        "|---|---|--:|--:|--:|--:|--:|",
        "| outbox | 2026-11-29 | 8 | 21 | 19 | 1 | 95 % |",
        "| handling | 2026-11-30 | 8 | 4 | 4 | 0 | 100 % |",
    ]
    assert "| outbox | 1 | 1 | 0 | 0 | 100 % |" in page.read_text("utf-8")
    assert "| all | 1 | 1 | 0 | 0 | 100 % |" in page.read_text("utf-8"), "of the other table none"
