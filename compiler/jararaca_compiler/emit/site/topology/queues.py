"""Queues as people look at them: each with its dead letters and partitions, and what logs keep."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from jararaca_compiler import ir
from jararaca_compiler.emit.site.topology.amounts import age, size
from jararaca_compiler.emit.site.topology.natural import natural
from jararaca_compiler.ir import Arguments
from jararaca_compiler.lower.partitioning.queues import names_of

_EXCHANGE, _KEY = "x-dead-letter-exchange", "x-dead-letter-routing-key"


@dataclass(frozen=True, slots=True)
class QueueLine:
    """A queue with its arguments, none where they are the usual; `letters` has its dead letters.

    `letters_arguments` are of that queue, on the first line that leads there. `partitions` are the
    queues that it stands for, and `taken_by` is who takes its messages where no handler is named.
    """

    queue: ir.Queue
    arguments: Arguments
    letters: str | None = None
    tells_letters: bool = False
    letters_arguments: Arguments = ()
    partitions: tuple[str, ...] = ()
    taken_by: str = "nobody"


@dataclass(frozen=True, slots=True)
class QueueLines:
    """All but dead-letter queues and partitions, which stand with their queues.

    `usual` is what most have, `usual_letters` what most of their dead letters have.
    """

    lines: tuple[QueueLine, ...]
    usual: Arguments
    usual_letters: Arguments


def queue_lines(topology: ir.Topology) -> QueueLines:
    """The lines of a service's queues; a dead-letter queue has none of its own."""
    queues = sorted(topology.queues, key=lambda queue: natural(queue.name))
    by_name = {queue.name: queue for queue in queues}
    leads = {queue.name: _letters(queue, by_name) for queue in queues}
    letters = [by_name[name] for name in dict.fromkeys(leads.values()) if name is not None]
    parts = {each.queue: tuple(names_of(each)) for each in topology.partitioned}
    beyond = {name for names in parts.values() for name in names} | {each.name for each in letters}
    consumed = [queue for queue in queues if queue.name not in beyond]
    # The name of a queue of dead letters says where they go.
    beside = {each.name: _beside(each, leads[each.name]) for each in queues}
    usual = _usual([beside[queue.name] for queue in consumed])
    usual_letters = _usual([beside[queue.name] for queue in letters])
    lines: list[QueueLine] = []
    told: set[str] = set()
    for queue in consumed:
        name = leads[queue.name]
        own = () if beside[queue.name] == usual else beside[queue.name]
        line = QueueLine(
            queue,
            own,
            name,
            partitions=parts.get(queue.name, ()),
            taken_by=_taken_by(queue, topology),
        )
        if name is not None and name not in told:
            told.add(name)
            rest = () if beside[name] == usual_letters else beside[name]
            line = replace(line, tells_letters=True, letters_arguments=rest)
        lines.append(line)
    return QueueLines(tuple(lines), usual, usual_letters)


def _taken_by(queue: ir.Queue, topology: ir.Topology) -> str:
    if queue.name == topology.workers:
        return "the service's workers, to agree on partitions"
    return "handlers with `stream=`" if _is_log(queue) else "nobody"


def _is_log(queue: ir.Queue) -> bool:
    return dict(queue.arguments).get("x-queue-type") == "stream"


@dataclass(frozen=True, slots=True)
class Log:
    """The stream of a channel, and how much it keeps, in words."""

    name: str
    keeps: str


def log_of(channel: ir.Channel, topology: ir.Topology) -> Log | None:
    """What keeps a channel's events; None where they are gone once they are handled."""
    for queue in topology.queues:
        if queue.name == channel.stream:
            arguments = dict(queue.arguments)
            oldest, most = arguments.get("x-max-age"), arguments.get("x-max-length-bytes")
            limits = [f"for {age(str(oldest))}"] if oldest is not None else []
            limits += [f"up to {size(int(most))}"] if most is not None else []
            if channel.filter_by is not None:
                limits.append(f"filtered by {channel.filter_by}")
            return Log(queue.name, ", ".join(limits))
    return None


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
