"""Which handler of a queue takes a message: the worker's own rules, before anything is sent."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from jararaca_compiler import ir
from jararaca_compiler.emit.carried import Carried, carried_by
from jararaca_compiler.emit.routes import received_parameters
from jararaca_compiler.linking.delivery.forms import has_form
from jararaca_compiler.linking.delivery.keys import meeting
from jararaca_compiler.linking.delivery.publications import Publication
from jararaca_compiler.linking.participant import Participant


@dataclass(frozen=True, slots=True, eq=False)
class Reception:
    """A handler of an operation takes the message `message`."""

    receiver: Participant
    operation: ir.Operation
    handler: ir.Handler
    message: ir.Message

    @property
    def controller_method(self) -> str:
        """The handler as its code has it: `Warehouse.reserve_stock`."""
        return f"{self.receiver.service.controller}.{self.handler.method}"


@dataclass(frozen=True, slots=True)
class NotMeant:
    """The message comes to the queue and is acked unread: it is another one of the channel."""


@dataclass(frozen=True, slots=True)
class NotKnown:
    """The message is dead-lettered: its `type` is none of `known`."""

    known: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Ambiguous:
    """Several handlers may take it, as constants in body or headers say: all of `receptions`."""

    receptions: tuple[Reception, ...]


Outcome = Reception | NotMeant | NotKnown | Ambiguous


class QueueHandlers:
    """The handlers of one queue of one service."""

    def __init__(self, receiver: Participant, queue: str, carried: Carried) -> None:
        self.receiver = receiver
        operations = [each for each in receiver.service.operations if each.queue == queue]
        self._others = {name for each in operations for name in carried.unreceived(each)}
        self._receptions = tuple(
            Reception(receiver, operation, handler, receiver.message(handler.message))
            for operation in operations
            for handler in operation.handlers
        )

    def outcome(self, publication: Publication) -> Outcome:
        """What becomes of a publication that comes to the queue.

        Its AMQP `type` is the sender's name of the message. The only handler of a queue takes
        whatever the channel does not know as another message.
        """
        type_ = wire_name(publication.message)
        if type_ in self._others:
            return self._refused(publication)
        if not any(_is_meant(publication, each) for each in self._receptions):
            return NotMeant()
        found = [each for each in self._named(type_) if _is_meant(publication, each)]
        if not found:
            return NotKnown(tuple(sorted({wire_name(each.message) for each in self._receptions})))
        bound = [each for each in found if _meets(publication, each.handler)] or found
        messages = {each.message.name for each in bound}
        return bound[0] if len(messages) == 1 else Ambiguous(tuple(bound))

    def _named(self, type_: str) -> Sequence[Reception]:
        if len(self._receptions) == 1:
            return self._receptions
        return [each for each in self._receptions if wire_name(each.message) == type_]

    def _refused(self, publication: Publication) -> NotMeant | NotKnown:
        """An event came to its own receivers as well; a task is here only."""
        known = {wire_name(each.message) for each in self._receptions}
        if any(each.message.kind == "task" for each in self._receptions):
            return NotKnown(tuple(sorted(known)))
        return NotMeant()


def wire_name(message: ir.Message) -> str:
    """The AMQP `type` that the message is published with."""
    return message.wire_name or message.name


def handlers_by_queue(participants: Iterable[Participant]) -> dict[str, list[QueueHandlers]]:
    """Who consumes each queue."""
    found: dict[str, list[QueueHandlers]] = {}
    for participant in participants:
        queues = dict.fromkeys(o.queue for o in participant.service.operations if o.handlers)
        carried = carried_by(participant.service)
        for queue in queues:
            if queue is not None:
                handlers = QueueHandlers(participant, queue, carried)
                found.setdefault(queue, []).append(handlers)
    return found


def _is_meant(publication: Publication, reception: Reception) -> bool:
    """Whether the topic may be one of the handler's channel, and not only of its binding key."""
    service, channel = reception.receiver.service, reception.operation.channel
    taken = reception.receiver.channel(channel)
    parameters = received_parameters(service, taken)
    return has_form(publication.key, taken.address or "", parameters)


def _meets(publication: Publication, handler: ir.Handler) -> bool:
    return any(meeting(publication.key, key) is not None for key in handler.binding_keys)
