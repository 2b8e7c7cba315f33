"""`make test` says what it installs and starts before it does, and asks a person."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tools import services
from tools.services import SERVERS, Lacking

LACKING = Lacking(("redis-server", "chromium"), SERVERS[1:2], newest_rabbitmq=True, fetched=True)
NOTHING = Lacking((), (), newest_rabbitmq=False, fetched=False)


@pytest.fixture
def added(monkeypatch: pytest.MonkeyPatch) -> list[Lacking]:
    """What was installed and started, on a machine of root's that lacks all of this."""
    made: list[Lacking] = []

    def add(wanted: Lacking) -> bool:
        made.append(wanted)
        return True

    monkeypatch.setattr(services, "lacking", lambda: LACKING)
    monkeypatch.setattr(services, "add", add)
    monkeypatch.setattr("os.geteuid", lambda: 0)
    monkeypatch.setattr("shutil.which", lambda name: f"/usr/bin/{name}")
    return made


def at_a_terminal(monkeypatch: pytest.MonkeyPatch, answer: str) -> None:
    """A person who answers."""
    monkeypatch.delenv("CI", raising=False)
    monkeypatch.setattr("sys.stdin.isatty", lambda: True)
    monkeypatch.setattr("sys.stdout.isatty", lambda: True)
    monkeypatch.setattr("builtins.input", lambda _: answer)


def test_it_says_what_it_will_do_before_it_does(
    added: list[Lacking], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[str] = []

    def add(_: Lacking) -> bool:
        told.append(capsys.readouterr().out)
        return True

    monkeypatch.setattr(services, "add", add)
    assert services.main() == 0
    assert "install redis-server, chromium with apt" in told[0]
    assert "start Redis" in told[0] and ".rabbitmq" in told[0] and "npm" in told[0]


@pytest.mark.parametrize(("answer", "goes_on"), [("", True), ("y", True), ("n", False)])
def test_a_person_at_a_terminal_is_asked(
    answer: str, goes_on: bool, added: list[Lacking], monkeypatch: pytest.MonkeyPatch
) -> None:
    at_a_terminal(monkeypatch, answer)
    assert services.main() == 0
    assert bool(added) is goes_on


def test_nobody_is_asked_in_ci(added: list[Lacking], monkeypatch: pytest.MonkeyPatch) -> None:
    at_a_terminal(monkeypatch, "n")
    monkeypatch.setenv("CI", "true")
    assert services.main() == 0
    assert added == [LACKING]


def test_without_root_nothing_is_touched_and_advice_is_given(
    added: list[Lacking], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("os.geteuid", lambda: 1000)
    assert services.main() == 0
    assert not added
    assert "no Redis on 127.0.0.1:6379: start one" in capsys.readouterr().out


def test_nothing_is_said_where_nothing_lacks(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(services, "lacking", lambda: NOTHING)
    assert services.main() == 0
    assert not capsys.readouterr().out


def test_looking_changes_nothing(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    def refused(*_: Any, **__: Any) -> None:
        raise AssertionError("it has installed something")

    monkeypatch.setattr(services, "quietly", refused)
    monkeypatch.setattr(services, "started", refused)
    assert isinstance(services.lacking(), Lacking)
