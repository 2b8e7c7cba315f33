"""`diff --against`: the documents, the settings and the names of then, out of git."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest
import typer
from jararaca_compiler.commands.diff import diff
from typer.testing import CliRunner

DOCUMENT = """
asyncapi: 3.0.0
info: {title: Shop, version: '1'}
channels:
  placed:
    address: shop.placed
    messages:
      Placed: {payload: {type: object, properties: {id: {type: string}, at: {type: string}}}}
operations:
  onPlaced: {action: receive, channel: {$ref: '#/channels/placed'}}
"""
BROKEN = DOCUMENT.replace("id: {type: string}", "id: {type: integer}")
PROJECT = '[tool.jararaca]\nsources = ["shop.yaml"]\n'


def against(*arguments: str) -> dict[str, list[str]]:
    """The codes with whom each breaks."""
    app = typer.Typer()
    app.command()(diff)
    done = CliRunner().invoke(app, ["--against", "HEAD", *arguments, "--format", "json"])
    assert done.exception is None or isinstance(done.exception, SystemExit), done.output
    assert done.exit_code in (0, 1), done.output
    return {change["code"]: change["breaks"] for change in json.loads(done.stdout)}


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project with one document, committed."""
    monkeypatch.chdir(tmp_path)
    Path("pyproject.toml").write_text(PROJECT)
    Path("shop.yaml").write_text(DOCUMENT)
    who = ["-c", "user.name=a", "-c", "user.email=a@b.c"]
    for command in (["init", "-q"], ["add", "."], [*who, "commit", "-qm", "x"]):
        subprocess.run(["git", *command], check=True)
    return tmp_path


def test_nothing_changed(project: Path) -> None:
    assert against() == {}


def test_the_exchange_renamed_in_the_settings_is_told(project: Path) -> None:
    Path("pyproject.toml").write_text(f'{PROJECT}exchange = "shop"\n')
    found = against()
    assert found["own-exchange-renamed"] == ["producers", "consumers", "stored"]
    assert "binding-added" not in found


def test_the_perspective_turned_around_in_the_settings_is_told(project: Path) -> None:
    Path("pyproject.toml").write_text(f'{PROJECT}perspective = "client"\n')
    assert against()["operation-removed"] == ["producers", "stored", "code"]


@pytest.mark.parametrize("by_settings", [True, False])
def test_a_file_renamed_and_broken_is_no_new_service(project: Path, by_settings: bool) -> None:
    Path("shop.yaml").unlink()
    Path("store.yaml").write_text(BROKEN)
    if by_settings:
        Path("pyproject.toml").write_text(PROJECT.replace("shop.yaml", "store.yaml"))
    found = against(*([] if by_settings else ["store.yaml"]))
    assert found == {"type-changed": ["producers", "consumers", "stored", "code"]}


def test_a_file_renamed_with_its_service_and_broken_is_no_new_service(project: Path) -> None:
    Path("shop.yaml").unlink()
    Path("pyproject.toml").write_text(PROJECT.replace("shop.yaml", "store.yaml"))
    Path("store.yaml").write_text(BROKEN.replace("title: Shop", "title: Store"))
    found = against()
    assert found["service-renamed"] == ["code"]
    assert found["type-changed"] == ["producers", "consumers", "stored", "code"]


def test_of_two_services_renamed_each_is_compared_with_its_own(project: Path) -> None:
    other = DOCUMENT.replace("title: Shop", "title: Stock").replace("laced", "ounted")
    Path("stock.yaml").write_text(other)
    Path("pyproject.toml").write_text(PROJECT.replace("shop.yaml", "."))
    who = ["-c", "user.name=a", "-c", "user.email=a@b.c"]
    subprocess.run(["git", "add", "."], check=True)
    subprocess.run(["git", *who, "commit", "-qm", "y"], check=True)
    Path("shop.yaml").write_text(BROKEN.replace("title: Shop", "title: Zoo"))
    Path("stock.yaml").write_text(other.replace("title: Stock", "title: Aisle"))
    found = against()
    assert found.keys() == {"service-renamed", "type-changed", "queue-added", "queue-removed"}


def test_a_new_file_beside_the_old_is_a_new_service(project: Path) -> None:
    Path("stock.yaml").write_text(DOCUMENT.replace("title: Shop", "title: Stock"))
    assert against("shop.yaml", "stock.yaml") == {"service-added": []}
