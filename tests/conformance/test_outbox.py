"""The outbox and the inbox, over each database: nothing lost, in order, and once in effect."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from jararaca import (
    MessageOf,
    PublishNackedError,
    PublishTimeoutError,
    RetryPolicy,
    use_publisher,
    use_session,
)
from jararaca.integrations.sqlalchemy import metadata
from jararaca.integrations.sqlalchemy.inbox import KEPT
from jararaca.integrations.sqlalchemy.outbox import relay, table
from jararaca.integrations.sqlalchemy.outbox.relay import Relay
from jararaca.integrations.sqlalchemy.outbox.relay_lock import relay_lock_for
from jararaca.integrations.sqlalchemy.outbox.status import requeue, status
from jararaca.integrations.sqlalchemy.tables import INBOX, OUTBOX
from jararaca.transport import Publication
from jararaca.transport.connect import transport_for
from sqlalchemy import func, insert, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from tests.support.orders import Bench, Order, Place, Placed, Unheard, place

LONG = 3600.0


class Flaky:
    """A broker's connection on which publishing fails as a test wants it to."""

    def __init__(self, url: str, fails: Callable[[Publication], Exception | None]) -> None:
        self._transport = transport_for(url)
        self._fails = fails
        self.tried: list[str] = []

    def __getattr__(self, name: str) -> Any:
        return getattr(self._transport, name)

    async def publish(self, publication: Publication) -> None:
        self.tried.append(publication.routing_key)
        if error := self._fails(publication):
            raise error
        await self._transport.publish(publication)


async def count(bench: Bench, table: Any) -> int:
    async with bench.database.engine.connect() as connection:
        return int(await connection.scalar(select(func.count()).select_from(table)) or 0)


async def emptied(bench: Bench) -> None:
    async with asyncio.timeout(20):
        while await count(bench, OUTBOX):
            await asyncio.sleep(0.02)


async def put(bench: Bench, *messages: Any) -> None:
    """Commit publications as a handler of another process would have."""
    from jararaca.publishing.publication import publication_of

    async with AsyncSession(bench.database.engine) as session:
        await table.put(session, [publication_of(each) for each in messages], "jararaca")
        await session.commit()


async def test_a_publication_comes_out_as_it_was_made_and_its_row_goes(database_url: str) -> None:
    async def handle(message: MessageOf[Place]) -> None:
        told = {"tenant": "acme", "at": datetime(2026, 1, 2, tzinfo=UTC), "raw": b"\x00\xff"}
        await use_publisher().publish(Placed(number=1), headers=told, message_id="the-id")

    bench = Bench(database_url, handle)
    await bench.worker()
    await bench.send(1)
    await bench.until(place=1, placed=1)
    delivery = bench.placed[0]
    assert (delivery.routing_key, delivery.exchange) == ("orders.placed", "jararaca")
    assert (delivery.properties.message_id, delivery.properties.type) == ("the-id", "Placed")
    assert delivery.headers["tenant"] == "acme" and delivery.headers["raw"] == b"\x00\xff"
    assert delivery.headers["at"] == datetime(2026, 1, 2, tzinfo=UTC)
    await emptied(bench)
    await bench.close()


