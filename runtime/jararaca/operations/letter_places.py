"""Where the dead letters of a queue are: in a queue of its own, or among its whole service's."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from jararaca.contract.topology import DEAD_LETTER_SUFFIX, Topology, dead_letter_queue
from jararaca.operations.dead_letter import PARKED


@dataclass(frozen=True, slots=True)
class Place:
    """The queues to look in. In `shared` the letters of many queues are: `origins` are meant."""

    queues: tuple[str, ...]
    shared: str | None = None
    origins: frozenset[str] = frozenset()


def place_of(queue: str, topologies: Collection[Topology] = ()) -> Place:
    """Where a queue's dead letters are, or those of all queues of the service that it names.

    What was given up before the service's queues shared a dead-letter queue is in the queue's own.
    A partition's are among those of its queue.
    """
    if queue in PARKED:
        return Place((queue,))
    for each in (each for topology in topologies for each in topology.partitioned):
        if queue in each.names:
            whole = place_of(each.queue, topologies)
            return Place(whole.queues, whole.queues[-1], frozenset({queue}))
    own = dead_letter_queue(queue)
    for topology in topologies:
        shared = topology.dead_letters
        if shared is None:
            continue
        names = {each.name for each in topology.queues} - {shared}
        if own == shared:
            older = (dead_letter_queue(name) for name in sorted(names))
            return Place((*dict.fromkeys((*older, shared)),), shared, frozenset(names))
        if queue in names:
            origins = frozenset({queue, *topology.partitions_of(queue)})
            return Place((own, shared), shared, origins)
    return Place((own,))


def every_place(topologies: Sequence[Topology]) -> list[tuple[str, Place]]:
    """Where all dead letters of the topologies are, by a name that `place_of` takes."""
    shared = {each.dead_letters for each in topologies}
    names = {queue.name for topology in topologies for queue in topology.queues}
    dead = sorted(name for name in names if name.endswith(DEAD_LETTER_SUFFIX))
    queues = [name.removesuffix(DEAD_LETTER_SUFFIX) for name in {*dead, *shared} if name]
    return [(queue, place_of(queue, topologies)) for queue in sorted(queues)]


def older_places(topology: Topology) -> tuple[str, ...]:
    """The dead-letter queues that a topology's queues had each before they shared one."""
    if topology.dead_letters is None:
        return ()
    names = (each.name for each in topology.queues if not each.name.endswith(DEAD_LETTER_SUFFIX))
    own = (dead_letter_queue(name) for name in names)
    return tuple(name for name in own if name != topology.dead_letters)
