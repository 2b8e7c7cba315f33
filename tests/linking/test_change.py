"""`diff --against` names the services that a change breaks and mends, and the order of rollout."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest
import typer
from jararaca_compiler.commands.diff import diff
from typer.testing import CliRunner

FITS = Path(__file__).parent / "cases" / "fits"
NUMBER, TEXT = "id: {type: integer, minimum: 1}", "id: {type: string}"
EITHER = "id: {type: [integer, string]}"
ORDERS, WAREHOUSE = "orders.asyncapi.yaml", "warehouse.asyncapi.yaml"


def run(*arguments: str) -> tuple[int, str]:
    app = typer.Typer()
    app.command()(diff)
    done = CliRunner().invoke(app, ["--against", "HEAD", *arguments])
    assert done.exception is None or isinstance(done.exception, SystemExit), done.output
    return done.exit_code, done.output


def changes(code: str) -> list[dict[str, Any]]:
    _, out = run("--format", "json")
    return [each for each in json.loads(out) if each["code"] == code]


def edit(path: Path, *edits: tuple[str, str]) -> None:
    text = path.read_text()
    for old, new in edits:
        assert old in text
        text = text.replace(old, new)
    path.write_text(text)


def commit() -> None:
    who = ["-c", "user.name=a", "-c", "user.email=a@b.c"]
    for command in (["init", "-q"], ["add", "."], [*who, "commit", "-qm", "x"]):
        subprocess.run(["git", *command], check=True)


def written(orders: Path, warehouse: Path) -> None:
    """A sender, and a receiver that says just the same."""
    text = (FITS / ORDERS).read_text()
    orders.write_text(text)
    warehouse.write_text(
        text.replace("Orders", "Warehouse").replace("announce", "take").replace("send", "receive")
    )


@pytest.fixture
def beside(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The orders of one project, and the warehouse of another one, its neighbour."""
    made = tmp_path / "orders"
    made.mkdir()
    monkeypatch.chdir(made)
    written(made / ORDERS, tmp_path / WAREHOUSE)
    edit(tmp_path / WAREHOUSE, ("version: 1.0.0", "version: 0.9.2"))
    settings = f'sources = ["{ORDERS}"]\nneighbours = ["../{WAREHOUSE}"]\n'
    (made / "pyproject.toml").write_text(f"[tool.jararaca]\n{settings}")
    commit()
    return made


@pytest.fixture
def together(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Both services in one project."""
    monkeypatch.chdir(tmp_path)
    written(tmp_path / ORDERS, tmp_path / WAREHOUSE)
    (tmp_path / "pyproject.toml").write_text('[tool.jararaca]\nsources = ["."]\n')
    commit()
    return tmp_path


def test_a_broken_neighbour_has_its_name_handler_version_and_witness(beside: Path) -> None:
    edit(beside / ORDERS, (NUMBER, TEXT))
    status, out = run()
    assert status == 1
    line = f"breaks WarehouseHandlers.take (warehouse 0.9.2, from ../{WAREHOUSE})"
    assert line in out
    (found,) = changes("service-broken")
    assert found["breaks"] == ["consumers"]
    assert found["services"] == ["warehouse"]
    assert found["subject"] == "orders.orderPlaced -> warehouse.take"
    assert found["witness"] == {"allowed": "now", "value": {"id": ""}}


def test_a_neighbour_that_sends_is_broken_by_its_receiver(beside: Path) -> None:
    for name in (ORDERS, WAREHOUSE):
        path = beside / name if name == ORDERS else beside.parent / name
        edit(path, *((("send", "receive"),) if name == ORDERS else (("receive", "send"),)))
    commit()
    edit(beside / ORDERS, (NUMBER, TEXT))
    (found,) = changes("service-broken")
    assert found["breaks"] == ["producers"]
    assert found["change"].startswith(f"breaks warehouse (warehouse 0.9.2, from ../{WAREHOUSE})")
    assert found["witness"] == {"allowed": "before", "value": {"id": 1}}


def test_what_fits_again_is_told(beside: Path) -> None:
    edit(beside / ORDERS, (NUMBER, TEXT))
    commit()
    edit(beside / ORDERS, (TEXT, NUMBER))
    (found,) = changes("service-unbroken")
    assert found["change"].startswith("unbreaks WarehouseHandlers.take (warehouse 0.9.2")
    assert found["breaks"] == found["risks"] == []
    assert changes("service-broken") == []


def test_a_break_that_was_there_before_is_not_told_again(beside: Path) -> None:
    edit(beside / ORDERS, (NUMBER, TEXT))
    commit()
    edit(beside / ORDERS, ("note: {type: string}", "note: {type: integer}"))
    assert changes("service-broken") == changes("service-unbroken") == []


def test_the_receiver_of_more_is_deployed_first(together: Path) -> None:
    edit(together / ORDERS, (NUMBER, TEXT), ("version: 1.0.0", "version: 2.0.0"))
    edit(together / WAREHOUSE, (NUMBER, EITHER), ("version: 1.0.0", "version: 1.1.0"))
    (found,) = changes("rollout")
    assert found["order"] == [["warehouse"], ["orders"]]
    assert found["change"] == "deploy in this order: 1. warehouse 1.1.0, 2. orders 2.0.0"


def test_the_sender_of_less_is_deployed_first(together: Path) -> None:
    edit(together / ORDERS, (NUMBER, EITHER))
    edit(together / WAREHOUSE, (NUMBER, EITHER))
    commit()
    for name in (ORDERS, WAREHOUSE):
        edit(together / name, (EITHER, NUMBER))
    (found,) = changes("rollout")
    assert found["order"] == [["orders"], ["warehouse"]]


def test_changes_that_break_each_other_have_no_order(together: Path) -> None:
    for name in (ORDERS, WAREHOUSE):
        edit(together / name, (NUMBER, TEXT))
    (found,) = changes("rollout-impossible")
    assert found["order"] == []
    assert "orders 1.0.0, warehouse 1.0.0" in found["change"]


def test_where_any_order_does_none_is_told(together: Path) -> None:
    for name in (ORDERS, WAREHOUSE):
        edit(together / name, ("version: 1.0.0", "version: 1.1.0"))
    assert changes("rollout") == changes("rollout-impossible") == []


def test_an_agreed_break_is_not_told_while_it_lasts(beside: Path) -> None:
    edit(beside / ORDERS, (NUMBER, TEXT))
    agreed = '\n[tool.jararaca.link]\nexcept = [{link = "orders.* -> warehouse.*", until = %s}]\n'
    settings = beside / "pyproject.toml"
    before = settings.read_text()
    settings.write_text(before + agreed % "2099-01-01")
    assert changes("service-broken") == []
    settings.write_text(before + agreed % "2020-01-01")
    assert len(changes("service-broken")) == 1


def test_a_neighbour_that_is_left_out_is_told(beside: Path) -> None:
    (beside.parent / WAREHOUSE).unlink()
    status, out = run()
    assert status == 0 and "left out" in out
