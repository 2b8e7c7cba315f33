"""A service's queues as one looks at them while they run: a row a queue, with its dead letters."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from jararaca.contract.topology import DEAD_LETTER_SUFFIX, PartitionedQueue
from jararaca.operations.dead_letter import PARKED
from jararaca.operations.management import QueueState

DELAYED = "jararaca.delay."


@dataclass(frozen=True, slots=True)
class QueueRow:
    """A queue, and how many dead letters it has; None where it has no queue of dead letters."""

    state: QueueState
    dead: int | None


@dataclass(frozen=True, slots=True)
class QueueView:
    """The rows, the busiest first, and how many messages wait for their next try in all."""

    rows: tuple[QueueRow, ...]
    delayed: int = 0


def view_of(states: Iterable[QueueState], wanted: Collection[str] | None = None) -> QueueView:
    """The view of a virtual host, or of the wanted queues in it."""
    every = {state.name: state for state in states}
    dead = {
        name: each.ready
        for name, each in every.items()
        if name.endswith(DEAD_LETTER_SUFFIX) or name in PARKED
    }
    waiting = [name for name in every if name.startswith(DELAYED) and name not in dead]
    names = [
        name for name in every if name not in (*dead, *waiting) and (not wanted or name in wanted)
    ]
    rows = [QueueRow(every[name], dead.pop(name + DEAD_LETTER_SUFFIX, None)) for name in names]
    # What is left is shared by a service's queues, or its queue is gone: it is not hidden.
    left = [
        QueueRow(QueueState(name.removesuffix(DEAD_LETTER_SUFFIX), 0), number)
        for name, number in dead.items()
        if number and (not wanted or name in wanted or name in PARKED)
    ]
    delayed = sum(every[name].ready for name in waiting)
    return QueueView(tuple(sorted([*rows, *left], key=_busiest)), delayed)


def together(
    states: Iterable[QueueState], partitioned: Iterable[PartitionedQueue]
) -> list[QueueState]:
    """The states; of a queue and its partitions one, with sums, and the fewest consumers."""
    every = {state.name: state for state in states}
    for queue in partitioned:
        names = [name for name in (queue.queue, *queue.names) if name in every]
        parts = [every.pop(name) for name in names]
        if parts:
            every[queue.queue] = QueueState(
                queue.queue,
                sum(each.ready for each in parts),
                sum(each.in_flight for each in parts),
                min(each.consumers for each in parts),
                sum(each.published for each in parts),
                sum(each.acked for each in parts),
                sum(each.redelivered for each in parts),
            )
    return list(every.values())


def _busiest(row: QueueRow) -> tuple[int, float, str]:
    state = row.state
    return -(state.ready + state.in_flight), -state.published - state.acked, state.name
