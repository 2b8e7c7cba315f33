"""`x-partitions` on channels and messages -> `ir.Partitions`, or what is wrong, at its place."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from jararaca_compiler import ir
from jararaca_compiler.documents.node import Node
from jararaca_compiler.lower.draft import ChannelDraft, Context, MessageDraft
from jararaca_compiler.lower.partitioning.keys import problem_of_key

EXTENSION = "x-partitions"
MOST = 64
"""Each is a Raft group of its own, with files and memory on every node that has a replica."""

_KEYS = ("count", "by")
_CHOSEN = ("x-single-active-consumer", "x-queue-leader-locator")
"""What a partition's queue is declared with, whatever the document says."""


def count_of(channel: ChannelDraft) -> int | None:
    """How many queues a channel's receivers have; None where it is not divided, or wrongly."""
    node = channel.node.get(EXTENSION)
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
    own = message.fields.get(EXTENSION)
    theirs = None if channel is None else channel.node.get(EXTENSION)
    if theirs is None or channel is None:
        return None
    count = count_of(channel)
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
    node = channel.node.get(EXTENSION)
    for message in channel.messages:
        own = message.fields.get(EXTENSION)
        if own is not None and (problem := _problem_of_message(own, node)) is not None:
            context.report("bad-partitions", own, reason=problem)
    if node is None:
        return
    for problem in _problems(node, channel):
        context.report("bad-partitions", node, reason=problem)
    if over_websockets:
        context.report("bad-partitions", node, reason="a WebSocket has no queues")
    if answers:
        reason = "answers go to who asked, not to the channel's queues"
        context.report("bad-partitions", node, reason=reason)
    for problem in _problems_of_queue(channel):
        context.report("bad-partitions", node, reason=problem)


def report_priority(channel: ChannelDraft, publishing: ir.Publishing, context: Context) -> None:
    """Complain of a priority, which would let a message overtake those before it."""
    node = channel.node.get(EXTENSION)
    if node is not None and publishing.priority is not None:
        reason = "a publication's `priority` would let it overtake those of its key"
        context.report("bad-partitions", node, reason=reason)


def _problem_of_message(own: Node, theirs: Node | None) -> str | None:
    if not isinstance(own.value, dict) or own.value.keys() != {"by"}:
        return "a message says `by` alone; how many there are is its channel's `count`"
    if not isinstance(own.value["by"], str):
        return "`by` is no text"
    return "its channel has no `x-partitions` with a `count`" if theirs is None else None


def _problems(node: Node, channel: ChannelDraft) -> Iterator[str]:
    if not isinstance(node.value, dict):
        yield "it is not a mapping"
        return
    for key in node.value:
        if key not in _KEYS:
            yield f"`{key}` is none of {', '.join(f'`{each}`' for each in _KEYS)}"
    if not _is_count(node.value.get("count")):
        yield f"`count` is a whole number from 1 to {MOST}"
    by = node.value.get("by")
    lacking = [each for each in channel.messages if EXTENSION not in each.fields]
    if (by is None and lacking) or not isinstance(by, str | None):
        yield "`by` says where each message has its key"


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
