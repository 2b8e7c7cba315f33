"""JSON text -> a value; where its parts stand is scanned only once somebody asks."""

from __future__ import annotations

import bisect
import json
import math
import re
from dataclasses import dataclass
from typing import Any

from jararaca_compiler.diagnostics.diagnostic import Diagnostic, diagnose
from jararaca_compiler.documents.source import Span, unescape

MAX_DEPTH = 200
_TEXT = r'"[^"\\]*(?:\\.[^"\\]*)*"'
_PART = re.compile(rf'(?:({_TEXT})\s*:\s*)?({_TEXT}|[{{\[]|[^\s{{}}\[\],:"]+)|[}}\]]')
"""A value, or what begins one, with the key in front of it; or the end of a value."""
_SURROGATE = re.compile("[\ud800-\udfff]")


@dataclass(slots=True)
class _Node:
    """A value's offsets, its key's, and what it contains by JSON pointer token."""

    start: int
    end: int = 0
    key: tuple[int, int] | None = None
    children: dict[str, _Node] | None = None


class JsonText:
    """One parsed text: its `root`, what is wrong with it, and `locate` for spans."""

    aliased = False

    def __init__(self, path: str, text: str) -> None:
        self.path = path
        self.root: Any = None
        self.diagnostics: list[Diagnostic] = []
        self._text = text
        self._lines: list[int] | None = None
        self._tree: _Node | None = None
        self._repeated = False
        try:
            self.root = json.loads(
                text,
                object_pairs_hook=self._object,
                parse_constant=_refuse_constant,
                parse_float=_finite,
            )
            self._refuse_surrogates()
        except json.JSONDecodeError as error:
            reason = error.msg[:1].lower() + error.msg[1:]
            self._complain(self._at(error.pos, error.pos + 1), reason)
        except RecursionError:
            self._complain(Span(path), f"nested deeper than {MAX_DEPTH} levels")
        except ValueError as error:
            self._complain(Span(path), str(error).split(";")[0])
        if self._repeated:
            self._find_repeated()
        if not self.diagnostics and _depth(self.root) > MAX_DEPTH:
            self.root = None
            self.diagnostics.append(diagnose("nested-too-deep", Span(path), limit=MAX_DEPTH))

    def locate(self, pointer: str, key: bool) -> Span:
        """The span of the value at `pointer` (or of its key), else of the nearest parent."""
        node = self._scanned()
        for token in pointer.split("/")[1:]:
            child = (node.children or {}).get(unescape(token))
            if child is None:
                return self._at(node.start, node.end)
            node = child
        return self._at(*(node.key if key and node.key else (node.start, node.end)))

    def _object(self, pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        value = dict(pairs)
        self._repeated = self._repeated or len(value) != len(pairs)
        return value

    def _complain(self, span: Span, reason: str) -> None:
        self.diagnostics.append(diagnose("invalid-syntax", span, reason=reason))

    def _refuse_surrogates(self) -> None:
        if "\\u" not in self._text:
            return
        text = json.dumps(self.root, ensure_ascii=False)
        if _SURROGATE.search(text):
            at = re.search(r"\\u[dD][89a-fA-F]", self._text)
            place = at.start() if at else 0
            span = self._at(place, place + 6)
            self._complain(span, "half of a surrogate pair is not a character")

    def _find_repeated(self) -> None:
        for first, again, name in _Scanner(self._text).repeated():
            related = ((self._at(*first), "first here"),)
            self.diagnostics.append(
                diagnose("duplicate-key", self._at(*again), related=related, key=name)
            )

    def _scanned(self) -> _Node:
        if self._tree is None:
            try:
                self._tree = _Scanner(self._text).value()
            except (IndexError, KeyError, ValueError):
                self._tree = _Node(0, 1)
        return self._tree

    def _at(self, start: int, end: int) -> Span:
        if self._lines is None:
            self._lines = [0, *(match.end() for match in re.finditer("\n", self._text))]
        line = bisect.bisect_right(self._lines, start)
        end_line = bisect.bisect_right(self._lines, end)
        return Span(
            self.path,
            line,
            start - self._lines[line - 1] + 1,
            end_line,
            end - self._lines[end_line - 1] + 1,
        )


class _Scanner:
    """Walks a text that `json.loads` has accepted, by its tokens, without recursion."""

    def __init__(self, text: str) -> None:
        self.text = text
        self._repeated: list[tuple[tuple[int, int], tuple[int, int], str]] = []

    def repeated(self) -> list[tuple[tuple[int, int], tuple[int, int], str]]:
        """Every key that its object has already: first place, this place, name."""
        self.value()
        return self._repeated

    def value(self) -> _Node:
        """The tree of the whole text."""
        node = top = _Node(0, children={})
        around: list[_Node] = []
        for match in _PART.finditer(self.text):
            key, token = match.groups()
            if token is None:
                node.end = match.end()
                node = around.pop()
                continue
            child = _Node(*match.span(2), match.span(1) if key else None)
            self._add(node, _text(key) if key else str(len(node.children or ())), child)
            if token in "{[":
                child.children = {}
                around.append(node)
                node = child
        return (top.children or {})["0"]

    def _add(self, node: _Node, name: str, child: _Node) -> None:
        children = node.children if node.children is not None else {}
        if child.key is not None:
            first = children.get(name)
            if first is not None and first.key is not None:
                self._repeated.append((first.key, child.key, name))
        children[name] = child


def _text(token: str) -> str:
    return str(json.loads(token)) if "\\" in token else token[1:-1]


def _refuse_constant(name: str) -> Any:
    raise ValueError(f"`{name}` is not allowed in JSON")


def _finite(text: str) -> float:
    value = float(text)
    if not math.isfinite(value):
        raise ValueError(f"the number `{text[:40]}` is too large")
    return value


def _depth(value: Any) -> int:
    depth, level = 0, [value]
    while level and depth <= MAX_DEPTH:
        depth += 1
        level = [
            child
            for item in level
            if isinstance(item, dict | list)
            for child in (item.values() if isinstance(item, dict) else item)
        ]
    return depth
