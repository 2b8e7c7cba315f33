"""A channel's address: its `{parameters}`, and the binding key that matches it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from functools import lru_cache

from jararaca_compiler import ir
from jararaca_compiler.documents.expressions import location_of
from jararaca_compiler.documents.node import Node
from jararaca_compiler.lower.addresses.texts import text_of, texts_of
from jararaca_compiler.naming import Names, argument_name
from jararaca_compiler.references.resolver import Resolver

PARAMETER = re.compile(r"\{([^{}]*)\}")


def parameters(
    address: str, described: Mapping[str, Node], resolver: Resolver
) -> tuple[ir.Parameter, ...]:
    """The parameters in an address, in their order, with what the document says about them."""
    if "{" not in address:
        return ()
    names = Names()
    found: dict[str, ir.Parameter] = {}
    for word, text in enumerate(address.split(".")):
        for name in PARAMETER.findall(text):
            if name not in found:
                python_name = names.take(argument_name(name))
                node = described.get(name)
                found[name] = _parameter(name, python_name, word, node, resolver)
                found[name] = replace(found[name], pattern=_pattern(text, name))
    return tuple(found.values())


def binding_key(address: str) -> str:
    """The address with `*` for every word that is a parameter, or has one inside."""
    return ".".join("*" if PARAMETER.search(word) else word for word in address.split("."))


def overlap(one: str, other: str) -> bool:
    """Whether some routing key matches both binding keys (AMQP 0-9-1, section 3.1.3.3)."""
    return one == other or _overlap(tuple(one.split(".")), tuple(other.split(".")))


@lru_cache(maxsize=20_000)
def _overlap(one: tuple[str, ...], other: tuple[str, ...]) -> bool:
    if "#" not in one and "#" not in other:
        return len(one) == len(other) and all(
            a == b or "*" in (a, b) for a, b in zip(one, other, strict=True)
        )
    if not one or not other:
        return all(word == "#" for word in one or other)
    if one[0] == "#" or other[0] == "#":
        return _overlap(one[1:], other) or _overlap(one, other[1:])
    return (one[0] == other[0] or "*" in (one[0], other[0])) and _overlap(one[1:], other[1:])


def _pattern(word: str, name: str) -> str | None:
    """A regular expression for a word with parameters inside; `name`'s value is its one group.

    A value ends at a slash where the address has slashes, as in MQTT.
    """
    if word == f"{{{name}}}":
        return None
    value = "[^/]+" if "/" in word else ".+?"
    pattern, end, seen = "", 0, False
    for match in PARAMETER.finditer(word):
        pattern += re.escape(word[end : match.start()])
        is_value = match[1] == name and not seen
        pattern += f"({value})" if is_value else f"(?:{value})"
        seen, end = seen or is_value, match.end()
    return pattern + re.escape(word[end:])


def _parameter(
    name: str, python_name: str, word: int, node: Node | None, resolver: Resolver
) -> ir.Parameter:
    if node is None:
        return ir.Parameter(name, python_name, word, None, (), None, ())
    schema = resolver.child(node, "schema") or node
    default = schema.get("default")
    return ir.Parameter(
        name,
        python_name,
        word,
        node.text("description") or schema.text("description"),
        _listed(schema, "enum"),
        None if default is None else text_of(default.value),
        _listed(schema, "examples"),
        location=location_of(node.text("location")),
    )


def _listed(schema: Node, key: str) -> tuple[str, ...]:
    found = schema.get(key)
    return () if found is None else tuple(texts_of(found.value))
