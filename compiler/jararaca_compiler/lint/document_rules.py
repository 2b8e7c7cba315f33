"""Lint rules about names and whole documents: one function a rule."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

from jararaca_compiler.documents.node import Node
from jararaca_compiler.lint.finding import Finding, LintContext, children
from jararaca_compiler.naming import snake
from jararaca_compiler.references.reachable import reachable
from jararaca_compiler.schemas.identifiers import DATA

_COMMANDS = frozenset(
    {"create", "update", "delete", "remove", "send", "add", "process", "cancel", "start", "stop"}
    | {"register", "generate", "calculate", "charge", "ship", "reserve", "notify", "publish"}
    | {"approve", "reject", "import", "export", "sync", "refund", "schedule", "execute", "run"}
)
_NOUNS = frozenset({"request", "response", "reply", "result", "options", "event", "settings"})
_HAPPENED = re.compile(r"(..ed|sent|paid|built|made|done|lost|sold|bought|begun)$")
_SNAKE = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)+$")
_CAMEL = re.compile(r"[a-z][a-z0-9]*([A-Z][a-zA-Z0-9]*)+$")
_STYLES = (("snake_case", _SNAKE), ("camelCase", _CAMEL))
_FEWEST, _MINORITY = 10, 0.15
_UNUSED = ("schemas", "parameters", "channels", "operations", "replies")
_COMPONENT_DEPTH = 4
_CALLED = {"replies": "reply"}


def message_without_example(context: LintContext) -> Iterator[Finding]:
    """A message with a payload and nothing to show for it."""
    for service in context.services:
        for message in service.messages:
            if message.payload.schema is not True and not message.examples:
                yield Finding("message-without-example", message.span, {"name": message.name})


def message_without_description(context: LintContext) -> Iterator[Finding]:
    """A message without summary and description, its payload's included."""
    for service in context.services:
        for message in service.messages:
            schema: Any = message.payload.schema
            if isinstance(schema, dict) and isinstance(schema.get("$ref"), str):
                schema = context.resolver.lookup(schema["$ref"]).value
            said = isinstance(schema, dict) and schema.get("description")
            if not (said or message.summary or message.description):
                yield Finding("message-without-description", message.span, {"name": message.name})


def imperative_event(context: LintContext) -> Iterator[Finding]:
    """An event whose name is a command."""
    for service in context.services:
        for message in service.messages:
            if message.kind == "event" and is_command(message.wire_name):
                yield Finding("imperative-event", message.span, {"name": message.name})


def is_command(name: str) -> bool:
    """Whether a name asks for something: `placeOrder`, but not `orderPlaced`."""
    words = snake(name).split("_")
    commanded = words[0] in _COMMANDS and len(words) > 1 and not _is_noun(words)
    return commanded and not _has_happened(words)


def _is_noun(words: list[str]) -> bool:
    """Whether it is the request or the answer that is named: `CreateItemResponse201`."""
    return any(word.rstrip("0123456789") in _NOUNS for word in words)


def past_tense_task(context: LintContext) -> Iterator[Finding]:
    """A task whose name says that it is done."""
    for service in context.services:
        for message in service.messages:
            words = snake(message.wire_name).split("_")
            if message.kind == "task" and _HAPPENED.search(words[-1]) and len(words) > 1:
                yield Finding("past-tense-task", message.span, {"name": message.name})


def _has_happened(words: list[str]) -> bool:
    return any(_HAPPENED.search(word) for word in words[1:])


def mixed_property_case(context: LintContext) -> Iterator[Finding]:
    """A few properties in another style than nearly all of the document's."""
    by_path: dict[str, list[tuple[str, Node]]] = {}
    for node in context.schemas:
        within = node.get("properties")
        if within is not None and isinstance(within.value, dict):
            by_path.setdefault(node.path, []).extend((name, within) for name in within.value)
    for named in by_path.values():
        yield from _minority_spellings(named, context)


def _minority_spellings(named: list[tuple[str, Node]], context: LintContext) -> Iterator[Finding]:
    """`named` has each property's name, and the mapping that it is in."""
    styled = {style: [n for n in named if form.match(n[0])] for style, form in _STYLES}
    (style, most), (_, odd) = sorted(styled.items(), key=lambda s: -len(s[1]))
    if not odd or len(most) < _FEWEST or len(odd) > _MINORITY * len(most):
        return
    names = sorted({name for name, _ in odd})
    shown = ", ".join(f"`{name}`" for name in names[:5])
    more = f" and {len(names) - 5} more" if len(names) > 5 else ""
    name, within = odd[0]
    place = within.at(name, within.value[name])
    yield context.find("mixed-property-case", place, key=True, style=style, names=shown + more)


def operation_without_id(context: LintContext) -> Iterator[Finding]:
    """An AsyncAPI 2 operation that only its channel names."""
    for document in context.documents.roots:
        root = context.resolver.root(document)
        if not (root.text("asyncapi") or "").startswith("2."):
            continue
        for address, place in children(root, "channels"):
            channel = context.resolver.follow(place)
            for verb in ("publish", "subscribe"):
                operation = channel.get(verb)
                if operation is not None and operation.get("operationId") is None:
                    name = snake(f"{'on' if verb == 'publish' else 'send'} {address}")
                    yield context.find("operation-without-id", operation, key=True, suggestion=name)


def unused_component(context: LintContext) -> Iterator[Finding]:
    """A component that no reference of any document leads to."""
    declared = list(_components(context))
    used = _used(context) if declared else set()
    for kind, name, node in declared:
        if node.ref not in used:
            called = _CALLED.get(kind, kind.removesuffix("s"))
            yield context.find("unused-component", node, key=True, kind=called, name=name)


def _components(context: LintContext) -> Iterator[tuple[str, str, Node]]:
    """Kind, name and place of each component of the documents that use their own."""
    for document in context.documents.roots:
        root = context.resolver.root(document)
        channels, components = root.get("channels"), root.get("components")
        if components is None or channels is None or not channels.value:
            continue  # A file of shared components is used by documents that are not here.
        for kind in _UNUSED:
            yield from ((kind, name, node) for name, node in children(components, kind))


def _used(context: LintContext) -> set[str]:
    """The components that something outside of them refers to."""
    found: set[str] = set()
    documents = {
        d.path: d for root in context.documents.roots for d in reachable(root, context.documents)
    }
    waiting = [context.resolver.root(document) for document in documents.values()]
    while waiting:
        node = waiting.pop()
        for target in context.resolver.leads_to(node):
            path, _, pointer = target.partition("#")
            component = f"{path}#{'/'.join(pointer.split('/')[:_COMPONENT_DEPTH])}"
            if not node.ref.startswith(f"{component}/"):
                found.add(component)
        waiting += [child for key, child in node.parts() if key not in DATA]
    return found


def password_in_server(context: LintContext) -> Iterator[Finding]:
    """User and password in a published address."""
    for document in context.documents.roots:
        root = context.resolver.root(document)
        for name, place in children(root, "servers"):
            node = context.resolver.follow(place)
            for key in ("url", "host"):
                address = node.text(key)
                if address is not None and _has_password(address):
                    yield context.find("password-in-server", node.at(key, address), name=name)


def _has_password(address: str) -> bool:
    try:
        password = urlsplit(address if "://" in address else f"//{address}").password
    except ValueError:
        return False
    return bool(password) and re.fullmatch(r"(\{[^{}]*\})+", str(password)) is None
