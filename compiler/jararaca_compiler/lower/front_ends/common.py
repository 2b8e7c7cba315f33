"""What the AsyncAPI front ends share: channels, message places, names by where a thing stands."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import PurePosixPath

from jararaca_compiler import ir
from jararaca_compiler.documents.node import Node
from jararaca_compiler.documents.source import Document, unescape
from jararaca_compiler.lower.addresses.generated_addresses import RoutingKey, routing_address
from jararaca_compiler.lower.amqp import channel_binding, message_type
from jararaca_compiler.lower.draft import ChannelDraft, Context, MessageDraft, ServiceDraft
from jararaca_compiler.lower.published import metadata
from jararaca_compiler.naming import pascal, snake
from jararaca_compiler.references.traits import merged


def service_draft(document: Document, root: Node, context: Context) -> ServiceDraft:
    """The service with what every version says in the same place."""
    info = context.resolver.child(root, "info") or root.at("info", {})
    tags = info.get("tags") or root.get("tags")
    title = info.text("title") or PurePosixPath(document.path).stem
    version = info.get("version")
    return ServiceDraft(
        documents=(document,),
        name=snake(context.word(root, "x-service") or title),
        title=title,
        version="" if version is None else str(version.value),
        description=info.text("description"),
        asyncapi=root.text("asyncapi"),
        content_type=root.text("defaultContentType") or "application/json",
        tags=metadata.tag_names(tags, context),
        shared_schemas=_shared_schemas(root, context),
        metadata=metadata.of_document(root, info, context),
    )


def _shared_schemas(root: Node, context: Context) -> tuple[str, ...]:
    components = context.resolver.child(root, "components")
    found = (
        [] if components is None else [node for _, node in members(components, "schemas", context)]
    )
    return tuple(node.ref for node in found if isinstance(node.value, dict | bool))


def server(name: str, host: str, node: Node, context: Context) -> ir.Server:
    """A server; `host` is its address without the protocol."""
    user, at, address = host.rpartition("@")
    if at and "/" not in user and not _has_only_variables(user):
        context.report("password-in-server", node, server=name)
        host = address
    return ir.Server(
        name,
        host,
        node.text("protocol") or "",
        node.text("description"),
        tags=metadata.tag_names(node.get("tags"), context),
        security=metadata.security(node.get("security"), context),
        metadata=metadata.of_server(node, context),
    )


_VARIABLE = re.compile(r"\{[^{}]*\}")


def _has_only_variables(user: str) -> bool:
    """Whether user and password are variables, `{user}:{password}`, which give nothing away."""
    return not _VARIABLE.sub("", user).strip(":")


def members(node: Node, key: str, context: Context) -> list[tuple[str, Node]]:
    """What the mapping at `key` holds, its own reference followed; nothing where there is none."""
    found = context.resolver.child(node, key)
    return [] if found is None else list(found.items())


def channel_draft(
    key: str,
    address: str | None,
    place: Node,
    channel: Node,
    messages: tuple[MessageDraft, ...],
    context: Context,
    servers: tuple[str, ...] = (),
    routing_keys: Sequence[RoutingKey] = (),
) -> ChannelDraft:
    """A channel; `place` is where it is named, `channel` where it is described."""
    at = channel.get("address") or place
    resolver = context.resolver
    parameters = channel.get("parameters")
    amqp = channel_binding(channel, context)
    return ChannelDraft(
        key=key,
        address=routing_address(key if address is None else address, amqp, routing_keys, messages),
        has_address=address is not None,
        node=channel,
        parameters=_followed(parameters, context),
        amqp=amqp,
        messages=messages,
        span=resolver.span(at, key=at is place),
        servers=servers,
    )


def message_draft(
    place: Node, context: Context, *, key: str | None, fallback: str, own_wins: bool
) -> MessageDraft:
    """A message; `key` is what it is called at `place`, where it stands nowhere else by name."""
    node = context.resolver.follow(place)
    fields = merged(node, context.resolver, own_wins=own_wins)
    format = fields.get("schemaFormat")
    said = None if format is None else format.value
    return MessageDraft(
        ref=node.ref,
        key=own_key(node) or key or _last_token(place, node),
        fallback=fallback,
        fields=fields,
        span=context.resolver.span(node, key=True),
        schema_format=said if isinstance(said, str) else None,
        message_type=message_type(fields.get("bindings"), context),
    )


def own_key(node: Node) -> str | None:
    """What a message is called where it stands: its key in a `messages` mapping."""
    parent, _, last = node.pointer.rpartition("/")
    return unescape(last) if parent.endswith("/messages") else None


def unused_messages(root: Node, context: Context, *, own_wins: bool) -> list[MessageDraft]:
    """The messages in `components`, each of which a service also has that sends none of them."""
    components = context.resolver.child(root, "components")
    found = [] if components is None else members(components, "messages", context)
    return [
        message_draft(place, context, key=key, fallback=pascal(key), own_wins=own_wins)
        for key, place in found
        if not (isinstance(place.value, dict) and "oneOf" in place.value)
    ]


def _last_token(place: Node, node: Node) -> str | None:
    """What a reference calls a message that stands outside of any `messages`."""
    if node.ref == place.ref:
        return None
    if not node.pointer:
        return PurePosixPath(node.path).name.split(".")[0]
    last = unescape(node.pointer.rpartition("/")[2])
    return None if last.isdecimal() or last == "message" else last


def _followed(node: Node | None, context: Context) -> Mapping[str, Node]:
    if node is None:
        return {}
    return {key: context.resolver.follow(value) for key, value in node.items()}
