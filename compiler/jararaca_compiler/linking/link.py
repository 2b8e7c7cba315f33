"""What the linker finds: who takes each publication, and whether everything that is sent fits."""

from __future__ import annotations

from dataclasses import dataclass

from jararaca_compiler import ir
from jararaca_compiler.linking.acceptance import Verdict
from jararaca_compiler.linking.delivery.matching import NotKnown, Reception
from jararaca_compiler.linking.delivery.publications import Publication
from jararaca_compiler.linking.participant import Participant


@dataclass(frozen=True, slots=True, eq=False)
class Link:
    """A publication that a handler of `reception` takes.

    `routing_key` is one under which it comes. Of an ambiguous queue each handler is a link of its
    own, and `is_certain` is False: which one takes the message depends on its values.
    `excluded` is a value that the publication's parameter of this name may have, and that the
    receiver's does not. `unlocated` is a parameter of the receiver's that must be what the message
    has at its location, which the sender does not promise.
    """

    publication: Publication
    reception: Reception
    queue: str
    routing_key: str
    verdict: Verdict
    is_certain: bool = True
    excluded: tuple[str, str] | None = None
    unlocated: ir.Parameter | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Reply:
    """An answer to the request of `link`: `message` of the receiver, taken as `expected`.

    Without a verdict nobody answers (`message` None), or the requester does not know the answer.
    """

    link: Link
    message: ir.Message | None
    expected: ir.Message | None
    verdict: Verdict | None


@dataclass(frozen=True, slots=True, eq=False)
class Loss:
    """A publication that comes to a queue of `receiver` and is dead-lettered there, unread."""

    publication: Publication
    receiver: Participant
    queue: str
    routing_key: str
    reason: NotKnown


@dataclass(frozen=True, slots=True, eq=False)
class LinkedSystem:
    """All participants, and all that goes between them."""

    participants: tuple[Participant, ...]
    publications: tuple[Publication, ...]
    links: tuple[Link, ...]
    replies: tuple[Reply, ...]
    losses: tuple[Loss, ...]
