"""All links of a system: each publication, routed, matched and decided."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from jararaca_compiler import ir
from jararaca_compiler.linking.acceptance import Acceptance
from jararaca_compiler.linking.delivery.keys import outside
from jararaca_compiler.linking.delivery.matching import (
    Ambiguous,
    NotKnown,
    NotMeant,
    QueueHandlers,
    Reception,
    handlers_by_queue,
)
from jararaca_compiler.linking.delivery.publications import Publication, publications
from jararaca_compiler.linking.delivery.replies import replies
from jararaca_compiler.linking.delivery.routing import Arrival, Broker
from jararaca_compiler.linking.link import Link, LinkedSystem, Loss
from jararaca_compiler.linking.participant import Participant


def link(participants: Iterable[Participant], acceptance: Acceptance | None = None) -> LinkedSystem:
    """Everything that one of the participants sends to one of them, in the order of senders.

    `acceptance` remembers, where several systems of the same participants are linked.
    """
    all_of_them = tuple(participants)
    linker = _Linker(all_of_them, acceptance or Acceptance())
    sent = tuple(each for sender in all_of_them for each in publications(sender))
    found = [each for publication in sent for each in linker.of(publication)]
    links = tuple(each for each in found if isinstance(each, Link))
    losses = tuple(each for each in found if isinstance(each, Loss))
    answered = tuple(reply for each in links for reply in replies(each, linker.acceptance))
    return LinkedSystem(all_of_them, sent, links, answered, losses)


class _Linker:
    def __init__(self, participants: Sequence[Participant], acceptance: Acceptance) -> None:
        self.acceptance = acceptance
        self._broker = Broker(participants)
        self._handlers = handlers_by_queue(participants)

    def of(self, publication: Publication) -> Iterator[Link | Loss]:
        """The links of a publication, and where it is lost."""
        for arrival in self._broker.arrivals(publication.exchange, publication.key):
            for handlers in self._handlers.get(arrival.queue, ()):
                yield from self._at(publication, arrival, handlers)

    def _at(
        self, publication: Publication, arrival: Arrival, handlers: QueueHandlers
    ) -> Iterator[Link | Loss]:
        outcome = handlers.outcome(publication)
        if isinstance(outcome, NotMeant):
            return
        if isinstance(outcome, NotKnown):
            receiver = handlers.receiver
            yield Loss(publication, receiver, arrival.queue, arrival.routing_key, outcome)
        elif isinstance(outcome, Ambiguous):
            for reception in outcome.receptions:
                yield self._link(publication, arrival, reception, False)
        else:
            yield self._link(publication, arrival, outcome, True)

    def _link(
        self, publication: Publication, arrival: Arrival, reception: Reception, is_certain: bool
    ) -> Link:
        sender, receiver = publication.sender, reception.receiver
        verdict = self.acceptance.verdict(publication.message, sender, reception.message, receiver)
        return Link(
            publication,
            reception,
            arrival.queue,
            arrival.routing_key,
            verdict,
            is_certain,
            _excluded(publication, reception),
            _unlocated(publication, reception),
        )


def _excluded(publication: Publication, reception: Reception) -> tuple[str, str] | None:
    """A parameter of the receiver's address, and a value that it lacks and may be sent."""
    address = reception.receiver.channel(reception.operation.channel).address or ""
    for parameter in _parameters(reception):
        if parameter.enum:
            value = outside(publication.key, parameter, address)
            if value is not None:
                return parameter.name, value
    return None


def _unlocated(publication: Publication, reception: Reception) -> ir.Parameter | None:
    """A parameter that the message itself must have, where nothing says that it will."""
    sent = {(each.word, each.location, each.pattern) for each in publication.parameters}
    located = (each for each in _parameters(reception) if each.location is not None)
    return next((p for p in located if (p.word, p.location, p.pattern) not in sent), None)


def _parameters(reception: Reception) -> tuple[ir.Parameter, ...]:
    """What a worker reads of a routing key: nothing where the exchange looks at none."""
    channel = reception.receiver.channel(reception.operation.channel)
    is_keyless = reception.receiver.exchange_type(channel) in ir.KEYLESS
    return () if is_keyless else channel.parameters
