"""The plug is pulled, under load: what was confirmed is never lost, and little comes twice.

The short form runs with the suite; `make soak` runs each with as many incidents as it takes.
"""

from __future__ import annotations

import asyncio
import random
import resource
import subprocess
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from pathlib import Path

import pytest
from jararaca import Publisher, PublishTimeoutError, UnroutableError
from jararaca.messages.message import current_publisher
from jararaca.operations import dead_letters
from jararaca.operations.doctor import publishing
from jararaca.transport import Publication
from jararaca.transport.connect import transport_for

from tests.fault.load import IN_FLIGHT, PREFETCH, Load, Outcome
from tests.fault.proxy import Proxy
from tests.fault.report import in_soak
from tests.fault.working import LIMIT, QUEUE, Killer, Numbered
from tests.support.nodes import Node, leader_of

pytestmark = pytest.mark.broker
WORKERS = 2


def times(short: int, long: int) -> pytest.MarkDecorator:
    """How many incidents: few with the suite, many in the soak."""
    soak = pytest.param(in_soak(long), marks=pytest.mark.soak)
    return pytest.mark.parametrize("count", [short, soak])


def judge(outcomes: list[Outcome], outcome: Outcome) -> None:
    """Nothing lost, nobody harmed, and no more duplicates than were in flight."""
    outcomes.append(outcome)
    assert outcome.published == outcome.confirmed
    assert (outcome.lost, outcome.harmed) == (0, 0)
    assert outcome.duplicates <= outcome.in_flight


async def repeated(count: int, incident: Callable[[], Awaitable[None]]) -> None:
    """The incident so many times, each at another moment of the load."""
    for _ in range(count):
        await asyncio.sleep(0.3 + random.random())
        await incident()
    await asyncio.sleep(0.5)


@times(2, 20)
async def test_a_worker_killed_in_the_middle_loses_nothing(
    load: Load, outcomes: list[Outcome], count: int
) -> None:
    for _ in range(WORKERS):
        await load.start_worker()

    async def kill() -> None:
        next(each for each in load.workers if each.poll() is None).kill()
        await load.start_worker()

    await load.under_load(lambda: repeated(count, kill))
    await load.settled()
    assert await load.stop_workers() == [0] * WORKERS
    judge(outcomes, await load.outcome(f"worker killed, {count}x", PREFETCH * count))


@times(1, 5)
async def test_a_broker_that_restarts_loses_nothing(
    load: Load, node: Node, outcomes: list[Outcome], count: int
) -> None:
    for _ in range(WORKERS):
        await load.start_worker()

    async def restart() -> None:
        await asyncio.to_thread(node.stop)
        await asyncio.to_thread(node.start)

    await load.under_load(lambda: repeated(count, restart))
    await load.settled()
    assert await load.stop_workers() == [0] * WORKERS
    in_flight = (PREFETCH * WORKERS + IN_FLIGHT) * count
    judge(outcomes, await load.outcome(f"broker restarted, {count}x", in_flight))


@times(120, 2_000)
async def test_delayed_messages_survive_a_restart_and_come_once(
    load: Load, node: Node, outcomes: list[Outcome], count: int
) -> None:
    """Some are due before the restart, some while it lasts, some after it."""
    await load.start_worker()
    transport = await load.connected()
    current_publisher.set(Publisher(transport))
    for number in range(count):
        await Numbered(number=number).delay(0.1 + number % 120 / 10)
        load.confirmed.add(number)
    load.published = len(load.confirmed)
    await transport.close()
    await asyncio.to_thread(node.stop)
    await asyncio.to_thread(node.start)
    await load.settled()
    assert await load.stop_workers() == [0]
    judge(outcomes, await load.outcome("delayed messages over a broker's restart", PREFETCH))


async def test_revoked_credentials_are_told_and_given_back_they_heal(
    load: Load, node: Node
) -> None:
    worker = await load.start_worker()
    log = load.notes / "worker-0.log"
    await asyncio.to_thread(node.control, "change_password", "guest", "another")
    await asyncio.to_thread(node.control, "close_all_connections", "revoked")
    async with asyncio.timeout(30):
        while "refused the user 'guest'" not in log.read_text():
            await asyncio.sleep(0.1)
    assert worker.poll() is None
    await asyncio.to_thread(node.control, "change_password", "guest", "guest")
    transport = await load.connected()
    await load.publish(transport, range(10))
    await load.settled()
    await transport.close()
    assert await load.stop_workers() == [0]


