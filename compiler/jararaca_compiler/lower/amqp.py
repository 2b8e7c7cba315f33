"""AMQP bindings of channels, operations and messages (AsyncAPI AMQP bindings, 0.2.0 to 0.4.0)."""

from __future__ import annotations

from jararaca_compiler import ir
from jararaca_compiler.documents.node import Node
from jararaca_compiler.lower.addresses.generated_addresses import RoutingKey
from jararaca_compiler.lower.draft import AmqpBinding, Context

_TYPES = ("topic", "direct", "fanout", "headers", "default")
_KINDS = ("routingKey", "queue")
HIGHEST_PRIORITY = 31
"""Of a message in a quorum queue, from RabbitMQ 4.3 on: what is above counts as that."""

_ALWAYS = {
    "ack": "a delivery is acked once it has been handled, so that none is lost",
    "timestamp": "every publication carries the time at which it was made",
}
"""What an operation's binding cannot switch off, each with the reason."""
_PLAIN_ENCODINGS = frozenset({"identity", "utf-8", "utf8", ""})
_QUEUE_ARGUMENTS = (
    "x-queue-type",
    "x-message-ttl",
    "x-expires",
    "x-max-length",
    "x-max-length-bytes",
    "x-max-priority",
    "x-overflow",
    "x-single-active-consumer",
    "x-delivery-limit",
    "x-dead-letter-exchange",
    "x-dead-letter-routing-key",
    "x-dead-letter-strategy",
    "x-queue-leader-locator",
    "x-queue-version",
    "x-consumer-timeout",
    "x-quorum-initial-group-size",
)
"""RabbitMQ's optional queue arguments, which generators write beside the queue's own keys."""


def channel_binding(channel: Node, context: Context) -> AmqpBinding:
    """The channel's AMQP binding; an empty one where it has none."""
    amqp = _amqp(channel.get("bindings"), context)
    if amqp is None:
        return AmqpBinding()
    kind = _one_of(amqp, "is", _KINDS, context) or "routingKey"
    is_queue = kind == "queue"
    exchange = _part(amqp, "exchange", context)
    queue = _part(amqp, "queue", context)
    return AmqpBinding(
        is_queue,
        _exchange(exchange, context) if exchange is not None else None,
        _queue(queue, context) if queue is not None and (is_queue or queue.text("name")) else None,
        frozenset(part.text("vhost") or "/" for part in (exchange, queue) if part is not None),
        queue.get("durable") if queue is not None else None,
    )


def routing_keys(bindings: Node | None, context: Context) -> tuple[RoutingKey, ...]:
    """What an operation's `cc` says: FastStream means the routing key by it."""
    amqp = _amqp(bindings, context)
    found = None if amqp is None else amqp.get("cc")
    is_text = found is not None and isinstance(found.value, str)
    return tuple(RoutingKey(key, is_text) for key in _routing_keys(found))


def report_encoding(bindings: Node | None, context: Context) -> None:
    """Complain of a message whose bodies are not JSON as it is, but compressed."""
    amqp = _amqp(bindings, context)
    encoding = None if amqp is None else amqp.get("contentEncoding")
    if encoding is not None and str(encoding.value).lower() not in _PLAIN_ENCODINGS:
        reason = "bodies are neither compressed nor decompressed"
        context.report(
            "binding-without-effect",
            encoding,
            key="contentEncoding",
            value=encoding.value,
            reason=reason,
        )


def is_mandatory(bindings: Node | None, context: Context) -> bool:
    """Whether an operation's AMQP binding asks for a queue behind every publication."""
    amqp = _amqp(bindings, context)
    return amqp is not None and amqp.flag("mandatory") is True


def publishing(bindings: Node | None, queue: ir.Queue | None, context: Context) -> ir.Publishing:
    """What an operation's AMQP binding asks of every publication; `queue` is the channel's."""
    amqp = _amqp(bindings, context)
    if amqp is None:
        return ir.Publishing()
    for key, reason in _ALWAYS.items():
        if amqp.flag(key) is False:
            node = amqp.at(key, False)
            context.report("binding-without-effect", node, key=key, value="false", reason=reason)
    return ir.Publishing(
        expiration=_expiration(amqp, context),
        priority=_priority(amqp, queue, context),
        delivery_mode=_number(amqp, "deliveryMode", 1, context),
        user_id=amqp.text("userId"),
        reply_to=amqp.text("replyTo") or amqp.text("x-reply-to"),
        cc=_routing_keys(amqp.get("cc")),
        bcc=_routing_keys(amqp.get("bcc")),
    )


def message_type(bindings: Node | None, context: Context) -> str | None:
    """What a message's AMQP binding calls it: the value of the `type` property."""
    amqp = _amqp(bindings, context)
    return None if amqp is None else amqp.text("messageType")


