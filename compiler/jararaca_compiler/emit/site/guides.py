"""The project's own guides: Markdown that can neither script a page nor fetch anything."""

from __future__ import annotations

import posixpath
import re
from base64 import b64encode
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise
from typing import Any, cast
from urllib.parse import quote, unquote, urlsplit

from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.token import Token
from markupsafe import Markup, escape

from jararaca_compiler.emit.site.code.highlight import Language, highlight
from jararaca_compiler.project.guides import IMAGES, MARKDOWN, Guides

MessageUrl = Callable[[str], str | None]
_LANGUAGES = {
    "json": "json",
    "py": "python",
    "python": "python",
    "typescript": "typescript",
    "sh": "shell",
    "bash": "shell",
    "shell": "shell",
    "console": "shell",
    "ts": "typescript",
}
_ELSEWHERE = frozenset({"http", "https", "mailto"})
_MESSAGE = "message"
Lead = tuple[str, tuple[str, str]]
"""An address, and the guide and the anchor in it that it leads to."""

NOWHERE = ("", "nowhere")
_NOT_SLUG = re.compile(r"[^\w-]+")
_ORDER = re.compile(r"\d+[-_. ]+")
_FIRST = ("index", "readme")
_LONGEST_WORDS = 300


@dataclass(frozen=True, slots=True)
class Section:
    """A part of a guide, as the search finds it; `anchor` is empty at the beginning."""

    title: str
    anchor: str
    words: str


@dataclass(frozen=True, slots=True)
class Guide:
    """A page: its address, its title, what stands below the title, and its sections.

    `path` is where it was read; `dead` are its addresses that lead nowhere.
    """

    path: str
    url: str
    title: str
    body: Markup
    sections: tuple[Section, ...]
    dead: tuple[str, ...] = ()


def guides_of(given: Guides, message_url: MessageUrl) -> tuple[Guide, ...]:
    """The guides in their order: an index first in its folder, then by name."""
    urls = {path: f"guides/{quote(path.removesuffix(MARKDOWN))}.html" for path in given.texts}
    made = [
        _guide(_Place(path, urls, given, message_url))
        for path in sorted(given.texts, key=_order_of)
    ]
    anchors = {(guide.path, part.anchor) for guide, _ in made for part in guide.sections}
    return tuple(
        replace(guide, dead=tuple(each for each, where in leads if where not in anchors))
        for guide, leads in made
    )


def is_first(path: str) -> bool:
    """Whether a guide is its folder's index."""
    return path.rpartition("/")[2].removesuffix(MARKDOWN).casefold() in _FIRST


def _order_of(path: str) -> tuple[str, bool, str]:
    folder, _, name = path.rpartition("/")
    return folder, not is_first(path), name.casefold()


def _guide(place: _Place) -> tuple[Guide, list[Lead]]:
    """A page, and where its links lead."""
    path, given = place.path, place.given
    reader = MarkdownIt("commonmark", {"html": False}, renderer_cls=_Renderer)
    reader.enable(["table", "strikethrough"])
    # Addresses are judged where they are rendered: only there it is known where they lead.
    reader.validateLink = lambda url: True  # type: ignore[method-assign]
    tokens = reader.parse(given.texts[path])
    title = _title_of(path, tokens)
    if tokens and tokens[0].type == "heading_open" and tokens[0].tag == "h1":
        tokens = tokens[3:]
    sections = tuple(_sections(title, tokens))
    _label_cells(tokens)
    renderer = cast(_Renderer, reader.renderer)
    renderer.place = place
    body = Markup(renderer.render(tokens, reader.options, {}))
    return Guide(path, place.urls[path], title, body, sections), place.leads


def _title_of(path: str, tokens: Sequence[Token]) -> str:
    for token, inline in pairwise(tokens):
        if token.type == "heading_open" and token.tag == "h1":
            return _plain(inline)
    return words_of(path.removesuffix(MARKDOWN).rpartition("/")[2])


def words_of(name: str) -> str:
    """A file's name as a title: without its number, in words."""
    words = _ORDER.sub("", name, count=1).replace("-", " ").replace("_", " ").strip()
    return (words or name)[:1].upper() + (words or name)[1:]


def _sections(title: str, tokens: Sequence[Token]) -> Iterator[Section]:
    """Gives each heading its anchor, and collects the words below it."""
    taken: set[str] = set()
    called, anchor, words = title, "", ""
    for index, token in enumerate(tokens):
        if token.type == "heading_open":
            yield Section(called, anchor, words.strip()[:_LONGEST_WORDS])
            called, words = _plain(tokens[index + 1]), ""
            anchor = _unique(_NOT_SLUG.sub("-", called.casefold()).strip("-") or "part", taken)
            token.attrSet("id", anchor)
            token.tag = tokens[index + 2].tag = f"h{max(2, int(token.tag[1]))}"
        elif token.type == "inline" and tokens[index - 1].type != "heading_open":
            words += f" {_plain(token)}"
    yield Section(called, anchor, words.strip()[:_LONGEST_WORDS])


