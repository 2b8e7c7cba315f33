"""`filter-by` of `x-stream`: where a message has the value that its stream's readers choose by."""

from __future__ import annotations

from jararaca_compiler import ir
from jararaca_compiler.documents.node import Node
from jararaca_compiler.lower.channels.streams import EXTENSION, FILTER
from jararaca_compiler.lower.draft import ChannelDraft, Context
from jararaca_compiler.lower.partitioning.keys import problem_of_key


def filter_of(channel: ChannelDraft | None, context: Context) -> str | None:
    """What a channel's stream is filtered by; None where it is not, or it is no text."""
    by = _said(channel, context)
    return None if by is None else str(by.value)


def _said(channel: ChannelDraft | None, context: Context) -> Node | None:
    found = None if channel is None else channel.node.get(EXTENSION)
    by = None if found is None else context.resolver.follow(found).get(FILTER)
    return by if by is not None and isinstance(by.value, str) else None


def filter_of_message(
    channel: ChannelDraft | None,
    payload: ir.Payload,
    headers: ir.Payload | None,
    encoding: ir.Encoding | None,
    context: Context,
) -> str | None:
    """The same for a message of the channel, which must have a value there, or it is reported."""
    place = _said(channel, context)
    if place is None:
        return None
    by = str(place.value)
    problem = problem_of_key(by, payload, headers, context.resolver)
    if encoding is not None and by.startswith("$message.payload"):
        problem = "is in a body of Avro or Protobuf: publishers write it from JSON, or a header"
    if problem is None:
        return by
    context.report("bad-stream", place, reason=f"`{by}` {problem}")
    return None
