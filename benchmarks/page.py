"""docs/benchmarks.md: each benchmark writes its own section, and leaves the others alone."""

from __future__ import annotations

from benchmarks import environment

DOCS = environment.ROOT / "docs" / "benchmarks.md"


def put_section(title: str, text: str) -> None:
    """Write a section, which begins with its title, where it was; a new one comes last."""
    page = with_section(DOCS.read_text(encoding="utf-8"), title, text)
    DOCS.write_text(page, encoding="utf-8")


def with_section(page: str, title: str, text: str) -> str:
    """The page with the section."""
    before, _, after = page.partition(f"{title}\n")
    rest = after.partition("\n## ")[2]
    return f"{before.rstrip()}\n\n{text.rstrip()}\n" + (f"\n## {rest}" if rest else "")
