"""Queues as people look at them: each with its dead letters, and what most have said once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from jararaca_compiler import ir
from jararaca_compiler.ir import Arguments

_EXCHANGE, _KEY = "x-dead-letter-exchange", "x-dead-letter-routing-key"


@dataclass(frozen=True, slots=True)
class QueueLine:
    """A queue with its arguments, none where they are the usual; `letters` has its dead letters.

    `letters_arguments` are of that queue, on the first line that leads there.
    """

    queue: ir.Queue
    arguments: Arguments
    letters: str | None = None
    tells_letters: bool = False
    letters_arguments: Arguments = ()


@dataclass(frozen=True, slots=True)
class QueueLines:
    """All but dead-letter queues; `usual` is what most have, `usual_letters` their letters'."""

    lines: tuple[QueueLine, ...]
    usual: Arguments
    usual_letters: Arguments


def queue_lines(topology: ir.Topology) -> QueueLines:
    """The lines of a service's queues; a dead-letter queue has none of its own."""
    by_name = {queue.name: queue for queue in topology.queues}
    leads = {queue.name: _letters(queue, by_name) for queue in topology.queues}
    letters = [by_name[name] for name in dict.fromkeys(leads.values()) if name is not None]
    consumed = [queue for queue in topology.queues if queue not in letters]
    # The name of a queue of dead letters says where they go.
    beside = {each.name: _beside(each, leads[each.name]) for each in topology.queues}
    usual = _usual([beside[queue.name] for queue in consumed])
    usual_letters = _usual([beside[queue.name] for queue in letters])
    lines: list[QueueLine] = []
    told: set[str] = set()
    for queue in consumed:
        name = leads[queue.name]
        own = () if beside[queue.name] == usual else beside[queue.name]
        if name is None or name in told:
            lines.append(QueueLine(queue, own, name))
            continue
        told.add(name)
        rest = () if beside[name] == usual_letters else beside[name]
        lines.append(QueueLine(queue, own, name, True, rest))
    return QueueLines(tuple(lines), usual, usual_letters)


def _beside(queue: ir.Queue, letters: str | None) -> Arguments:
    """Its arguments, but for those that the name of its dead letters says."""
    return tuple(a for a in queue.arguments if letters is None or a[0] not in (_EXCHANGE, _KEY))


def _letters(queue: ir.Queue, known: dict[str, ir.Queue]) -> str | None:
    """The queue of its dead letters, where the default exchange leads to one of these."""
    arguments = dict(queue.arguments)
    name = arguments.get(_KEY)
    leads = arguments.get(_EXCHANGE) == "" and name in known and name != queue.name
    return str(name) if leads else None


def _usual(every: Sequence[Arguments]) -> Arguments:
    """What most have; nothing where no two are alike."""
    counts = [(sum(each == other for other in every), each) for each in every]
    number, found = max(counts, key=lambda pair: pair[0], default=(0, ()))
    return found if number > 1 else ()
