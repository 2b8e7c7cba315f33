"""What a service publishes: each message of each sending operation, with its routing keys."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from jararaca_compiler import ir
from jararaca_compiler.linking.delivery.keys import Key, key_of
from jararaca_compiler.linking.participant import Participant
from jararaca_compiler.lower.topology import DEFAULT_EXCHANGE


@dataclass(frozen=True, slots=True, eq=False)
class Publication:
    """A message that an operation sends to `exchange`; `topic` is its channel's address."""

    sender: Participant
    operation: ir.Operation
    message: ir.Message
    kind: ir.Kind
    exchange: str
    topic: str
    key: Key
    parameters: tuple[ir.Parameter, ...] = ()
    publishing: ir.Publishing = ir.NOTHING_ASKED


def publications(sender: Participant) -> Iterator[Publication]:
    """All that goes through the broker; answers go to whoever asked (`replies`)."""
    for operation in sender.service.operations:
        channel = sender.channel(operation.channel)
        if operation.action != "send" or channel.is_websocket or channel.address is None:
            continue
        for name in operation.messages:
            message = sender.message(name)
            found = _publication(sender, operation, message, channel)
            if found is not None:
                yield found


def on_channel(message: ir.Message, channel: str) -> ir.Message | ir.Place:
    """The message as it is on a channel."""
    return next((each for each in message.elsewhere if each.channel == channel), message)


def _publication(
    sender: Participant, operation: ir.Operation, message: ir.Message, channel: ir.Channel
) -> Publication | None:
    place = on_channel(message, channel.key)
    if place.kind == "websocket" or not place.topic:
        return None
    exchange = sender.own_exchange if place.exchange is None else place.exchange
    topic = place.topic
    if exchange == DEFAULT_EXCHANGE and place.queue:
        topic = place.queue
    key = key_of(topic, place.parameters)
    return Publication(
        sender,
        operation,
        message,
        place.kind,
        exchange,
        topic,
        key,
        place.parameters,
        place.publishing,
    )