@times(5, 50)
async def test_connections_cut_anywhere_lose_nothing(
    load: Load, proxy: Proxy, outcomes: list[Outcome], count: int
) -> None:
    """The load flows both ways: some cuts are mid-publish, some mid-delivery, some mid-ack."""
    load.url = load.worker_url = proxy.url()
    for _ in range(WORKERS):
        await load.start_worker()

    async def cut() -> None:
        proxy.cut()

    await load.under_load(lambda: repeated(count, cut))
    await load.settled()
    assert await load.stop_workers() == [0] * WORKERS
    in_flight = (PREFETCH * WORKERS + IN_FLIGHT) * count
    judge(outcomes, await load.outcome(f"connections cut, {count}x", in_flight))


@times(1, 3)
async def test_a_connection_that_is_half_open_is_given_up_and_nothing_lost(
    load: Load, proxy: Proxy, outcomes: list[Outcome], count: int
) -> None:
    load.url = load.worker_url = proxy.url(heartbeat=1, connection_timeout=2)
    await load.start_worker()

    async def stall() -> None:
        proxy.stall()
        async with asyncio.timeout(60):
            while "no answer" not in (load.notes / "worker-0.log").read_text():
                await asyncio.sleep(0.2)
        proxy.cut()
        proxy.resume()

    await load.under_load(lambda: repeated(count, stall))
    await load.settled()
    assert await load.stop_workers() == [0]
    in_flight = (PREFETCH + IN_FLIGHT) * count
    judge(outcomes, await load.outcome(f"connection half open, {count}x", in_flight))


@times(1, 5)
async def test_a_cluster_that_loses_the_leader_of_the_queue_loses_nothing(
    nodes: list[Node], load: Load, outcomes: list[Outcome], count: int
) -> None:
    """Clients stand on the node that lives, as they would behind a load balancer."""
    client = nodes[0]
    load.url = client.url
    await load.start_worker()

    async def kill_leader() -> None:
        leader = await asyncio.to_thread(leader_of, nodes, QUEUE)
        if leader is client:
            leader = await asyncio.to_thread(_another_leads, nodes, client)
        await asyncio.to_thread(leader.kill)
        await asyncio.sleep(3)
        await asyncio.to_thread(leader.start)

    await load.under_load(lambda: repeated(count, kill_leader))
    await load.settled()
    assert await load.stop_workers() == [0]
    in_flight = (PREFETCH + IN_FLIGHT) * count
    judge(
        outcomes,
        await load.outcome(
            f"leader of the queue killed in a cluster of three, {count}x", in_flight
        ),
    )


def _another_leads(nodes: list[Node], client: Node) -> Node:
    """Have another node lead the queue, which may take the cluster several requests."""
    other = next(node for node in nodes if node is not client)
    call = ", ".join(f"{{'%2F_{QUEUE}', '{node.name}'}}" for node in (client, other))
    for _ in range(60):
        with suppress(RuntimeError, subprocess.TimeoutExpired):
            client.control("eval", f"ra:transfer_leadership({call}).")
        if (leader := leader_of(nodes, QUEUE)) is not client:
            return leader
        time.sleep(1)
    raise RuntimeError(f"{client.name} goes on leading")


@times(1, 3)
async def test_a_queue_deleted_and_made_again_is_consumed_again(
    load: Load, node: Node, outcomes: list[Outcome], count: int
) -> None:
    """What was in the queue goes with it: that is what deleting means. It is empty here."""
    await load.start_worker()
    transport = await load.connected()
    for number in range(count):
        await load.publish(transport, range(number * 100, number * 100 + 100))
        await load.settled()
        await asyncio.to_thread(node.control, "delete_queue", QUEUE)
        async with asyncio.timeout(30):
            while True:
                try:
                    await transport.publish(
                        Publication("faults.numbered", b'{"number": -1}', mandatory=True)
                    )
                    break
                except UnroutableError:
                    await asyncio.sleep(0.1)
    await load.publish(transport, range(count * 100, count * 100 + 100))
    await load.settled()
    await transport.close()
    load.confirmed.add(-1)
    load.published += 1
    assert await load.stop_workers() == [0]
    judge(outcomes, await load.outcome(f"queue deleted and made again, {count}x", count))


