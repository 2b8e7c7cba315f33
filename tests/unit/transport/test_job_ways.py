"""The ways of delayed tasks: what is declared for them, and what publishers know of them."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any, cast

import pytest
from jararaca import Exchange, ExchangeBinding, Queue, QueueBinding, Topology
from jararaca.errors import (
    AccessRefusedError,
    BrokerError,
    BrokerUnreachableError,
    QueueNotFoundError,
)
from jararaca.transport.amqp.channels import open_channel
from jararaca.transport.amqp.connection import Link
from jararaca.transport.amqp.delaying import delays, job_ways, jobs
from jararaca.transport.amqp.delaying.delay_chain import ENDS
from jararaca.transport.amqp.delaying.delays import DELIVERY, UNDELIVERABLE
from jararaca.transport.amqp.delaying.job_ways import ASKED_AGAIN, JobWays
from jararaca.transport.url import parse_broker_url
from pamqp import commands

from tests.support.amqp_server import AmqpServer, refusal


def test_names_of_ways() -> None:
    assert jobs.destination("shop") == "job.shop"
    key = delays.routing_key(1, "job.shop.eu")
    assert jobs.exchange_of(key) == "shop.eu"
    assert jobs.exchange_of(delays.routing_key(1, "queue.shop")) is None
    assert jobs.beside("shop") == "jararaca.delay.to.shop"
    assert jobs.known("shop", "a.b") == "jararaca.delay.to.shop:a.b"
    odd = jobs.known("shop", "a/b")
    assert odd != jobs.known("shop", "a/c")
    assert len(odd.removeprefix("jararaca.delay.to.")) == 32
    assert len(jobs.beside("x" * 101).removeprefix("jararaca.delay.to.")) == 32


def bindings_of(*kinds: str, key: str = "do.it", **more: Any) -> tuple[QueueBinding, ...]:
    exchanges = tuple(Exchange(kind, cast(Any, kind)) for kind in kinds)
    bound = tuple(QueueBinding(kind, "work", key, **more) for kind in kinds)
    return jobs.keys_of(Topology(exchanges, (), bound, frozenset({"work"})), ["work", "other"])


def test_which_bindings_are_of_tasks_that_go_on_by_topic() -> None:
    assert [each.exchange for each in bindings_of("topic", "direct", "fanout", "headers")] == [
        *("topic", "direct")
    ]
    assert [each.exchange for each in bindings_of("topic", "direct", key="do.*")] == ["topic"]
    assert [each.exchange for each in bindings_of("topic", "direct", key="#")] == ["topic"]
    assert bindings_of("topic", arguments={"x": 1}) == ()
    unknown = Topology((), (), (QueueBinding("absent", "work", "do"),), frozenset({"work"}))
    assert jobs.keys_of(unknown, ["work"]) == ()
    tasks = Topology(
        (Exchange("shop"), Exchange("")),
        (),
        (QueueBinding("shop", "work", "a"), QueueBinding("shop", "events", "b")),
        frozenset({"work", "idle"}),
    )
    assert jobs.keys_of(tasks, ["work", "events"]) == (QueueBinding("shop", "work", "a"),)
    assert jobs.keys_of(tasks, ["events"]) == ()


BOUND = (QueueBinding("shop", "work", "a"), QueueBinding("shop", "more", "b"))


def test_ways_lead_to_the_exchange_and_beside_it_once() -> None:
    made = jobs.ways(BOUND)
    assert made.topology.exchanges == (
        Exchange("jararaca.delay.to.shop", arguments={"alternate-exchange": UNDELIVERABLE}),
    )
    assert made.topology.bindings == (
        QueueBinding("jararaca.delay.to.shop", "work", "a"),
        QueueBinding("jararaca.delay.to.shop", "more", "b"),
    )
    key = delays.delivery_key("job.shop")
    assert made.between == (
        ExchangeBinding(DELIVERY, "shop", key),
        ExchangeBinding(DELIVERY, "jararaca.delay.to.shop", key),
    )
    assert jobs.signs(BOUND) == Topology(
        exchanges=(
            Exchange("jararaca.delay.to.shop:a", "fanout"),
            Exchange("jararaca.delay.to.shop:b", "fanout"),
        )
    )


def test_a_topic_may_be_known_by_a_pattern_of_its_exchange() -> None:
    own = Topology(
        (Exchange("shop"), Exchange("other")),
        (),
        (
            QueueBinding("shop", "work", "do.#"),
            QueueBinding("shop", "work", "do.*"),
            QueueBinding("shop", "work", "do.it"),
            QueueBinding("shop", "work", "else"),
            QueueBinding("other", "work", "*.it"),
        ),
        frozenset({"work"}),
    )
    assert jobs.candidates([own], "shop", "do.it") == ("do.it", "do.#", "do.*")
    assert jobs.candidates([], "shop", "do.it") == ("do.it",)


class Ways:
    """JobWays over a broker that keeps what it is asked, and has the exchanges it is given."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.log: list[Any] = []
        self.there: set[str] = set()
        self.now = 100.0
        self.passive = False
        self.refuses: BrokerError | None = None
        monkeypatch.setattr(job_ways, "monotonic", lambda: self.now)
        monkeypatch.setattr(job_ways, "between", self.between)
        monkeypatch.setattr(job_ways, "_is_there", self.is_there)
        self.ways = JobWays(cast(Any, self), self.declare)

    async def prepare(self, connection: Any, level: int) -> None:
        self.log.append(("prepared", level))

    async def declare(self, connection: Any, topology: Topology) -> None:
        if self.refuses is not None:
            raise self.refuses
        kind = "ways" if topology.bindings else "signs"
        self.log.append((kind, len(topology.exchanges)))

    async def between(self, connection: Any, bindings: Sequence[ExchangeBinding]) -> None:
        self.log.append(("between", len(bindings)))

    async def is_there(self, connection: Any, exchange: str) -> bool:
        await asyncio.sleep(0)
        self.log.append(exchange)
        return exchange in self.there

    async def asked(self, topic: str = "a", own: Sequence[Topology] = ()) -> str:
        return await self.ways.destination(cast(Any, None), "shop", topic, own)


