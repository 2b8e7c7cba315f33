"""Message objects -> `ir.Message`: names, kind, schemas, examples."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from jararaca_compiler import ir
from jararaca_compiler.documents.expressions import location_of
from jararaca_compiler.documents.node import Node
from jararaca_compiler.lower.addresses.address import parameters
from jararaca_compiler.lower.addresses.places import Places
from jararaca_compiler.lower.amqp import report_encoding
from jararaca_compiler.lower.channels.stream_filters import filter_of_message
from jararaca_compiler.lower.draft import ChannelDraft, Context, MessageDraft, ServiceDraft
from jararaca_compiler.lower.encodings import encoding_of
from jararaca_compiler.lower.examples import examples
from jararaca_compiler.lower.message_names import MessageNames, message_names_of
from jararaca_compiler.lower.message_uses import (
    NOWHERE,
    MessageUse,
    check_chosen,
    kind_of,
    message_uses,
)
from jararaca_compiler.lower.partitioning.extension import partitions_of
from jararaca_compiler.lower.published import metadata
from jararaca_compiler.lower.published.inlining import inlined
from jararaca_compiler.lower.schedules import schedule
from jararaca_compiler.schemas.formats import family_of

ON_INVALID = "x-on-invalid"
ON_INVALID_CHOICES = ("dead-letter", "warn")
Replies = tuple[tuple[str, str], ...]


def lower_messages(
    draft: ServiceDraft, sockets: frozenset[str], context: Context
) -> dict[str, ir.Message]:
    """Every message of a service by its place, in document order; `sockets` are channels' keys."""
    found = {m.ref: m for channel in draft.channels for m in channel.messages}
    for operation in draft.operations:
        found |= {m.ref: m for m in operation.messages if m.ref not in found}
        if operation.reply is not None:
            found |= {m.ref: m for m in operation.reply.messages if m.ref not in found}
    found |= {m.ref: m for m in draft.messages if m.ref not in found}
    uses = message_uses(draft, sockets)
    check_chosen(found, uses, draft, context)
    uses_of = {ref: uses.get(ref, (NOWHERE,)) for ref in found}
    kinds = {
        ref: kind_of(message, uses_of[ref][0].channel, sockets, context)
        for ref, message in found.items()
    }
    names = message_names_of(found)
    replies = _replies(draft, names, kinds)
    places = Places(names, sockets, context)
    channels = {channel.key: channel for channel in draft.channels}
    return {
        ref: _message(
            message,
            names[ref],
            uses_of[ref][0],
            kinds[ref],
            draft.content_type,
            context,
            replies.get(ref, ()),
            [
                (place, channels[place.channel])
                for place in places.of(message, uses_of[ref])
                if kinds[ref] != "websocket"
            ],
        )
        for ref, message in found.items()
    }


def _replies(
    draft: ServiceDraft, names: Mapping[str, MessageNames], kinds: Mapping[str, ir.Kind]
) -> dict[str, Replies]:
    """By the place of each request its answers, of all the operations that it is in.

    These by their keys: their order in the document says nothing.
    """
    found: dict[str, dict[tuple[str, str], None]] = {}
    for operation in sorted(draft.operations, key=lambda each: each.id):
        drafts = () if operation.reply is None else operation.reply.messages
        answers = [answer for answer in drafts if kinds[answer.ref] != "websocket"]
        for message in operation.messages if answers else ():
            if kinds[message.ref] == "websocket":
                continue
            known = found.setdefault(message.ref, {})
            for answer in answers:
                known[names[answer.ref].class_name, names[answer.ref].wire_name] = None
    return {ref: tuple(known) for ref, known in found.items()}


