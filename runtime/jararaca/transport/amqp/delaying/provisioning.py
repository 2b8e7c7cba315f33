"""Everything that a topology's delays need, for those who declare it before anybody runs."""

from __future__ import annotations

from jararaca.contract.topology import ExchangeBinding, QueueBinding, Topology
from jararaca.transport import DELAY_LEVELS
from jararaca.transport.amqp.delaying import delays, jobs
from jararaca.transport.amqp.delaying.delays import DelayTopology


def provisioned(topology: Topology) -> DelayTopology:
    """A topology with every level, and with the ends that its messages can be delayed for."""
    chain = delays.topology(DELAY_LEVELS - 1)
    ends = [delays.binding_of(each) for each in delays.destinations(topology)]
    tasks = jobs.keys_of(topology, topology.tasks)
    ways, signs = jobs.ways(tasks), jobs.signs(tasks)
    parts = (topology, chain.topology, ways.topology, signs)
    return DelayTopology(
        Topology(
            tuple(exchange for each in parts for exchange in each.exchanges),
            tuple(queue for each in parts for queue in each.queues),
            (
                *(binding for each in parts for binding in each.bindings),
                *(end for end in ends if isinstance(end, QueueBinding)),
            ),
            topology.tasks,
        ),
        (
            *topology.exchange_bindings,
            *chain.between,
            *ways.between,
            *(end for end in ends if isinstance(end, ExchangeBinding)),
        ),
    )
