"""Rules about messages: their names, bodies and channels."""

from __future__ import annotations

from collections.abc import Iterator

from jararaca_compiler import ir
from jararaca_compiler.diagnostics.diagnostic import Diagnostic, diagnose
from jararaca_compiler.reading.load import Documents


def wire_names_are_distinct(service: ir.Service, _: Documents) -> Iterator[Diagnostic]:
    """A receiver tells messages apart by their wire name."""
    first: dict[tuple[str, bool], ir.Message] = {}
    for message in service.messages:
        name = message.wire_name
        known = first.setdefault((name, message.kind == "websocket"), message)
        if known is not message and known.payload.schema != message.payload.schema:
            related = ((known.span, "first here"),)
            yield diagnose("conflicting-message", message.span, related=related, name=name)


def messages_have_schemas(service: ir.Service, _: Documents) -> Iterator[Diagnostic]:
    """A body without a schema is not validated; one that cannot be read is complained of there."""
    for message in service.messages:
        is_written = message.payload.pointer.endswith("/payload") or "payload" in message.metadata
        if message.payload.schema is True and not is_written:
            yield diagnose("message-without-schema", message.span, name=message.name)


def messages_have_channels(service: ir.Service, _: Documents) -> Iterator[Diagnostic]:
    """A message on no channel has no topic; a reply goes to the requester."""
    answers = {name for o in service.operations if o.reply is not None for name in o.reply.messages}
    for message in service.messages:
        if not message.topic and message.name not in answers and message.kind != "websocket":
            yield diagnose("message-without-channel", message.span, name=message.name)


def bodies_are_json(service: ir.Service, _: Documents) -> Iterator[Diagnostic]:
    """The runtime reads and writes JSON, and the binary forms that the schema's language has."""
    for message in service.messages:
        if message.encoding is not None:
            continue
        kind = message.content_type.partition(";")[0].strip().lower()
        if not kind.endswith(("/json", "+json")):
            yield diagnose(
                "content-type-not-json",
                message.span,
                name=message.name,
                content_type=message.content_type,
            )


def publishing_has_effect(service: ir.Service, _: Documents) -> Iterator[Diagnostic]:
    """A publication has one routing key; all else of an AMQP binding goes out with it."""
    for message in service.messages:
        asked = message.publishing
        copies = set(asked.cc) - {message.topic, message.queue}
        values = {"cc": bool(copies), "bcc": bool(asked.bcc)}
        for key in (key for key, is_set in values.items() if is_set):
            yield diagnose("publishing-without-effect", message.span, key=key, name=message.name)