async def test_a_commit_wakes_the_relay_of_its_process(
    database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(relay, "POLL_SECONDS", LONG)
    bench = Bench(database_url)
    await bench.worker()
    for number in range(3):
        await bench.send(number)
        await bench.until(place=number + 1, placed=number + 1)
    await bench.close()


async def test_while_the_broker_is_away_handlers_commit_and_all_is_sent_later_in_order(
    database_url: str, caplog: pytest.LogCaptureFixture
) -> None:
    away = True

    def fails(publication: Publication) -> Exception | None:
        return PublishTimeoutError("away") if away else None

    caplog.set_level(logging.INFO, "jararaca.outbox")
    bench = Bench(database_url)
    await bench.worker(transport=Flaky(bench.broker_url, fails), prefetch=1)
    await bench.send(*range(20))
    await bench.until(place=20)
    assert set(bench.outcomes()) == {"handled"} and bench.placed == []
    assert (await status(bench.database.engine)).waiting == 20
    assert (await status(bench.database.engine)).refused == 0
    away = False
    await bench.until(placed=20)
    assert bench.numbers == list(range(20))
    await bench.workers[0].stop()
    told = [record.message for record in caplog.records if record.name == "jararaca.outbox"]
    assert len(told) == 2 and "no message is lost" in told[0] and "sending again" in told[1]
    await bench.close()


async def test_what_the_broker_refuses_holds_up_its_own_key_and_no_other(
    database_url: str,
) -> None:
    bench = Bench(database_url, relay=False)
    await bench.worker()
    transport = Flaky(bench.broker_url, lambda _: None)
    await transport.connect()
    sends = Relay(bench.database.engine, transport)
    await put(bench, Unheard(number=1), Placed(number=1))
    assert await sends.turn() == "sent"
    await put(bench, Unheard(number=2), Placed(number=2))
    assert await sends.turn() == "sent"
    assert await sends.turn() == "idle"
    await bench.until(placed=2)
    assert transport.tried.count("orders.unheard") == 1
    now = await status(bench.database.engine)
    assert (now.waiting, now.refused, now.parked) == (2, 1, 0)
    assert now.stuck[0].error.startswith("UnroutableError: no queue receives")
    assert now.oldest_seconds > 0
    await bench.close()


async def test_what_is_refused_too_often_is_parked_until_it_is_requeued(
    database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(table, "LONGEST_PAUSE", 0.0)
    full = True

    def fails(publication: Publication) -> Exception | None:
        return PublishNackedError("a queue is full") if full else None

    bench = Bench(database_url, relay=False)
    await bench.worker()
    transport = Flaky(bench.broker_url, fails)
    await transport.connect()
    sends = Relay(bench.database.engine, transport)
    await put(bench, Placed(number=1))
    for _ in range(table.ATTEMPTS):
        assert await sends.turn() == "sent"
    assert await sends.turn() == "idle"
    now = await status(bench.database.engine)
    assert (now.waiting, now.parked) == (0, 1)
    assert now.stuck[0].parked and "a queue is full" in now.stuck[0].error
    full = False
    assert await requeue(bench.database.engine, [now.stuck[0].id + 1]) == 0
    assert await requeue(bench.database.engine) == 1
    assert await sends.turn() == "sent"
    await bench.until(placed=1)
    assert await count(bench, OUTBOX) == 0
    await bench.close()


async def test_a_row_that_cannot_be_read_is_refused_and_holds_up_nothing(
    database_url: str,
) -> None:
    bench = Bench(database_url, relay=False)
    await bench.worker()
    await put(bench, Placed(number=1), Place(number=2))
    async with bench.database.engine.begin() as connection:
        broken = OUTBOX.update().where(OUTBOX.c.routing_key == "orders.place")
        await connection.execute(broken.values(envelope="{"))
    transport = transport_for(bench.broker_url)
    await transport.connect()
    assert await Relay(bench.database.engine, transport).turn() == "sent"
    await bench.until(placed=1)
    now = await status(bench.database.engine)
    assert (now.waiting, now.refused) == (1, 1)
    assert "JSONDecodeError" in now.stuck[0].error
    await bench.close()


async def test_a_relay_tries_nothing_while_the_broker_takes_no_messages(
    database_url: str,
) -> None:
    bench = Bench(database_url, relay=False)
    await bench.worker()
    transport: Any = Flaky(bench.broker_url, lambda _: None)
    await transport.connect()
    await put(bench, Placed(number=1))
    sends = Relay(bench.database.engine, transport)
    transport.sends = False
    assert (await sends.turn(), transport.tried) == ("down", [])
    transport.sends = True
    assert (await sends.turn(), transport.tried) == ("sent", ["orders.placed"])
    await bench.close()


async def test_a_delay_counts_from_when_it_was_asked_for(database_url: str) -> None:
    bench = Bench(database_url, relay=False)
    await bench.worker()
    seen: list[float] = []

    def fails(publication: Publication) -> Exception | None:
        seen.append(publication.delay)
        return None

    transport = Flaky(bench.broker_url, fails)
    await transport.connect()
    now = datetime.now(UTC)
    publication = Publication("orders.placed", b'{"number":1}', delay=100.0)
    async with AsyncSession(bench.database.engine) as session:
        await table.put(session, [publication, publication], "jararaca")
        await session.execute(
            OUTBOX.update().where(OUTBOX.c.id == 2).values(deliver_at=now - timedelta(seconds=5))
        )
        await session.commit()
    await Relay(bench.database.engine, transport).turn()
    assert 90.0 < seen[0] < 100.0 and seen[1] == 0.0
    await bench.close()


async def test_a_batch_is_bounded_by_its_bytes_and_has_one_message_at_least(
    database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(table, "BATCH_BYTES", 10)
    bench = Bench(database_url, relay=False)
    await bench.worker()
    async with AsyncSession(bench.database.engine) as session:
        bodies = [b"x" * 50, b"1234", b"5678", b"90ab", b"cdef"]
        await table.put(session, [Publication("k", body) for body in bodies], "jararaca")
        await session.commit()
    sizes = []
    async with bench.database.engine.begin() as connection:
        while rows := await table.due(connection, datetime.now(UTC)):
            sizes.append(len(rows))
            await table.remove(connection, rows)
    assert sizes == [1, 3, 1]
    await bench.close()


async def test_many_relays_send_in_order_and_nothing_twice(database_url: str) -> None:
    bench = Bench(database_url, relay=False)
    await bench.worker(prefetch=1)
    relays = []
    for _ in range(3):
        transport = transport_for(bench.broker_url)
        await transport.connect()
        relays.append(Relay(bench.another().engine, transport))
        relays[-1].start()
    for start in range(0, 1500, 50):
        await put(bench, *(Placed(number=number) for number in range(start, start + 50)))
        relays[start // 50 % 3].wake()
        await asyncio.sleep(0.005)
    await bench.until(placed=1500)
    await asyncio.gather(*(each.stop() for each in relays))
    assert bench.numbers == list(range(1500))
    await bench.close()


async def test_a_relay_sees_what_was_deleted_before_its_turn_whatever_the_engines_isolation(
    postgresql_url: str,
) -> None:
    engine = Bench(postgresql_url, isolation_level="SERIALIZABLE").database.engine
    async with engine.begin() as connection:
        await connection.run_sync(metadata.create_all)
    async with relay_lock_for(engine)() as transaction:
        assert transaction is not None
        async with transaction() as connection:
            level = await connection.scalar(text("SHOW transaction_isolation"))
    assert level == "read committed"
    await engine.dispose()


async def test_a_transaction_that_commits_late_is_not_passed_over(postgresql_url: str) -> None:
    bench = Bench(postgresql_url)
    await bench.worker()
    early = AsyncSession(bench.database.engine)
    await table.put(early, [Publication("orders.placed", b'{"number":1}')], "jararaca")
    await put(bench, Placed(number=2))
    await bench.until(placed=1)
    await emptied(bench)
    await early.commit()
    await early.close()
    await bench.until(placed=2)
    assert bench.numbers == [2, 1]
    await bench.close()


async def test_a_message_that_was_handled_is_a_duplicate_for_every_worker(
    database_url: str,
) -> None:
    calls: list[int] = []

    async def handle(message: MessageOf[Place]) -> None:
        calls.append(message.payload().number)
        await place(message)

    bench = Bench(database_url, handle)
    first = await bench.worker()
    await bench.send(1, message_id="m")
    await bench.until(place=1, placed=1)
    await first.stop()
    other = bench.another()
    await bench.worker(other)
    await bench.send(1, message_id="m")
    await bench.until(place=2)
    assert (calls, list(bench.outcomes())) == ([1], ["handled", "duplicate"])
    assert (await bench.orders(), bench.numbers) == ({1: 1}, [1])
    await bench.close()


async def test_a_failed_handler_leaves_no_record(database_url: str) -> None:
    tries: list[int] = []

    async def handle(message: MessageOf[Place]) -> None:
        await place(message)
        tries.append(message.attempt)
        if message.attempt == 1:
            raise ValueError("not yet")

    bench = Bench(database_url, handle, retry=RetryPolicy(max_retries=1, initial_delay=0.1))
    await bench.worker()
    await bench.send(1)
    await bench.until(place=2, placed=1)
    assert (tries, list(bench.outcomes())) == ([1, 2], ["retried", "handled"])
    assert await bench.orders() == {1: 1}
    await bench.close()


async def test_one_message_at_two_workers_at_once_has_one_effect(postgresql_url: str) -> None:
    both = asyncio.Barrier(2)

    async def handle(message: MessageOf[Place]) -> None:
        await both.wait()
        await place(message)

    bench = Bench(postgresql_url, handle)
    await bench.worker(bench.another(), prefetch=1)
    await bench.worker(bench.another(), prefetch=1)
    await bench.send(1, 1, message_id="m")
    await bench.until(place=2, placed=1)
    assert sorted(bench.outcomes()) == ["duplicate", "handled"]
    assert (await bench.orders(), bench.numbers) == ({1: 1}, [1])
    await bench.close()


async def test_the_record_is_pruned_after_its_time(database_url: str) -> None:
    bench = Bench(database_url, relay=False)
    await bench.worker()
    now = datetime.now(UTC)
    ages = {"old": KEPT + timedelta(minutes=1), "young": KEPT - timedelta(minutes=1)}
    async with bench.database.engine.begin() as connection:
        for key, age in ages.items():
            await connection.execute(insert(INBOX).values(key=key, handled_at=now - age))
    transport = transport_for(bench.broker_url)
    await transport.connect()
    assert await Relay(bench.database.engine, transport).turn() == "idle"
    async with bench.database.engine.connect() as connection:
        assert (await connection.scalars(select(INBOX.c.key))).all() == ["young"]
    await bench.close()


async def test_a_worker_says_where_its_record_is(
    database_url: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    for outboxed, place_of_it in ((True, "jararaca_inbox of "), (False, "this process's memory")):
        caplog.clear()
        bench = Bench(database_url, outbox=outboxed)
        await bench.worker()
        await bench.close()
        assert f"message ids are stored in {place_of_it}" in caplog.text


async def test_without_an_outbox_publications_go_out_right_after_the_commit(
    database_url: str,
) -> None:
    bench = Bench(database_url, outbox=False)
    await bench.worker()
    await bench.send(1, message_id="m")
    await bench.until(place=1, placed=1)
    await bench.send(1, message_id="m")
    await bench.until(place=2)
    assert list(bench.outcomes()) == ["handled", "duplicate"]
    assert await bench.orders() == {1: 1}
    await bench.close()


async def test_a_worker_that_stops_has_sent_what_its_handlers_committed(
    database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(relay, "POLL_SECONDS", LONG)
    bench = Bench(database_url)
    worker = await bench.worker()
    await put(bench, Placed(number=5))
    await worker.stop()
    assert await count(bench, OUTBOX) == 0
    await bench.close()


async def test_rows_in_one_transaction_come_out_in_the_order_they_were_published(
    database_url: str,
) -> None:
    async def handle(message: MessageOf[Place]) -> None:
        use_session().add(Order(number=1))
        for number in range(50):
            await Placed(number=number).publish()

    bench = Bench(database_url, handle)
    await bench.worker(prefetch=1)
    await bench.send(1)
    await bench.until(placed=50)
    assert bench.numbers == list(range(50))
    await bench.close()
