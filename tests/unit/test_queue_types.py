"""Each queue of ours names its type: a virtual host may have another default."""

from __future__ import annotations

from jararaca import Topology
from jararaca.transport.amqp.delaying.provisioning import provisioned


def test_the_queues_of_delays_name_their_type() -> None:
    tasks = frozenset({"parcel.pack"})
    queues = provisioned(Topology(tasks=tasks)).topology.queues
    assert queues
    assert [each.name for each in queues if "x-queue-type" not in each.arguments] == []
