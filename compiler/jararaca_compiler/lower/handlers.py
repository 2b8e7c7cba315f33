"""The methods of a receiving operation: one a message, or one for all with `x-handlers: one`."""

from __future__ import annotations

from collections.abc import Sequence

from jararaca_compiler import ir
from jararaca_compiler.lower.draft import ChannelDraft, Context, OperationDraft
from jararaca_compiler.naming import Names, snake

EXTENSION = "x-handlers"
_CHOICES = ("one", "each")


def handlers_of(
    operation: OperationDraft,
    handled: Sequence[ir.Message],
    keys: tuple[str, ...],
    methods: Names,
    context: Context,
) -> tuple[ir.Handler, ...]:
    """A handler for each message; `keys` are the queue's, `methods` the names in use."""
    bound = _handled_keys(operation.channel, keys)
    if _is_one(operation, handled, context):
        method = methods.take(snake(operation.id))
        return tuple(ir.Handler(method, message.name, bound) for message in handled)
    return tuple(
        ir.Handler(_method(operation.id, message, len(handled), methods), message.name, bound)
        for message in handled
    )


def _is_one(operation: OperationDraft, handled: Sequence[ir.Message], context: Context) -> bool:
    """Whether the document asks for one method; its return type is that of all answers."""
    chosen = operation.fields.get(EXTENSION)
    if chosen is None:
        return False
    answers = {frozenset(message.replies) for message in handled}
    if chosen.value not in _CHOICES:
        help = "Write `one` or `each`."
    elif operation.action == "send":
        help = "Leave it out: the operation sends, and has no handlers."
    elif chosen.value == "one" and len(answers) > 1:
        help = "Write `each`: its messages have different answers."
    else:
        return chosen.value == "one" and len(handled) > 1
    context.report("bad-extension", chosen, help=help, extension=EXTENSION, value=chosen.value)
    return False


def _handled_keys(channel: ChannelDraft, keys: tuple[str, ...]) -> tuple[str, ...]:
    """What routing keys a delivery may have: a fanout or headers exchange looks at none."""
    exchange = channel.amqp.exchange
    return ("#",) if exchange is not None and exchange.type in ir.KEYLESS else keys


def _method(operation: str, message: ir.Message, count: int, methods: Names) -> str:
    name = snake(operation)
    if count > 1:
        name = snake(f"{name} {message.class_name}")
    return methods.take(name)
