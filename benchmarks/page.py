"""docs/benchmarks.md: each benchmark writes its own section, and leaves the others alone."""

from __future__ import annotations

from benchmarks import environment

DOCS = environment.ROOT / "docs" / "benchmarks.md"


def put_section(title: str, text: str) -> None:
    """Write a section, which begins with its title, where it was; a new one comes last."""
    page = with_section(DOCS.read_text(encoding="utf-8"), title, text)
    DOCS.write_text(page, encoding="utf-8")


def with_others(page: str, before: str) -> str:
    """A page that was written anew, with those sections of the one before that it has not."""
    titles = {line for line in page.splitlines() if line.startswith("## ")}
    parts = [f"## {each}" for each in before.split("\n## ")[1:]]
    others = [each.rstrip() for each in parts if each.partition("\n")[0] not in titles]
    return "\n\n".join([page.rstrip(), *others]) + "\n"


def with_section(page: str, title: str, text: str) -> str:
    """The page with the section."""
    before, _, after = page.partition(f"{title}\n")
    rest = after.partition("\n## ")[2]
    return f"{before.rstrip()}\n\n{text.rstrip()}\n" + (f"\n## {rest}" if rest else "")
