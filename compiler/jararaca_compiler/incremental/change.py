"""What has changed in a document, where that is the contents of one message."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from jararaca_compiler.incremental.document_slice import tokens_of, value_at, with_value_at
from jararaca_compiler.incremental.regions import Region, changed_region, text_alone
from jararaca_compiler.incremental.snapshot import Snapshot
from jararaca_compiler.reading.load import parse

_CONTENTS = frozenset({"payload", "headers", "summary", "description", "examples", "tags"})
"""What decides nothing beyond the message's own part of each file."""
_FAR_REACHING = frozenset({"traits", "$ref", "schemaFormat", "oneOf"})
_IDENTIFYING = frozenset(
    {"$id", "$anchor", "$dynamicAnchor", "$dynamicRef", "$recursiveRef", "schemaFormat"}
)
_LEADING = frozenset({"$ref", "discriminator"})
_DEEPEST = 100
"""Half of what is accepted; the message itself stands a few levels deep."""


def change_of(snapshot: Snapshot, path: str, data: bytes) -> tuple[str, Any, Region] | None:
    """The document's text and value now, and the region of the one message that is another."""
    before, value = snapshot.documents[path]
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return None
    region = changed_region(before, text, snapshot.regions[path])
    alone = None if region is None else text_alone(path, before, text, region)
    if region is None or alone is None:
        return None
    read = parse(path, alone)
    tokens = tokens_of(region.pointer)
    if read.diagnostics or read.aliased or _depth(read.root) > _DEEPEST:
        return None
    if not _is_alike(value_at(value, tokens), read.root, tokens):
        return None
    return text, with_value_at(value, tokens, read.root), region


def _is_alike(old: Any, new: Any, tokens: tuple[str, ...]) -> bool:
    """Whether two versions of a message, or a schema, differ in nothing that has other effects."""
    if not isinstance(old, dict) or not isinstance(new, dict):
        return False
    leading = dict(_leading(old, ""))
    if leading != dict(_leading(new, "")) or None in leading.values():
        return False
    if tokens[:2] == ("components", "schemas"):
        return True
    contents = _CONTENTS | {"title"} if tokens[-2] == "messages" else _CONTENTS
    return (
        list(old) == list(new)
        and not _FAR_REACHING & old.keys()
        and all(json.dumps(old[k]) == json.dumps(new[k]) for k in old if k not in contents)
    )


def _leading(value: Any, pointer: str) -> Iterator[tuple[str, str | None]]:
    """By place the keywords that lead elsewhere, and None for what others may find it by."""
    for key, child in value.items() if isinstance(value, dict) else enumerate(value):
        below = f"{pointer}/{key}"
        if key in _IDENTIFYING:
            yield below, None
        elif key in _LEADING:
            yield below, json.dumps(child)
        if isinstance(child, dict | list):
            yield from _leading(child, below)


def _depth(value: Any) -> int:
    children = value.values() if isinstance(value, dict) else value
    if not isinstance(value, dict | list):
        return 0
    return 1 + max(map(_depth, children), default=0)
