"""Traits, merged into what applies them (JSON Merge Patch, RFC 7396)."""

from __future__ import annotations

from typing import Any

from jararaca_compiler.documents.node import Node
from jararaca_compiler.references.resolver import Resolver

_SCHEMAS = frozenset({"headers", "payload"})


def merged(node: Node, resolver: Resolver, *, own_wins: bool) -> dict[str, Node]:
    """The fields of an operation or a message, its traits included, each with its own place.

    AsyncAPI 3.0 lets the target's own values win ("Traits Merge Mechanism"); in 2.x a trait is a
    patch that is applied to the target, so the later one wins.
    """
    layers = [_fields(resolver.follow(trait)) for trait in _traits(node)]
    own = _fields(node)
    result: dict[str, Node] = {}
    for layer in [*layers, own] if own_wins else [own, *layers]:
        for key, value in layer.items():
            if value.value is None:
                result.pop(key, None)
            elif key in result:
                result[key] = _patched(key, result[key], value, resolver)
            else:
                result[key] = value
    return result


def _traits(node: Node) -> list[Node]:
    traits = node.get("traits")
    return [] if traits is None else list(traits.elements())


def _fields(node: Node) -> dict[str, Node]:
    return {key: value for key, value in node.items() if key != "traits"}


def _patched(key: str, under: Node, over: Node, resolver: Resolver) -> Node:
    if key in _SCHEMAS:
        under, over = resolver.schema(under), resolver.schema(over)
    else:
        under, over = resolver.follow(under), resolver.follow(over)
    if not isinstance(under.value, dict) or not isinstance(over.value, dict):
        return over
    value = merge_patch(under.value, over.value)
    return Node(value, over.path, over.pointer, key in _SCHEMAS)


def merge_patch(target: Any, patch: Any) -> Any:
    """RFC 7396, section 2: mappings merge, null deletes, anything else replaces."""
    if not isinstance(patch, dict):
        return patch
    result = dict(target) if isinstance(target, dict) else {}
    for key, value in patch.items():
        if value is None:
            result.pop(key, None)
        else:
            result[key] = merge_patch(result.get(key), value)
    return result