def _part(amqp: Node, key: str, context: Context) -> Node | None:
    """The exchange or the queue; published, the one that `is` does not name has an `x-`."""
    found = context.resolver.child(amqp, key) or context.resolver.child(amqp, f"x-{key}")
    return found if found is not None and isinstance(found.value, dict) else None


def _expiration(amqp: Node, context: Context) -> int | None:
    """Milliseconds. Generators write 0 for what is not set: nothing would ever arrive."""
    found = amqp.get("expiration")
    if found is None or found.value != 0 or isinstance(found.value, bool):
        return _number(amqp, "expiration", 0, context)
    reason = "a message that expires at once reaches nobody, so it is taken as unset"
    context.report("binding-without-effect", found, key="expiration", value=0, reason=reason)
    return None


def _priority(amqp: Node, queue: ir.Queue | None, context: Context) -> int | None:
    """A quorum queue, what a queue is unless it asks for more priorities, has 32 of them."""
    priority = _number(amqp, "priority", 0, context)
    asks = queue is not None and "x-max-priority" in dict(queue.arguments)
    if priority is not None and priority > HIGHEST_PRIORITY and not asks:
        node = amqp.at("priority", priority)
        context.report("priority-too-high", node, priority=priority, highest=HIGHEST_PRIORITY)
    return priority


def _number(node: Node, key: str, least: int, context: Context) -> int | None:
    found = node.get(key)
    if found is None:
        return None
    most = {"priority": 255, "deliveryMode": 2}.get(key, 2**31 - 1)
    value = found.value
    if isinstance(value, int) and not isinstance(value, bool) and least <= value <= most:
        return value
    help = f"Write a whole number from {least} to {most}."
    context.report("unknown-value", found, help=help, key=key, value=value)
    return None


def _routing_keys(node: Node | None) -> tuple[str, ...]:
    """`cc` and `bcc`: a list, in binding version 0.2.0 also a single text."""
    values = [] if node is None else node.value if isinstance(node.value, list) else [node.value]
    return tuple(value for value in values if isinstance(value, str))


def _amqp(bindings: Node | None, context: Context) -> Node | None:
    if bindings is None:
        return None
    amqp = context.resolver.child(context.resolver.follow(bindings), "amqp")
    return amqp if amqp is not None and isinstance(amqp.value, dict) else None


def _exchange(node: Node, context: Context) -> ir.Exchange | None:
    """The exchange that a channel names; "" is AMQP's default one, None the service's own."""
    kind = _one_of(node, "type", _TYPES, context) or "topic"
    name = "" if kind == "default" else node.text("name")
    if name is None:
        _report_no_name(node, "it is the service's own exchange", context)
    if name is None or name == context.options.exchange:
        return None
    durable = node.flag("durable") is not False
    kind = "direct" if name == "" else kind
    return ir.Exchange(
        name, kind, durable, node.flag("autoDelete") is True, False, _arguments(node, context)
    )


def _queue(node: Node, context: Context) -> ir.Queue:
    name = node.text("name")
    if not name:
        _report_no_name(node, "it is called by its address, or by its operation", context)
    return ir.Queue(
        name or "",
        node.flag("durable") is not False,
        node.flag("exclusive") is True,
        node.flag("autoDelete") is True,
        _arguments(node, context),
    )


def _report_no_name(node: Node, instead: str, context: Context) -> None:
    """Complain of a name that is written and empty, or null: others could not know it."""
    said = node.value if isinstance(node.value, dict) else {}
    value = said.get("name")
    if "name" in said and not value:
        place = node.at("name", value)
        reason = f"it names nothing: {instead}"
        shown = "null" if value is None else '""'
        context.report("binding-without-effect", place, key="name", value=shown, reason=reason)


def _arguments(node: Node, context: Context) -> ir.Arguments:
    """`arguments`, as generators write them, and RabbitMQ's own names beside the other keys."""
    given = context.resolver.child(node, "arguments")
    items = [*(given.items() if given is not None and isinstance(given.value, dict) else ())]
    items += [(key, item) for key, item in node.items() if key in _QUEUE_ARGUMENTS]
    found: dict[str, str | int | bool] = {}
    for key, item in items:
        if isinstance(item.value, str | int):
            found[key] = item.value
        elif item.value is not None:
            reason = "an argument is a text, a whole number, true or false"
            context.report("binding-without-effect", item, key=key, value=item.value, reason=reason)
    return tuple(sorted(found.items()))


def _one_of(node: Node, key: str, allowed: tuple[str, ...], context: Context) -> str | None:
    found = node.get(key)
    if found is None:
        return None
    if found.value not in allowed:
        help = f"One of {', '.join(allowed)}."
        context.report("unknown-value", found, help=help, key=key, value=found.value)
        return None
    return str(found.value)
