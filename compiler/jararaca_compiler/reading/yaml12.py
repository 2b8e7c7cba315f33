"""YAML 1.2 text -> a JSON value, with the position of every key and value (core schema only).

libyaml parses; the scalars are resolved here, because PyYAML's own resolver is YAML 1.1's, where
`on` is a boolean and `0o17` a string (YAML 1.2.2, section 10.3.2).
"""

from __future__ import annotations

import contextlib
import gc
import math
import re
from collections.abc import Iterator
from typing import Any

import yaml

from jararaca_compiler.diagnostics.diagnostic import Diagnostic, diagnose
from jararaca_compiler.documents.source import Span, unescape

MAX_DEPTH = 200
MAX_EXPANDED_NODES = 1_000_000
MAX_EVENTS = 600_000
_LARGE = 1_500_000
_INT = re.compile(r"[-+]?[0-9]+\Z|0o[0-7]+\Z|0x[0-9a-fA-F]+\Z")
_FLOAT = re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?\Z")
_NOT_FINITE = re.compile(r"(?:[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN))\Z")
_CONSTANTS = {"": None, "~": None} | {
    spelling: value
    for word, value in (("null", None), ("true", True), ("false", False))
    for spelling in (word, word.capitalize(), word.upper())
}
_CORE = "tag:yaml.org,2002:"
_PLAIN, _QUOTED = "plain", "quoted"


class _Loader(yaml.CSafeLoader):
    """libyaml's composer; a node without a tag of its own is marked plain or quoted."""

    def resolve(self, kind: type, _value: str, implicit: tuple[bool, bool]) -> str:
        return _PLAIN if kind is yaml.ScalarNode and implicit[0] else _QUOTED

    def descend_resolver(self, _parent: Any, _index: Any) -> None:
        """Paths do not matter to the core schema."""

    def ascend_resolver(self) -> None:
        """Paths do not matter to the core schema."""


