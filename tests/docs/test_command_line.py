"""docs/command-line.md is what the command line tells of itself today."""

from __future__ import annotations

import pytest

from tests.cli.test_help import NAMES
from tests.support.docblocks import DOCS
from tools.command_line import PAGE, page


def test_the_page_is_fresh() -> None:
    assert PAGE.read_text(encoding="utf-8") == page(), "run `python -m tools.command_line`"


@pytest.mark.parametrize("command", NAMES)
def test_the_page_has_every_command(command: str) -> None:
    assert f"# `jararaca {command}`\n" in page()


def test_the_page_is_in_the_menu_of_the_pages() -> None:
    assert PAGE.name in (DOCS.parent / "mkdocs.yml").read_text(encoding="utf-8")
