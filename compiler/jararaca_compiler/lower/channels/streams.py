"""`x-stream` on an event's channel -> the log that keeps it, or what is wrong with it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from jararaca_compiler import ir
from jararaca_compiler.documents.node import Node
from jararaca_compiler.lower.addresses.address import binding_key
from jararaca_compiler.lower.draft import ChannelDraft, Context, ServiceDraft
from jararaca_compiler.lower.topology import Consumption

EXTENSION = "x-stream"
SUFFIX = ".stream"
FILTER = "filter-by"
_KEYS = ("max-age", "max-bytes", FILTER)
_AGE = re.compile(r"([1-9]\d*)([smhdy])")
_UNITS = {"s": "s", "m": "m", "h": "h", "d": "D", "y": "Y"}
"""What RabbitMQ calls them: its `M` are months."""
_SIZE = re.compile(r"([1-9]\d*) ?(B|kB|MB|GB|TB|KiB|MiB|GiB|TiB)?")
_DECIMAL, _BINARY = ("B", "kB", "MB", "GB", "TB"), ("KiB", "MiB", "GiB", "TiB")
_BYTES = {
    **{unit: 1_000**power for power, unit in enumerate(_DECIMAL)},
    **{unit: 1_024**power for power, unit in enumerate(_BINARY, 1)},
}
MOST_SEGMENT, LEAST_SEGMENT = 500_000_000, 1_000_000
"""Bytes of a segment: RabbitMQ's usual, and what still is a file worth having."""
SEGMENTS = 10
"""RabbitMQ drops whole segments: with so many, at most a tenth of what is kept goes at once."""


def streams_of(
    draft: ServiceDraft, messages: Mapping[str, ir.Message], context: Context
) -> dict[str, Consumption]:
    """The log of each channel that has one, by the channel's key, and how its events come to it."""
    asked = {operation.channel.key for operation in draft.operations}
    replies = [operation.reply for operation in draft.operations if operation.reply is not None]
    answers = {reply.channel for reply in replies} - asked
    found: dict[str, Consumption] = {}
    for channel in draft.channels:
        node = channel.node.get(EXTENSION)
        if node is not None:
            kinds = [_kind(messages[each.ref], channel.key) for each in channel.messages]
            queue = _stream(node, channel, kinds, channel.key in answers, context)
            if queue is not None:
                exchange = channel.amqp.exchange
                keys = (binding_key(channel.address),)
                name = None if exchange is None else exchange.name
                found[channel.key] = Consumption(queue, name, keys, channel.span)
    return found


def _kind(message: ir.Message, channel: str) -> ir.Kind:
    """What a message is on a channel: it may be an event here and a task there."""
    return next((each.kind for each in message.elsewhere if each.channel == channel), message.kind)


def _stream(
    found: Node, channel: ChannelDraft, kinds: Sequence[ir.Kind], answers: bool, context: Context
) -> ir.Queue | None:
    """The log of a channel whose messages are of `kinds`; None where it cannot be.

    `answers`: it is where the answers to requests go.
    """
    node = context.resolver.reached(found)
    if node is None:
        return None
    before = len(context.diagnostics)
    for place, problem in _problems(node, channel, kinds, answers):
        context.report("bad-stream", place, reason=problem)
    if len(context.diagnostics) > before:
        return None
    arguments: dict[str, str | int | bool] = {"x-queue-type": "stream"}
    if (age := node.get("max-age")) is not None:
        arguments["x-max-age"] = _age(age.value) or ""
    if (size := node.get("max-bytes")) is not None:
        most = _size(size.value) or 0
        arguments["x-max-length-bytes"] = most
        if most < MOST_SEGMENT * SEGMENTS:
            segment = max(most // SEGMENTS, LEAST_SEGMENT)
            arguments["x-stream-max-segment-size-bytes"] = segment
    return ir.Queue(stream_name(channel), True, False, False, tuple(sorted(arguments.items())))


def stream_name(channel: ChannelDraft) -> str:
    """The same in each service that has the channel: they share the log."""
    exchange = channel.amqp.exchange
    prefix = "" if exchange is None else f"{exchange.name}."
    return f"{prefix}{binding_key(channel.address)}{SUFFIX}"


def _problems(
    node: Node, channel: ChannelDraft, kinds: Sequence[ir.Kind], answers: bool
) -> Iterator[tuple[Node, str]]:
    exchange = channel.amqp.exchange
    if answers:
        yield node, "answers go to who has asked, and to nobody else"
    elif "websocket" in kinds:
        yield node, "WebSocket messages go through no broker"
    elif "task" in kinds:
        yield node, "a task is done once: who reads a log would do it again"
    elif channel.amqp.is_queue or (exchange is not None and exchange.name == ""):
        yield node, "the channel is a queue: a log gets its events through an exchange"
    if not isinstance(node.value, dict):
        yield node, "it is not a mapping"
        return
    for key, child in node.items():
        if key not in _KEYS:
            yield child, f"`{key}` is none of {', '.join(f'`{each}`' for each in _KEYS)}"
        elif child.value is None:
            yield child, f"`{key}` is empty"
    by = node.get(FILTER)
    if by is not None and not isinstance(by.value, str):
        yield by, f"`{FILTER}` is no location: write `$message.payload#/customerId`"
    age, size = node.get("max-age"), node.get("max-bytes")
    if all(key == FILTER for key in node.value):
        yield node, "without `max-age` or `max-bytes` it would grow until the disk is full"
    if age is not None and _age(age.value) is None:
        yield age, f"`{age.value}` is no age: write 90s, 30m, 12h, 30d or 1y"
    if size is not None and _size(size.value) is None:
        least = LEAST_SEGMENT // 1_000_000
        yield size, f"`{size.value}` is no size of {least} MB or more: write 500MB, 50GB or 2TiB"


def _age(value: object) -> str | None:
    """`30d` as RabbitMQ writes it: `30D`."""
    found = _AGE.fullmatch(value) if isinstance(value, str) else None
    return None if found is None else f"{found[1]}{_UNITS[found[2]]}"


def _size(value: object) -> int | None:
    """`50GB` in bytes; a whole number is bytes already."""
    found = None if isinstance(value, bool) else _SIZE.fullmatch(str(value).strip())
    number = 0 if found is None else int(found[1]) * _BYTES[found[2] or "B"]
    return number if LEAST_SEGMENT <= number < 2**63 else None
