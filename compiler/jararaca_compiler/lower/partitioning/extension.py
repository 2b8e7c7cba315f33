"""`x-partitions` on channels and messages -> `ir.Partitions`, or what is wrong, at its place."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from jararaca_compiler import ir
from jararaca_compiler.documents.node import Node
from jararaca_compiler.lower.draft import ChannelDraft, Context, MessageDraft
from jararaca_compiler.lower.partitioning.keys import problem_of_key
from jararaca_compiler.references.resolver import Resolver

EXTENSION = "x-partitions"
MOST = 64
"""Each is a Raft group of its own, with files and memory on every node that has a replica."""

_KEYS = ("count", "by")
_CHOSEN = ("x-single-active-consumer", "x-queue-leader-locator")
"""What a partition's queue is declared with, whatever the document says."""


def count_of(channel: ChannelDraft, resolver: Resolver) -> int | None:
    """How many queues a channel's receivers have; None where it is not divided, or wrongly."""
    node = _said(channel.node.get(EXTENSION), resolver)
    count = None if node is None else node.get("count")
    return count.value if count is not None and _is_count(count.value) else None


def partitions_of(
    message: MessageDraft,
    channel: ChannelDraft | None,
    payload: ir.Payload,
    headers: ir.Payload | None,
    context: Context,
) -> ir.Partitions | None:
    """How a message is divided on a channel; None where it is not, or cannot be."""
    theirs = None if channel is None else _said(channel.node.get(EXTENSION), context.resolver)
    if theirs is None or channel is None:
        return None
    own = _said(message.fields.get(EXTENSION), context.resolver)
    count = count_of(channel, context.resolver)
    by = (None if own is None else own.get("by")) or theirs.get("by")
    if count is None or by is None or not isinstance(by.value, str):
        return None  # Told of the channel.
    problem = problem_of_key(by.value, payload, headers, context.resolver)
    if problem is not None:
        context.report("bad-partitions", by, reason=f"`{by.value}` {problem}")
        return None
    return ir.Partitions(count, by.value)


def report_partitions(
    channel: ChannelDraft, over_websockets: bool, answers: bool, context: Context
) -> None:
    """Complain of a channel that cannot be divided, and of what it says of that."""
    for message in channel.messages:
        own = _said(message.fields.get(EXTENSION), context.resolver)
        if own is not None and (problem := _problem_of_message(own)) is not None:
            context.report("bad-partitions", own, reason=problem)
    node = _said(channel.node.get(EXTENSION), context.resolver)
    if node is None:
        return
    for place, problem in _problems(node, channel):
        context.report("bad-partitions", place, reason=problem)
    if over_websockets:
        context.report("bad-partitions", node, reason="a WebSocket has no queues")
    if answers:
        reason = "answers go to who asked, not to the channel's queues"
        context.report("bad-partitions", node, reason=reason)
    for problem in _problems_of_queue(channel):
        context.report("bad-partitions", node, reason=problem)


def report_undivided(channels: Sequence[ChannelDraft], context: Context) -> None:
    """Tell of messages that say what they are divided by, where no channel of theirs is divided."""
    divided = {m.ref for each in channels if each.node.get(EXTENSION) for m in each.messages}
    undivided = {
        own.ref: own
        for channel in channels
        for message in channel.messages
        if (own := message.fields.get(EXTENSION)) is not None and message.ref not in divided
    }
    for own in undivided.values():
        context.report("partitions-without-effect", own)


def report_priority(channel: ChannelDraft, publishing: ir.Publishing, context: Context) -> None:
    """Complain of a priority, which would let a message overtake those before it."""
    node = channel.node.get(EXTENSION)
    if node is not None and publishing.priority is not None:
        reason = "a publication's `priority` would let it overtake those of its key"
        context.report("bad-partitions", node, reason=reason)


def _said(node: Node | None, resolver: Resolver) -> Node | None:
    """What is said in the end; None for nothing, and for a `$ref` to nothing, which is told."""
    return None if node is None else resolver.reached(node)


def _problem_of_message(own: Node) -> str | None:
    if not isinstance(own.value, dict) or own.value.keys() != {"by"}:
        return "a message says `by` alone; how many there are is its channel's `count`"
    return None if isinstance(own.value["by"], str) else "`by` is no text"


def _problems(node: Node, channel: ChannelDraft) -> Iterator[tuple[Node, str]]:
    if not isinstance(node.value, dict):
        yield node, "it is not a mapping"
        return
    unknown = [(key, child) for key, child in node.items() if key not in _KEYS]
    for key, child in unknown:
        yield child, f"`{key}` is none of {', '.join(f'`{each}`' for each in _KEYS)}"
    count, by = node.get("count"), node.get("by")
    if (not unknown or "count" in node.value) and not _is_count(node.value.get("count")):
        yield count or node, f"`count` is a whole number from 1 to {MOST}"
    lacking = [each for each in channel.messages if EXTENSION not in each.fields]
    missing = by is None and (lacking or "by" in node.value)
    if (missing and not unknown) or (by is not None and not isinstance(by.value, str)):
        yield by or node, "`by` says where each message has its key"


def _problems_of_queue(channel: ChannelDraft) -> Iterator[str]:
    exchange, queue = channel.amqp.exchange, channel.amqp.queue
    if exchange is not None and exchange.name == "":
        yield "AMQP's default exchange leads to one queue alone: name another exchange"
    if queue is None:
        return
    if queue.exclusive or queue.auto_delete or not queue.durable:
        yield "its queue is exclusive, deleted by itself or not durable, and cannot be shared"
    arguments: dict[str, Any] = dict(queue.arguments)
    if arguments.get("x-queue-type", "quorum") != "quorum" or "x-max-priority" in arguments:
        yield "partitions are quorum queues, and its queue asks for another type, or priorities"
    for key in _CHOSEN:
        if key in arguments:
            yield f"the queues of its partitions are declared with `{key}` anyway: delete it"


def _is_count(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 1 <= value <= MOST
