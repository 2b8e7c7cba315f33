"""Parts of a document as values without references: tags, bindings, extensions."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from jararaca_compiler.documents.node import Node
from jararaca_compiler.lower.draft import Context
from jararaca_compiler.lower.published.forms.fitting import EXTENSION

_DEEPEST = 64


def inlined(node: Node, context: Context, above: tuple[str, ...] = ()) -> Any:
    """The value with everything that its references lead to in their place.

    A reference that leads nowhere, or back to itself, is an extension: nobody can follow it.
    """
    value = node.value
    if isinstance(value, dict) and isinstance(value.get("$ref"), str):
        target = context.resolver.peek(node)
        if target is None or target.ref in above or len(above) > _DEEPEST:
            return {"x-ref" if key == "$ref" else key: item for key, item in value.items()}
        return inlined(target, context, (*above, target.ref))
    if isinstance(value, dict):
        return {key: inlined(item, context, above) for key, item in node.items()}
    if isinstance(value, list):
        return [inlined(item, context, above) for item in node.elements()]
    return value


def extensions(fields: Iterable[tuple[str, Node]], context: Context) -> dict[str, Any]:
    """The members that begin with `x-`."""
    return {
        key: inlined(item, context) for key, item in fields if EXTENSION.fullmatch(key) is not None
    }