@times(1, 3)
async def test_an_alarm_holds_publishers_back_and_loses_nothing(
    load: Load, node: Node, outcomes: list[Outcome], count: int
) -> None:
    await load.start_worker()
    hasty = transport_for(f"{load.url}?publish_timeout=3")
    await hasty.connect()

    async def told_why() -> None:
        publication = Publication("faults.numbered", Numbered(number=0).encode(), mandatory=True)
        with pytest.raises(PublishTimeoutError, match="blocks publishers"):
            await hasty.publish(publication)
        assert (await publishing(hasty)).state == "bad", "doctor says nothing"

    async def allow(memory: float) -> None:
        call = f"vm_memory_monitor:set_vm_memory_high_watermark({memory:f})."
        await asyncio.to_thread(node.control, "eval", call)

    async def alarm() -> None:
        await allow(0.00001)
        await asyncio.sleep(2)
        before = len(load.confirmed)
        await asyncio.sleep(1)
        assert len(load.confirmed) - before <= IN_FLIGHT, "publishers went on"
        await told_why()
        await allow(0.4)

    await load.under_load(lambda: repeated(count, alarm))
    assert (await publishing(hasty)).state == "good"
    await load.settled()
    assert await load.stop_workers() == [0]
    await hasty.close()
    # The broker took the hasty ones in the end: they timed out, and are handled all the same.
    judge(outcomes, await load.outcome(f"memory alarm, {count}x", (IN_FLIGHT + 1) * count))


@pytest.mark.parametrize("size", [1_000, pytest.param(in_soak(10_000), marks=pytest.mark.soak)])
async def test_malformed_and_poison_messages_end_in_the_dead_letters_and_block_nobody(
    load: Load, outcomes: list[Outcome], size: int
) -> None:
    bad = size // 10
    transport = await load.connected()
    await load.start_worker()

    async def malformed() -> None:
        for _ in range(bad):
            await transport.publish(Publication("faults.numbered", b"{", mandatory=True))

    await asyncio.gather(
        load.publish(transport, range(size)),
        load.publish(transport, range(size, size + bad), poison=True),
        malformed(),
    )
    await load.settled(dead=bad)
    async with asyncio.timeout(60):
        while await load.dead() < 2 * bad:
            await asyncio.sleep(0.2)
    reasons = {
        letter.reason.partition(":")[0]
        for letter in await dead_letters.list_dead_letters(transport, QUEUE)
    }
    assert reasons == {"not a valid Numbered", "given up after 2 attempts"}
    await transport.close()
    assert await load.stop_workers() == [0]
    poison = range(size, size + bad)
    scenario = f"{bad} malformed and {bad} poison among {size}"
    judge(outcomes, await load.outcome(scenario, 0, culprits=poison, malformed=bad))
    assert load.handled() == dict.fromkeys(range(size), 1)


async def test_a_message_that_kills_its_worker_ends_in_the_dead_letters(load: Load) -> None:
    transport = await load.connected()
    load.prefetch = 1
    await transport.publish(Publication("faults.killer", Killer(number=1).encode(), mandatory=True))
    for _ in range(LIMIT + 1):
        process = await load.start_worker(ready=False)
        assert await asyncio.to_thread(process.wait, 30) == 9
    await load.start_worker()
    async with asyncio.timeout(30):
        while not (letters := await dead_letters.list_dead_letters(transport, f"{QUEUE}.killers")):
            await asyncio.sleep(0.2)
    assert letters[0].reason == "the broker gave it up: delivery_limit"
    await transport.close()
    assert await load.stop_workers() == [0]


@times(1, 5)
async def test_a_worker_told_to_stop_under_load_finishes_what_it_has(
    load: Load, outcomes: list[Outcome], count: int
) -> None:
    """Nothing is lost, and nothing that was acked comes again: no duplicate at all."""
    await load.start_worker()

    async def replace() -> None:
        await load.start_worker()
        load.workers[-2].terminate()
        assert await asyncio.to_thread(load.workers[-2].wait, 30) == 0

    await load.under_load(lambda: repeated(count, replace), seconds=0.02)
    await load.settled()
    assert await load.stop_workers() == [0]
    judge(outcomes, await load.outcome(f"worker told to stop, {count}x", 0))


@pytest.mark.soak
async def test_a_worker_that_handled_a_million_messages_has_not_grown(
    load: Load, outcomes: list[Outcome]
) -> None:
    """Memory is taken after a tenth of the messages, and at the end."""
    count = in_soak(1_000_000)
    step = max(1, count // 100)
    load.prefetch = 200
    worker = await load.start_worker()
    transport = await load.connected()
    sizes: list[int] = []
    for start in range(0, count, step):
        await load.publish(transport, range(start, start + step), in_flight=200)
        await load.drained(transport)
        sizes.append(resident(worker.pid))
    await transport.close()
    await load.settled()
    assert await load.stop_workers() == [0]
    early, last = sizes[len(sizes) // 10], sizes[-1]
    judge(
        outcomes,
        await load.outcome(f"{count} messages: {early >> 20} MB early, {last >> 20} MB at last", 0),
    )
    assert last < early * 1.1


def resident(pid: int) -> int:
    """Bytes of memory that a process holds."""
    pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    return pages * resource.getpagesize()