def _label_cells(tokens: Sequence[Token]) -> None:
    """A cell says its column: on a phone a row is a card."""
    heads: list[str] = []
    column = 0
    for token, inline in pairwise(tokens):
        if token.type == "thead_open":
            heads = []
        elif token.type == "tr_open":
            column = 0
        elif token.type == "th_open":
            heads.append(_plain(inline))
        elif token.type == "td_open":
            token.attrSet("data-label", heads[column] if column < len(heads) else "")
            column += 1


def _unique(wanted: str, taken: set[str]) -> str:
    # The page has ids of its own; ours do not meet them.
    candidate, number = f"guide-{wanted}", 2
    while candidate in taken:
        candidate, number = f"guide-{wanted}-{number}", number + 1
    taken.add(candidate)
    return candidate


def _plain(inline: Token) -> str:
    kept = (t.content for t in inline.children or () if t.type in ("text", "code_inline"))
    return " ".join("".join(kept).split())


@dataclass(frozen=True, slots=True)
class _Place:
    """Where addresses in a guide lead; `leads` are those within the guides, and the dead ones."""

    path: str
    urls: dict[str, str]
    given: Guides
    message_url: MessageUrl
    leads: list[Lead] = field(default_factory=list)

    def opened(self, address: str) -> str | None:
        """What a page may link to, and noted."""
        target = self.link(address)
        parts = urlsplit(address)
        if target is None:
            self.leads.append((address, NOWHERE))
        elif parts.fragment and not parts.scheme:
            beside = self._beside(parts.path) if parts.path else self.path
            self.leads.append((address, (beside, f"guide-{parts.fragment}")))
        return target

    def link(self, address: str) -> str | None:
        """What a page may link to; None for anything else."""
        parts = urlsplit(address)
        if parts.scheme in _ELSEWHERE:
            return address
        root = "../" * self.urls[self.path].count("/")
        if parts.scheme == _MESSAGE:
            found = self.message_url(unquote(parts.path))
            return None if found is None else root + found
        if parts.scheme or parts.netloc:
            return None
        target = self._beside(parts.path) if parts.path else self.path
        if target not in self.urls:
            return None
        fragment = f"#guide-{parts.fragment}" if parts.fragment else ""
        return fragment if not parts.path else root + self.urls[target] + fragment

    def image(self, address: str) -> str | None:
        """An image beside the guide, as part of the page."""
        path = self._beside(urlsplit(address).path)
        if urlsplit(address).scheme or path not in self.given.images:
            return None
        kind = IMAGES[posixpath.splitext(path)[1].lower()]
        return f"data:{kind};base64,{b64encode(self.given.images[path]).decode()}"

    def _beside(self, path: str) -> str:
        return posixpath.normpath(posixpath.join(posixpath.dirname(self.path), unquote(path)))


class _Renderer(RendererHTML):
    """Links and images that lead nowhere are their words; tables can be moved sideways."""

    place: _Place

    def link_open(self, tokens: Sequence[Token], index: int, options: Any, env: Any) -> str:
        target = self.place.opened(str(tokens[index].attrGet("href") or ""))
        if target is None:
            return "<span>"
        return f'<a href="{escape(target)}" rel="noopener noreferrer">'

    def link_close(self, tokens: Sequence[Token], index: int, options: Any, env: Any) -> str:
        opened = next(t for t in reversed(tokens[:index]) if t.type == "link_open")
        target = self.place.link(str(opened.attrGet("href") or ""))
        return "</span>" if target is None else "</a>"

    def image(self, tokens: Sequence[Token], index: int, options: Any, env: Any) -> str:
        words = escape(_plain(tokens[index]))
        address = str(tokens[index].attrGet("src") or "")
        source = self.place.image(address)
        if source is None:
            self.place.leads.append((address, NOWHERE))
        return str(words) if source is None else f'<img src="{source}" alt="{words}">'

    def fence(self, tokens: Sequence[Token], index: int, options: Any, env: Any) -> str:
        token = tokens[index]
        language = _LANGUAGES.get(token.info.strip().partition(" ")[0].casefold())
        code = (
            highlight(token.content, cast(Language, language))
            if language
            else escape(token.content)
        )
        return f'<pre tabindex="0" role="group" aria-label="Code"><code>{code}</code></pre>\n'

    def code_block(self, tokens: Sequence[Token], index: int, options: Any, env: Any) -> str:
        return self.fence(tokens, index, options, env)

    def table_open(self, tokens: Sequence[Token], index: int, options: Any, env: Any) -> str:
        return '<div class="scroll" tabindex="0" role="group" aria-label="Table"><table>\n'

    def table_close(self, tokens: Sequence[Token], index: int, options: Any, env: Any) -> str:
        return "</table></div>\n"
