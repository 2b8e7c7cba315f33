"""Where the dead letters of a partition are, which is what a letter says of where it comes from."""

from __future__ import annotations

from dataclasses import replace

from jararaca import PartitionedQueue, Queue, Topology
from jararaca.operations.letter_places import Place, place_of

NAMES = ("pay", "pay.p0", "pay.p1")
DIVIDED = Topology(
    queues=tuple(map(Queue, NAMES)), partitioned=(PartitionedQueue("pay", 2),), workers="workers"
)


def test_a_partitions_letters_are_those_of_its_queue_that_come_from_there() -> None:
    letters = "pay.dead-letters"
    assert place_of("pay.p1", [DIVIDED]) == Place((letters,), letters, frozenset({"pay.p1"}))
    assert place_of("pay", [DIVIDED]) == Place((letters,))
    assert place_of("pay.p2", [DIVIDED]) == Place(("pay.p2.dead-letters",))


def test_so_are_they_where_a_service_has_one_queue_for_all_letters() -> None:
    shared = replace(DIVIDED, dead_letters="service.dead-letters")
    place = place_of("pay.p1", [shared])
    assert (place.shared, place.origins) == ("service.dead-letters", frozenset({"pay.p1"}))
    assert place.queues == ("pay.dead-letters", "service.dead-letters")
