"""`except` in `[tool.jararaca.link]`: what it accepts is shown; where it accepts nothing, told."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from jararaca_compiler.commands.link import run_link
from jararaca_compiler.diagnostics.report import Format
from jararaca_compiler.project.config import read_config

CASES = Path(__file__).parent / "cases"
LINK = "orders.orderPlaced -> warehouse.take"


@pytest.fixture
def run(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Any:
    """`jararaca link` with some exceptions: its exit status, and what it prints."""

    def linked(
        exceptions: str, *, case: str = "refused", format: Format = "text", rules: str = ""
    ) -> tuple[int, str]:
        for path in (CASES / case).glob("*.yaml"):
            shutil.copy(path, tmp_path)
        (tmp_path / "pyproject.toml").write_text(
            f'[tool.jararaca]\nsources = ["."]\n[tool.jararaca.link]\n{rules}\n'
            f"except = [{exceptions}]\n"
        )
        status = run_link(tmp_path, read_config(tmp_path), format)
        return status, capsys.readouterr().out

    return linked


def test_an_accepted_break_is_marked_in_the_table_and_the_summary(run: Any) -> None:
    status, told = run(f'{{link = "{LINK}", until = 2099-01-31, why = "in January"}}')
    table, *_, summary = told.strip().splitlines()
    assert status == 0
    assert table.endswith("warehouse.take  refused (accepted until 2099-01-31)")
    assert summary == "1 link between 2 services: 1 refused (accepted); 1 finding accepted"
    assert "exception-unused" not in told


def test_an_accepted_break_is_marked_in_json(run: Any) -> None:
    status, told = run(
        '{link = "orders.* -> *", until = 2099-01-31, why = "in January"}', format="json"
    )
    value = json.loads(told)
    assert (status, value["findings"]) == (0, [])
    assert [(each["verdict"], each["accepted"]) for each in value["links"]] == [("refused", True)]
    (accepted,) = value["accepted"]
    assert (
        accepted.items()
        >= {
            "code": "message-refused",
            "severity": "error",
            "exception": "orders.* -> *",
            "until": "2099-01-31",
            "why": "in January",
        }.items()
    )


def test_what_nobody_accepts_is_not_marked(run: Any) -> None:
    for exceptions in ("", f'{{link = "{LINK}", until = 2020-01-31}}'):
        status, told = run(exceptions)
        assert status == 1 and "accepted" not in told, told
        status, told = run(exceptions, format="json")
        value = json.loads(told)
        assert (status, value["accepted"], value["links"][0]["accepted"]) == (1, [], False)


def test_a_loss_that_is_accepted_is_marked(run: Any) -> None:
    status, told = run('"*"', case="unknown_message")
    assert status == 0
    assert "lost (accepted)" in told.splitlines()[0]
    assert "1 lost (accepted)" in told.splitlines()[-1]


def test_what_stands_in_no_line_of_the_table_is_counted(run: Any) -> None:
    status, told = run('"*"', case="declared_differently")
    assert status == 0 and "error" not in told
    assert told.splitlines()[-1].endswith("accepted"), told


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("orders.orderPlaced -> warehouse.taken", f"did you mean `{LINK}`?"),
        ("orders.orderplaced -> warehouse.*", "mean `orders.orderPlaced -> warehouse.*`?"),
        ("order.* -> warehouse.*", "did you mean `orders.* -> warehouse.*`?"),
        ("orders.orderPlaced -> warehouse", f"did you mean `{LINK}`?"),
        ("billing.paid -> *.ledger", "no link is called like this\n"),
        ("orders.orderPlaced", "nothing that is reported is wrong with `orders.orderPlaced`"),
    ],
)
def test_an_exception_that_accepts_nothing_says_what_it_could_mean(
    written: str, said: str, run: Any
) -> None:
    status, told = run(f'"{LINK}", "{written}"')
    assert status == 0, told
    assert f"info[exception-unused]: the exception `{written}` accepts nothing: " in told
    assert said in told
    assert told.count("exception-unused") == 1


def test_an_exception_for_a_link_that_is_mended_is_told(run: Any) -> None:
    for until in ("", ", until = 2020-01-31"):
        status, told = run(f'{{link = "*"{until}}}', case="fits")
        assert status == 0
        assert "info[exception-unused]: the exception `*` accepts nothing: nothing that is" in told
        assert "Delete it" in told and "accepted" not in told.splitlines()[-1]


def test_an_exception_for_what_is_off_accepts_nothing(run: Any) -> None:
    status, told = run(f'"{LINK}"', rules='message-refused = "off"')
    assert status == 0
    assert f"accepts nothing: nothing that is reported is wrong with `{LINK}`" in told
    assert told.splitlines()[0].endswith("warehouse.take  refused")


def test_the_level_of_unused_exceptions_is_set_like_others(run: Any) -> None:
    for level, expected in (("off", 0), ("warning", 0), ("error", 1)):
        status, told = run('"a.b -> c.d", "*"', rules=f'exception-unused = "{level}"')
        assert status == expected
        assert (f"{level}[exception-unused]" in told) == (level != "off")
    assert "exception-unused" not in run('"*"')[1]


@pytest.mark.parametrize(
    ("format", "said"),
    [
        ("github", "::notice file=pyproject.toml"),
        ("sarif", '"level": "note"'),
        ("gitlab", '"severity": "info"'),
        ("junit", 'failures="0"'),
        ("json", '"severity": "info"'),
    ],
)
def test_ci_servers_read_it_as_a_note(format: Format, said: str, run: Any) -> None:
    status, told = run('"*", "a.b -> c.d"', format=format)
    assert status == 0 and said in told, told
