"""Another count of partitions: refused while messages are in the old ones, switched after that."""

from __future__ import annotations

import pytest
from jararaca import TopologyMismatchError, UnroutableError
from jararaca.operations.repartitioning import NotDrainedError, repartitionings, switch
from jararaca.routing.declarations import topology_of

from tests.conformance.conftest import Bench, message
from tests.conformance.test_partitions import COUNT, PIECES, Bank, Board, bank, publish, service
from tests.support.partitions import Move, partitioned
from tests.support.services import service_of

__all__ = ["bank"]


async def test_another_count_is_refused_until_the_old_partitions_are_drained(
    bench: Bench, bank: Bank
) -> None:
    board = Board()
    old, new = service(bench, board.move), service(bench, board.move, COUNT - 1)
    transport = await bench.connect()
    await transport.declare(topology_of(old))
    await publish(bench, old, 3)

    with pytest.raises(TopologyMismatchError, match="topology plan"):
        await bank.start(new)
    with pytest.raises(TopologyMismatchError, match="topology plan"):
        await bank.start(new, declare=False)
    with pytest.raises(NotDrainedError, match="4 partitions, compiled 3.*wait"):
        await switch(transport, topology_of(new))
    worker = await bank.start(old)
    await board.until(3 * len(PIECES))
    with pytest.raises(NotDrainedError, match="consume"):
        await switch(transport, topology_of(new))
    await bank.stop(worker)

    (planned,) = await repartitionings(transport, topology_of(new))
    assert (planned.count, planned.busy) == (COUNT, ())
    assert await switch(transport, topology_of(new)) == (bench.name,)
    assert await repartitionings(transport, topology_of(new)) == ()
    await bank.start(new)
    await publish(bench, old, 3, first=3)  # A publisher of the old contract takes part.
    await board.until(6 * len(PIECES))
    board.assert_in_order(6)
    with pytest.raises(TopologyMismatchError):
        await bank.start(old)


async def test_a_queue_that_was_whole_is_divided_once_it_is_empty(bench: Bench, bank: Bank) -> None:
    board = Board()
    divided = service(bench, board.move)
    whole = service_of(*divided.routes, name=divided.name, exchange=bench.name)
    transport = await bench.connect()
    await transport.declare(topology_of(whole))
    body = Move(piece="piece-0", number=0).encode()
    await transport.publish(message(Move.MESSAGE_TOPIC, body, exchange=bench.name, mandatory=True))
    with pytest.raises(NotDrainedError, match="no partitions, compiled 4"):
        await switch(transport, topology_of(divided))
    worker = await bank.start(whole)
    await board.until(1)
    await bank.stop(worker)
    await switch(transport, topology_of(divided))
    with pytest.raises(UnroutableError):  # Why publishers are to be stopped.
        sent = message(Move.MESSAGE_TOPIC, body, exchange=bench.name, mandatory=True)
        await transport.publish(sent)
    await bank.start(partitioned(whole))
    await publish(bench, divided, 3, first=1)
    await board.until(3 * len(PIECES) + 1)
    assert board.moves["piece-0"] == [0, 1, 2, 3]
