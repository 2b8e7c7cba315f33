"""Helpers of the site's tests: documents as text, published, and the links in what comes out."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

from jararaca_compiler.emit.site import emit_site
from jararaca_compiler.lower import lower
from jararaca_compiler.reading.load import load
from jararaca_compiler.references.resolver import Resolver


def published(sources: list[str], root: Path) -> dict[str, str]:
    """Path -> text of the site of these sources, with a document beside each service."""
    documents, _ = load(sources, root)
    resolver = Resolver(documents)
    services, _ = lower(documents, None, resolver)
    beside = {f"{service.name}/asyncapi.json": "{}\n" for service in services}
    files = emit_site(services, resolver.lookup, documents=beside)
    return {file.path: file.source for file in files}


def readable(text: str) -> str:
    """A page without what colours its code and says where its names may break."""
    return re.sub(r"<wbr>|</?span[^>]*>", "", text)


class Page(HTMLParser):
    """The elements of one page: their names, their attributes, and the headings' levels."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str]]] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, {name: value or "" for name, value in attrs}))

    def values(self, attribute: str) -> list[str]:
        """Every value of an attribute, in order."""
        return [found[attribute] for _, found in self.elements if attribute in found]

    @property
    def levels(self) -> list[int]:
        """The headings' levels, in order."""
        return [int(t[1]) for t, _ in self.elements if t in {"h1", "h2", "h3", "h4", "h5", "h6"}]


def broken_links(files: dict[str, str]) -> Iterator[str]:
    """Every address in the pages that leads to no file, or to no element of a page."""
    pages = {path: Page(text) for path, text in files.items() if path.endswith(".html")}
    for path, page in pages.items():
        for address in [*page.values("href"), *page.values("src")]:
            parts = urlsplit(address)
            if parts.scheme:
                continue
            target = posixpath.normpath(
                posixpath.join(posixpath.dirname(path), unquote(parts.path))
            )
            target = target if parts.path else path
            if target not in files:
                yield f"{path}: {address} is no file"
            elif parts.fragment and unquote(parts.fragment) not in pages[target].values("id"):
                yield f"{path}: {address} is no place"
