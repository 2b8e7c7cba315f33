"""A document cut down to one message: what it stands on, and all that these refer to."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from urllib.parse import unquote

from jararaca_compiler.documents.source import unescape

ODD_KEYS = frozenset(
    {"$id", "$anchor", "$dynamicAnchor", "$dynamicRef", "$recursiveRef", "discriminator"}
)
"""What else gives places names, or leads to them."""
_CUT_DOWN = ("channels", "operations", "components")
Name = tuple[str, ...]
"""A part of a document that is kept or left out: ("channels", key), ("components", kind, key)."""


def tokens_of(pointer: str) -> tuple[str, ...]:
    """The keys that a JSON pointer leads through."""
    return tuple(unescape(token) for token in pointer.split("/")[1:])


def with_value_at(value: Any, tokens: tuple[str, ...], new: Any) -> Any:
    """The value with another one at a place; what is not on the way is shared."""
    if not tokens:
        return new
    first, *rest = tokens
    if isinstance(value, list):
        at = int(first)
        return [*value[:at], with_value_at(value[at], tuple(rest), new), *value[at + 1 :]]
    return {**value, first: with_value_at(value[first], tuple(rest), new)}


def value_at(value: Any, tokens: tuple[str, ...]) -> Any:
    """What stands at a place. Raises LookupError, TypeError or ValueError where nothing does."""
    for token in tokens:
        value = value[int(token)] if isinstance(value, list) else value[token]
    return value


def references(value: Any) -> Iterator[str]:
    """Every `$ref` in a value, whatever it stands in."""
    if isinstance(value, dict):
        ref = value.get("$ref")
        if isinstance(ref, str):
            yield ref
    for child in value.values() if isinstance(value, dict) else value:
        if isinstance(child, dict | list):
            yield from references(child)


def document_slice(root: dict[str, Any], tokens: tuple[str, ...]) -> dict[str, Any]:
    """The document with only what the message, or the users of the schema, need."""
    kept = _users(root, tokens[:3]) if tokens[0] == "components" else {tokens[:2]}
    kept |= {
        ("operations", key)
        for key, operation in _named(root, "operations").items()
        if kept & _names_in(operation)
    }
    for section, value in root.items():
        if section not in _CUT_DOWN:
            kept |= _names_in(value)
    return _only(root, _closure(root, kept))


def has_plain_references(root: dict[str, Any]) -> bool:
    """Whether all that leads from one part to another is `$ref: '#/...'`, straight to its place."""
    waiting: list[Any] = [root]
    while waiting:
        value = waiting.pop()
        if isinstance(value, dict) and not ODD_KEYS.isdisjoint(value):
            return False
        children = value.values() if isinstance(value, dict) else value
        waiting += [child for child in children if isinstance(child, dict | list)]
    return all(ref.startswith("#/") and _leads_straight(root, ref) for ref in references(root))


def _leads_straight(root: dict[str, Any], ref: str) -> bool:
    try:
        value_at(root, tokens_of(unquote(ref[1:])))
    except (LookupError, TypeError, ValueError):
        return False
    return True


def _users(root: dict[str, Any], component: Name) -> set[Name]:
    """A component, and all components and channels that refer to it, or to one that does."""
    named: dict[Name, Any] = {
        ("channels", key): value for key, value in _named(root, "channels").items()
    }
    for kind, members in _named(root, "components").items():
        for key, value in members.items() if isinstance(members, dict) else ():
            named["components", kind, key] = value
    leads = {name: _names_in(value) for name, value in named.items()}
    found: set[Name] = {component}
    while more := {name for name, names in leads.items() if names & found} - found:
        found |= more
    return found


def _closure(root: dict[str, Any], kept: set[Name]) -> set[Name]:
    closed: set[Name] = set()
    while waiting := kept - closed:
        for name in waiting:
            closed.add(name)
            try:
                kept |= _names_in(value_at(root, name))
            except (LookupError, TypeError, ValueError):
                continue  # The compiler says so, and the whole document is compiled.
    return closed


def _only(root: dict[str, Any], kept: set[Name]) -> dict[str, Any]:
    made = dict(root)
    for section in ("channels", "operations"):
        if isinstance(root.get(section), dict):
            made[section] = {k: v for k, v in root[section].items() if (section, k) in kept}
    components = root.get("components")
    if isinstance(components, dict):
        made["components"] = {
            kind: (
                {k: v for k, v in members.items() if ("components", kind, k) in kept}
                if isinstance(members, dict)
                else members
            )
            for kind, members in components.items()
        }
    return made


def _names_in(value: Any) -> set[Name]:
    """The parts of the same document that a value refers to."""
    found: set[Name] = set()
    for ref in references(value) if isinstance(value, dict | list) else ():
        if ref.startswith("#/"):
            tokens = tokens_of(unquote(ref[1:]))
            found.add(tokens[:3] if tokens[0] == "components" else tokens[:2])
    return found


def _named(root: dict[str, Any], section: str) -> dict[str, Any]:
    found = root.get(section)
    return found if isinstance(found, dict) else {}
