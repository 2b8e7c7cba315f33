"""The fenced blocks of a page in docs/: so that a test does what the page says."""

from __future__ import annotations

import re
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
