"""Queues as people look at them: each with its dead letters, and what all have said once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from jararaca_compiler import ir
from jararaca_compiler.ir import Arguments

_EXCHANGE, _KEY = "x-dead-letter-exchange", "x-dead-letter-routing-key"


@dataclass(frozen=True, slots=True)
class QueueLine:
    """A queue with the arguments that not all have; `letters` is where its dead letters go.

    `letters_arguments` are of that queue, on the first line that leads there.
    """

    queue: ir.Queue
    arguments: Arguments
    letters: str | None = None
    tells_letters: bool = False
    letters_arguments: Arguments = ()


@dataclass(frozen=True, slots=True)
class QueueLines:
    """The queues that are consumed; `common` is what all have, `common_letters` their letters'."""

    lines: tuple[QueueLine, ...]
    common: Arguments
    common_letters: Arguments


def queue_lines(topology: ir.Topology) -> QueueLines:
    """The lines of a service's queues; a dead-letter queue has none of its own."""
    by_name = {queue.name: queue for queue in topology.queues}
    leads = {queue.name: _letters(queue, by_name) for queue in topology.queues}
    letters = [by_name[name] for name in dict.fromkeys(leads.values()) if name is not None]
    consumed = [queue for queue in topology.queues if queue not in letters]
    common, common_letters = _common(consumed), _common(letters)
    lines: list[QueueLine] = []
    told: set[str] = set()
    for queue in consumed:
        name = leads[queue.name]
        # The name of that queue says both.
        said = () if name is None else (_EXCHANGE, _KEY)
        own = tuple(a for a in queue.arguments if a not in common and a[0] not in said)
        if name is None or name in told:
            lines.append(QueueLine(queue, own, name))
            continue
        told.add(name)
        rest = tuple(a for a in by_name[name].arguments if a not in common_letters)
        lines.append(QueueLine(queue, own, name, True, rest))
    left = tuple(a for a in common if a[0] not in (_EXCHANGE, _KEY))
    return QueueLines(tuple(lines), left, common_letters)


def _letters(queue: ir.Queue, known: dict[str, ir.Queue]) -> str | None:
    """The queue of its dead letters, where the default exchange leads to one of these."""
    arguments = dict(queue.arguments)
    name = arguments.get(_KEY)
    leads = arguments.get(_EXCHANGE) == "" and name in known and name != queue.name
    return str(name) if leads else None


def _common(queues: Sequence[ir.Queue]) -> Arguments:
    """What each of several has; one alone says all of it itself."""
    if len(queues) < 2:
        return ()
    return tuple(a for a in queues[0].arguments if all(a in each.arguments for each in queues))
