"""A document that was saved is noticed, however it was saved, and nothing else is."""

from __future__ import annotations

import queue
import shutil
import threading
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from jararaca_compiler.project.config import Config, ConfigError
from jararaca_compiler.project.file_watch import watch

SECONDS = 30
"""How long to wait for what must come."""

QUIET_SECONDS = 1.0
"""How long to wait for what must not."""


class Watched:
    """A project that is being watched: `schemas` is its source."""

    def __init__(self, root: Path) -> None:
        self.schemas = root / "schemas"
        self.schemas.mkdir()
        (self.schemas / "orders.yaml").write_text("one")
        self.root = root
        self._told: queue.Queue[None] = queue.Queue()
        config = Config(sources=("schemas",), output="generated")
        arguments = (root, config, lambda: self._told.put(None))
        threading.Thread(target=watch, args=arguments, daemon=True).start()

    def is_told(self, seconds: float = SECONDS) -> bool:
        with suppress(queue.Empty):
            self._told.get(timeout=seconds)
            return True
        return False

    def drain(self) -> None:
        while self.is_told(0.3):
            pass


@pytest.fixture
def project(tmp_path: Path) -> Watched:
    made = Watched(tmp_path)
    # Saved until it is noticed: the watch has begun then.
    number = 0
    while not made.is_told(0.2):
        number += 1
        (made.schemas / "orders.yaml").write_text("two" * number)
    made.drain()
    return made


def test_a_document_that_an_editor_replaces_is_noticed_each_time(project: Watched) -> None:
    for text in ("three", "four!"):
        (project.schemas / "orders.yaml~").write_text(text)
        (project.schemas / "orders.yaml~").rename(project.schemas / "orders.yaml")
        assert project.is_told()
        project.drain()


def test_a_document_in_a_new_folder_is_noticed_and_so_is_its_next_save(project: Watched) -> None:
    folder = project.schemas / "new" / "deep"
    folder.mkdir(parents=True)
    (folder / "stock.json").write_text("{}")
    assert project.is_told()
    project.drain()
    (folder / "stock.json").write_text('{"a": 1}')
    assert project.is_told()


def test_a_document_that_goes_is_noticed_and_so_is_one_that_comes_back(project: Watched) -> None:
    shutil.rmtree(project.schemas)
    assert project.is_told()
    project.drain()
    project.schemas.mkdir()
    (project.schemas / "orders.yaml").write_text("again")
    assert project.is_told()


def test_the_configuration_counts_as_well(project: Watched) -> None:
    (project.root / "pyproject.toml").write_text("[tool.jararaca]")
    assert project.is_told()


def test_nothing_else_does(project: Watched) -> None:
    (project.root / "notes.yaml").write_text("not a source")
    (project.schemas / "README.md").write_text("no document")
    (project.schemas / ".git").mkdir()
    (project.schemas / ".git" / "index.yaml").write_text("hidden")
    assert not project.is_told(QUIET_SECONDS)


def test_a_system_that_watches_no_more_says_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object, **__: object) -> Iterator[object]:
        raise OSError(28, "OS file watch limit reached")

    monkeypatch.setattr("watchfiles.watch", full)
    with pytest.raises(ConfigError, match="WATCHFILES_FORCE_POLLING"):
        watch(tmp_path, Config(sources=("schemas",), output="generated"), lambda: None)
