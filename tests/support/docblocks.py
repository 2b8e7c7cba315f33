"""The fenced blocks of a page in docs/: so that a test does what the page says."""

from __future__ import annotations

import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

DOCS = Path(__file__).parents[2] / "docs"
_FENCED = re.compile(r"([^\n]*)\n+```(\w+)\n(.*?)```", re.DOTALL)
_PATH = re.compile(r"`([\w/-]+(?:\.[\w-]+)+)`")


@dataclass(frozen=True)
class Block:
    """A fenced block: its language, its text, and the line of prose before it."""

    before: str
    language: str
    text: str

    @property
    def path(self) -> str | None:
        """The file that the line before names in backquotes, the last of several."""
        return next(reversed(_PATH.findall(self.before)), None)


def blocks(page: str, section: str | None = None) -> list[Block]:
    """All blocks of `docs/<page>`, or those of one section (a heading of any level)."""
    text = (DOCS / page).read_text(encoding="utf-8")
    if section is not None:
        _, level, text = re.split(rf"^(#+) {re.escape(section)}\n", text, maxsplit=1, flags=re.M)
        text = re.split(rf"^#{{1,{len(level)}}} ", text, maxsplit=1, flags=re.M)[0]
    return [Block(*found) for found in _FENCED.findall(text)]


def write_files(page: str, folder: Path, *languages: str) -> None:
    """Write the blocks of some languages that name a file; one named twice grows."""
    written: set[Path] = set()
    for block in blocks(page):
        if block.path is None or block.language not in languages:
            continue
        target = folder / block.path
        target.parent.mkdir(parents=True, exist_ok=True)
        with target.open("a" if target in written else "w", encoding="utf-8") as file:
            file.write(block.text)
        written.add(target)


def one(page: str, language: str) -> str:
    """The text of the page's only block in a language."""
    [text] = [block.text for block in blocks(page) if block.language == language]
    return text


def compiled(page: str, document: str, folder: Path) -> Path:
    """The folder with the page's document, compiled, and then its Python files."""
    write_files(page, folder, "yaml")
    command = [sys.executable, "-m", "jararaca.cli", "codegen", document]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stdout + done.stderr
    write_files(page, folder, "python")
    return folder
