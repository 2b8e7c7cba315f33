"""`make` says what it puts into .venv, puts no more there than a target needs, and does so once."""

from __future__ import annotations

from pathlib import Path

import pytest

from tools import environment


@pytest.fixture
def installed(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> list[str]:
    """What for it was installed, in a clone without an environment."""
    made: list[str] = []

    def install(purpose: str) -> bool:
        made.append(purpose)
        return True

    monkeypatch.setattr(environment, "STAMP", tmp_path / "stamp")
    monkeypatch.setattr(environment, "PYTHON", tmp_path / "python")
    monkeypatch.setattr(environment, "installed", install)
    return made


def test_it_says_what_it_installs_and_how_much(
    installed: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert environment.main("run") == 0
    assert "what the example needs there (some 85 packages" in capsys.readouterr().out
    assert environment.main("run") == 0
    assert (installed, capsys.readouterr().out) == (["run"], "")


def test_what_the_tests_need_is_added_later_and_is_enough_for_the_example(
    installed: list[str],
) -> None:
    for purpose in ("run", "dev", "run", "dev"):
        assert environment.main(purpose) == 0
    assert installed == ["run", "dev"]


def test_a_changed_project_is_installed_again_for_all_that_it_was_made_for(
    installed: list[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    environment.main("dev")
    (tmp_path / "pyproject.toml").write_text("changed")
    monkeypatch.setattr(environment, "PROJECT", tmp_path / "pyproject.toml")
    environment.main("run")
    assert installed == ["dev", "dev"]


def test_what_fails_is_tried_again(installed: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(environment, "installed", lambda purpose: False)
    assert environment.main("run") == environment.main("run") == 1