ALL = [("prepared", ENDS), ("ways", 1), ("between", 2), ("signs", 2)]
NONE: Any = None


@pytest.fixture
def known(monkeypatch: pytest.MonkeyPatch) -> Ways:
    return Ways(monkeypatch)


async def test_ways_are_made_before_anybody_is_told_of_them(known: Ways) -> None:
    await known.ways.bind(NONE, [])
    assert known.log == []
    await known.ways.bind(NONE, BOUND)
    assert known.log == ALL


async def test_what_is_bound_is_not_bound_again_and_is_restored_once(known: Ways) -> None:
    await known.ways.bind_if_allowed(NONE, BOUND[:1])
    known.log.clear()
    await known.ways.bind_if_allowed(NONE, BOUND)
    assert known.log[-1] == ("signs", 1)
    await known.ways.bind(NONE, BOUND)
    known.log.clear()
    await known.ways.bind_if_allowed(NONE, BOUND)
    assert known.log == []
    await known.ways.restore(NONE)
    assert known.log == ALL
    assert known.ways._bound == [*BOUND]


async def test_an_account_without_the_right_leaves_tasks_to_wait(known: Ways) -> None:
    known.refuses = AccessRefusedError("no right")
    await known.ways.bind_if_allowed(NONE, BOUND)
    with pytest.raises(AccessRefusedError):
        await known.ways.bind(NONE, BOUND)
    known.refuses = QueueNotFoundError("gone")
    with pytest.raises(QueueNotFoundError):
        await known.ways.bind_if_allowed(NONE, BOUND)
    known.refuses, known.passive = None, True
    known.log.clear()
    await known.ways.bind_if_allowed(NONE, BOUND)
    assert known.log == []


async def test_ways_to_queues_that_are_gone_are_let_go(known: Ways) -> None:
    await known.ways.bind(NONE, BOUND)
    known.refuses = QueueNotFoundError("gone")
    await known.ways.restore(NONE)
    known.refuses = None
    known.log.clear()
    await known.ways.restore(NONE)
    assert known.log == []
    await known.ways.bind_if_allowed(NONE, BOUND)
    assert known.log == ALL


async def test_a_way_is_asked_for_once(known: Ways) -> None:
    known.there.add("jararaca.delay.to.shop:a")
    assert [*await asyncio.gather(known.asked(), known.asked())] == ["job.shop"] * 2
    known.now += 1e9
    assert await known.asked() == "job.shop"
    assert known.log == ["jararaca.delay.to.shop:a"]
    await known.ways.restore(NONE)
    assert await known.asked() == "job.shop" and len(known.log) == 2


async def test_a_way_that_is_not_there_is_asked_for_again_after_a_while(known: Ways) -> None:
    assert await known.asked() == "task.shop" == await known.asked()
    known.now += ASKED_AGAIN - 0.1
    assert await known.asked() == "task.shop" and len(known.log) == 1
    known.there.add("jararaca.delay.to.shop:a")
    known.now += 0.1
    assert await known.asked() == "job.shop" and len(known.log) == 2


async def test_a_pattern_will_do(known: Ways) -> None:
    bound = (QueueBinding("shop", "work", "#"),)
    own = Topology((Exchange("shop"),), (Queue("work"),), bound, frozenset({"work"}))
    known.there.add(jobs.known("shop", "#"))
    assert await known.asked("b", [own]) == "job.shop"
    assert known.log == ["jararaca.delay.to.shop:b", jobs.known("shop", "#")]


async def test_so_many_topics_are_remembered_and_no_more(
    known: Ways, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(job_ways, "MOST_KNOWN", 2)
    for topic in ("a", "b", "a", "b"):
        await known.asked(topic)
    assert len(known.log) == 2
    await known.asked("c")
    await known.asked("a")
    await known.asked("c")
    assert len(known.log) == 4 and len(known.ways._asked) == 2


async def test_a_way_is_there_if_the_broker_has_its_sign(server: AmqpServer) -> None:
    link = Link(parse_broker_url(server.url()), "publishing")
    await link.open()
    connection = await link.connection()
    assert not await job_ways._is_there(connection, "sign") and "sign" not in server.exchanges
    server.exchanges.add("sign")
    assert await job_ways._is_there(connection, "sign")
    await server.until(lambda: len(server.asked(commands.Channel.Close)) == 1)
    server.on(commands.Exchange.Declare, refusal(403, "ACCESS_REFUSED"))
    assert not await job_ways._is_there(connection, "sign")
    await link.close()


async def test_all_numbers_in_use_is_told(server: AmqpServer) -> None:
    server.on(commands.Connection.StartOk, commands.Connection.Tune(1, 131_072, 0))
    link = Link(parse_broker_url(server.url()), "publishing")
    await link.open()
    connection = await link.connection()
    await open_channel(connection)
    with pytest.raises(BrokerUnreachableError, match="all channels of the connection are in use"):
        await open_channel(connection)
    await link.close()