@contextlib.contextmanager
def _nothing_collected() -> Iterator[None]:
    """No garbage is looked for: every node is kept, and looking takes as long as making them."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()


class _Refused(Exception):
    """Carries one diagnostic out of a recursion."""

    def __init__(self, diagnostic: Diagnostic) -> None:
        self.diagnostic = diagnostic


class YamlText:
    """One parsed text: its `root`, what is wrong with it, and `locate` for spans."""

    def __init__(self, path: str, text: str) -> None:
        self.path = path
        self.root: Any = None
        self.diagnostics: list[Diagnostic] = []
        self.aliased = False
        self._values: dict[int, Any] = {}
        self._sizes: dict[int, int] = {}
        self._open: set[int] = set()
        self._located: dict[int, dict[str, tuple[yaml.Node, yaml.Node]]] = {}
        self._node: yaml.Node | None = None
        try:
            with _nothing_collected():
                self._node = _compose(path, text)
                if self._node is not None:
                    self.root = self._value(self._node, 0)
                    self._refuse_bomb(self._node)
        except _Refused as refused:
            self.diagnostics.append(refused.diagnostic)

    def locate(self, pointer: str, key: bool) -> Span:
        """The span of the value at `pointer` (or of its key), else of the nearest parent."""
        node, key_node = self._node, None
        for token in pointer.split("/")[1:]:
            found = self._child(node, unescape(token))
            if found is None:
                return self._span(node)
            key_node, node = found
        return self._span(key_node if key and key_node is not None else node)

    def _child(
        self, node: yaml.Node | None, token: str
    ) -> tuple[yaml.Node | None, yaml.Node] | None:
        if isinstance(node, yaml.MappingNode):
            if id(node) not in self._located:
                self._located[id(node)] = _members(node)
            return self._located[id(node)].get(token)
        if isinstance(node, yaml.SequenceNode) and token.isdecimal():
            return (None, node.value[int(token)]) if int(token) < len(node.value) else None
        return None

    def _span(self, node: yaml.Node | None) -> Span:
        return Span(self.path) if node is None else _span(self.path, node)

    def _value(self, node: yaml.Node, depth: int) -> Any:
        identity = id(node)
        if identity in self._values:
            self.aliased = True
            return self._values[identity]
        if identity in self._open:
            raise _Refused(diagnose("recursive-alias", self._span(node)))
        if depth > MAX_DEPTH:
            raise _Refused(diagnose("nested-too-deep", self._span(node), limit=MAX_DEPTH))
        self._open.add(identity)
        value: Any
        if isinstance(node, yaml.MappingNode):
            value = self._mapping(node, depth)
        elif isinstance(node, yaml.SequenceNode):
            value = [self._value(item, depth + 1) for item in node.value]
            self._sizes[identity] = 1 + sum(self._sizes[id(item)] for item in node.value)
        else:
            value = self._scalar(node)
            self._sizes[identity] = 1
        self._open.discard(identity)
        self._values[identity] = value
        return value

    def _mapping(self, node: yaml.MappingNode, depth: int) -> dict[str, Any]:
        own: dict[str, Any] = {}
        merged: dict[str, Any] = {}
        seen: dict[str, yaml.Node] = {}
        size = 1
        for key_node, value_node in node.value:
            value = self._value(value_node, depth + 1)
            size += 1 + self._sizes[id(value_node)]
            if _is_merge(key_node):
                for source in value if isinstance(value, list) else [value]:
                    if not isinstance(source, dict):
                        self._complain(key_node, "`<<` merges mappings only")
                    else:
                        merged = {**source, **merged}
                continue
            if not isinstance(key_node, yaml.ScalarNode):
                self._complain(key_node, "a key must be a plain word or a quoted text")
                continue
            key = str(key_node.value)
            if key in seen:
                first = (self._span(seen[key]), "first here")
                self.diagnostics.append(
                    diagnose("duplicate-key", self._span(key_node), related=(first,), key=key)
                )
            seen.setdefault(key, key_node)
            own[key] = value
        self._sizes[id(node)] = size
        return {**{k: v for k, v in merged.items() if k not in own}, **own} if merged else own

    def _scalar(self, node: yaml.Node) -> Any:
        text = str(node.value)
        tag = str(node.tag)
        if tag == _QUOTED or tag == _CORE + "str":
            return text
        if tag != _PLAIN and tag.removeprefix(_CORE) not in ("int", "float", "bool", "null"):
            return self._complain(node, f"the tag `{tag}` is not one of JSON's types")
        if _NOT_FINITE.match(text):
            return self._complain(node, f"`{text}` is not allowed in JSON")
        value = _core(text)
        if isinstance(value, float) and not math.isfinite(value):
            return self._complain(node, f"the number `{text[:40]}` is too large")
        if tag == _CORE + "float" and isinstance(value, int) and not isinstance(value, bool):
            return float(value)
        if tag != _PLAIN and isinstance(value, str):
            return self._complain(node, f"`{text}` is no {tag.removeprefix(_CORE)}")
        return value

    def _complain(self, node: yaml.Node, reason: str) -> None:
        self.diagnostics.append(diagnose("invalid-syntax", self._span(node), reason=reason))

    def _refuse_bomb(self, root: yaml.Node) -> None:
        expanded = self._sizes[id(root)]
        if expanded > MAX_EXPANDED_NODES and expanded > 2 * len(self._sizes):
            raise _Refused(diagnose("alias-bomb", self._span(root), count=expanded))


def _core(text: str) -> Any:
    if text in _CONSTANTS:
        return _CONSTANTS[text]
    if _INT.match(text):
        if text.startswith(("0o", "0x")):
            return int(text, 0)
        return int(text) if len(text) <= 4000 else math.inf
    return float(text) if _FLOAT.match(text) else text


def _is_merge(node: yaml.Node) -> bool:
    return isinstance(node, yaml.ScalarNode) and node.value == "<<" and node.tag == _PLAIN


def _members(node: yaml.MappingNode) -> dict[str, tuple[yaml.Node, yaml.Node]]:
    """What a mapping has by key: its own members first, then those that it merges."""
    found: dict[str, tuple[yaml.Node, yaml.Node]] = {}
    for key_node, value_node in node.value:
        if isinstance(key_node, yaml.ScalarNode) and not _is_merge(key_node):
            found.setdefault(key_node.value, (key_node, value_node))
    for key_node, value_node in node.value:
        if _is_merge(key_node):
            many = isinstance(value_node, yaml.SequenceNode)
            for source in value_node.value if many else [value_node]:
                if isinstance(source, yaml.MappingNode):
                    found = {**_members(source), **found}
    return found


def _span(path: str, node: yaml.Node | yaml.Event) -> Span:
    start, end = node.start_mark, node.end_mark
    assert start is not None and end is not None
    return Span(path, start.line + 1, start.column + 1, end.line + 1, end.column + 1)


def _refuse_gigantic(path: str, text: str) -> None:
    """Count what a large text holds before memory is spent on it."""
    if len(text) < _LARGE:
        return
    with contextlib.suppress(yaml.YAMLError):
        for count, event in enumerate(yaml.parse(text, yaml.CSafeLoader)):
            if count > MAX_EVENTS:
                span = _span(path, event)
                raise _Refused(diagnose("too-large", span, limit=f"{MAX_EVENTS:,}"))


def _compose(path: str, text: str) -> yaml.Node | None:
    _refuse_gigantic(path, text)
    try:
        loader = _Loader(text)
        try:
            node: yaml.Node | None = loader.get_single_node()
            return node
        finally:
            loader.dispose()
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        span = Span(path)
        if mark is not None:
            span = Span(path, mark.line + 1, mark.column + 1, mark.line + 1, mark.column + 2)
        reason = _reason(text, error, span)
    except yaml.reader.ReaderError as error:
        # The position counts the bytes of the UTF-8 text that libyaml has been given.
        before = text.encode()[: int(error.position)].decode("utf-8", "ignore")
        line, column = before.count("\n") + 1, len(before) - before.rfind("\n")
        span = Span(path, line, column, line, column + 1)
        reason = f"the character U+{int(error.character):04X} is not allowed in YAML"
    raise _Refused(diagnose("invalid-syntax", span, reason=reason))


def _reason(text: str, error: yaml.MarkedYAMLError, span: Span) -> str:
    lines = text.split("\n")
    line = lines[span.line - 1] if span.line <= len(lines) else ""
    if line[span.column - 1 : span.column] == "\t":
        return "a tab cannot indent YAML: use spaces"
    if "another document" in (error.problem or ""):
        return "a second YAML document begins here: one file holds one document"
    parts = (error.context, error.problem)
    return ", ".join(part for part in parts if part) or "not YAML"