def _message(
    message: MessageDraft,
    identity: MessageNames,
    use: MessageUse,
    kind: ir.Kind,
    content_type: str,
    context: Context,
    replies: Replies,
    elsewhere: Sequence[tuple[ir.Place, ChannelDraft]],
) -> ir.Message:
    channel, fields = use.channel, message.fields
    payload = _payload(message, context)
    report_encoding(fields.get("bindings"), context)
    headers = _schema(fields.get("headers"), None, context)
    described = {} if channel is None else channel.parameters
    topic = "" if channel is None else channel.address
    media = message.text("contentType") or content_type
    encoding = encoding_of(fields.get("payload"), message.schema_format, media, kind, context)
    return ir.Message(
        name=identity.name,
        wire_name=identity.wire_name,
        class_name=identity.class_name,
        kind=kind,
        topic=topic,
        parameters=parameters(topic, described, context.resolver),
        payload=payload,
        headers=headers,
        exchange=use.exchange,
        queue=use.queue,
        mandatory=kind == "task" or use.mandatory,
        content_type=media,
        title=message.text("title"),
        summary=message.text("summary"),
        description=message.text("description"),
        tags=metadata.tag_names(fields.get("tags"), context),
        deprecated=_deprecated(message, payload),
        examples=examples(fields, payload, context),
        span=message.span,
        correlation_id=_correlation_id(fields.get("correlationId"), context),
        publishing=use.publishing,
        metadata=_metadata(message, context),
        replies=replies,
        elsewhere=tuple(
            replace(
                place,
                partitions=partitions_of(message, there, payload, headers, context),
                filter_by=filter_of_message(there, payload, headers, encoding, context),
            )
            for place, there in elsewhere
        ),
        encoding=encoding,
        schedule=schedule(fields.get("x-schedule"), kind, topic, payload, context),
        shared=context.options.shared.package_of(_standing(message, payload)),
        on_invalid=_on_invalid(message, context),
        partitions=partitions_of(message, channel, payload, headers, context),
        filter_by=filter_of_message(channel, payload, headers, encoding, context),
    )


def _on_invalid(message: MessageDraft, context: Context) -> str | None:
    """`x-on-invalid`: what handlers do with one that violates its schema."""
    node = message.fields.get(ON_INVALID)
    if node is None or node.value in ON_INVALID_CHOICES:
        return None if node is None else str(node.value)
    context.report(
        "bad-extension",
        node,
        help="Write `dead-letter` or `warn`.",
        extension=ON_INVALID,
        value=node.value,
    )
    return None


def _standing(message: MessageDraft, payload: ir.Payload) -> Iterator[str]:
    """Where a message is defined: itself, and its payload, by reference too."""
    yield message.ref
    yield f"{payload.path}#{payload.pointer}"
    schema = payload.schema
    if isinstance(schema, dict) and isinstance(schema.get("$ref"), str):
        yield schema["$ref"]


def _metadata(message: MessageDraft, context: Context) -> dict[str, Any]:
    """With the payload as it was written where it is in a language that is not compiled."""
    found = metadata.of_message(message.fields, context)
    payload = message.fields.get("payload")
    if payload is None:
        return found
    value: Any = {"schemaFormat": message.schema_format, "schema": payload.value}
    if isinstance(payload.value, dict) and payload.value.keys() >= value.keys():
        value = payload.value
    if value["schemaFormat"] is not None and family_of(str(value["schemaFormat"])) is None:
        found["payload"] = inlined(Node(value, payload.path, payload.pointer), context)
    return found


def _correlation_id(node: Node | None, context: Context) -> str | None:
    return None if node is None else location_of(context.resolver.follow(node).text("location"))


def _payload(message: MessageDraft, context: Context) -> ir.Payload:
    path, _, pointer = message.ref.partition("#")
    nothing = ir.Payload(True, path, pointer, message.span)
    format = message.schema_format
    if format is not None and family_of(format) is None:
        node = message.fields["schemaFormat"]
        context.report("unsupported-schema-format", node, format=format)
        return nothing
    return _schema(message.fields.get("payload"), format, context) or nothing


def _schema(node: Node | None, format: str | None, context: Context) -> ir.Payload | None:
    if node is None or node.value is None:
        return None
    value = node.value
    if isinstance(value, dict) and "schemaFormat" in value and "schema" in value:
        format = str(value["schemaFormat"])
        if family_of(format) is None:
            at = node.at("schemaFormat", format)
            context.report("unsupported-schema-format", at, format=format)
            return None
        node = node.at("schema", value["schema"])
    foreign = format is not None and family_of(format) != "json"
    if not foreign and not isinstance(node.value, dict | bool):
        return None
    schema = context.resolver.schema(node, format)
    return ir.Payload(schema.value, node.path, node.pointer, context.resolver.span(node))


def _deprecated(message: MessageDraft, payload: ir.Payload) -> bool:
    schema = payload.schema
    node = message.fields.get("x-deprecated") or message.fields.get("deprecated")
    marked = node is not None and node.value is True
    return marked or (isinstance(schema, dict) and schema.get("deprecated") is True)
