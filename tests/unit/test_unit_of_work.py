"""What surrounds a delivery: interceptors, commits and lifecycles, in order, and after failures."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import fields
from typing import Any, cast
from uuid import uuid4

import pytest
from jararaca import (
    AppLifecycle,
    Exchange,
    HandledBeforeError,
    Integration,
    Message,
    MessageHandler,
    MessageOf,
    Microservice,
    Publisher,
    RetryPolicy,
    Topology,
    Work,
    Worker,
    ack,
    implicit_headers,
    reject,
    route,
)
from jararaca.application.host import Host
from jararaca.handlers.current_work import current_work
from jararaca.handlers.outcome import Handled
from jararaca.transport.connect import transport_for

from tests.support.services import service_of

ONCE = RetryPolicy(max_retries=0)


class Ping(Message):
    MESSAGE_TOPIC = "ping"
    MESSAGE_TYPE = "task"
    text: str


class Pong(Message):
    MESSAGE_TOPIC = "pong"
    text: str


class Bench:
    """A worker over memory:// with what surrounds its one handler, and all that happened."""

    def __init__(
        self, handle: Callable[[Bench, MessageOf[Ping]], Any], *, auto_ack: bool = True
    ) -> None:
        self.auto_ack = auto_ack
        self.log: list[str] = []
        self.told: asyncio.Queue[Handled] = asyncio.Queue()
        self.url = f"memory://{uuid4()}"
        self._handle = handle
        self.exception_handler: Any = None
        self.until = 1
        self.ended: Callable[[], None] = lambda: None

    def interceptor(self, name: str) -> Any:
        @asynccontextmanager
        async def around(work: Work) -> AsyncIterator[None]:
            self.log.append(f"{name} in")
            work.on_commit(lambda: self._commit(name))
            try:
                yield
            except Exception as error:
                self.log.append(f"{name} saw {type(error).__name__}")
                raise
            finally:
                self.log.append(f"{name} out")

        return around

    async def _commit(self, name: str) -> None:
        self.log.append(f"{name} commits")

    async def run(self, **parts: Any) -> Handled:
        """One Ping through the worker; what became of it."""
        bench = self

        class Controller:
            @MessageHandler(
                Ping,
                retry=ONCE,
                auto_ack=bench.auto_ack,
                exception_handler=bench.exception_handler,
            )
            async def on_ping(self, message: MessageOf[Ping]) -> None:
                bench.log.append("handler")
                await bench._handle(bench, message)

        service = service_of(
            route(
                operation="onPing",
                queue="pings",
                binding_keys=("ping",),
                message=Ping,
                controller=Controller,
                handler=Controller.on_ping,
            )
        )
        worker = Worker(
            Microservice(service, **parts), transport_for(self.url), listener=self.told.put_nowait
        )
        await worker.start()
        try:
            async with Publisher.connect(self.url) as publisher:
                await publisher.publish(Ping(text="hello"))
                for _ in range(self.until - 1):
                    await asyncio.wait_for(self.told.get(), 10)
                    self.ended()
                return await asyncio.wait_for(self.told.get(), 10)
        finally:
            await worker.stop()


async def succeed(bench: Bench, message: MessageOf[Ping]) -> None:
    await Pong(text="out").publish()


async def fail(bench: Bench, message: MessageOf[Ping]) -> None:
    await Pong(text="never").publish()
    raise ValueError("broken")


async def test_interceptors_compose_in_order_and_are_left_in_reverse_after_the_commits() -> None:
    bench = Bench(succeed)
    told = await bench.run(interceptors=[bench.interceptor("a"), bench.interceptor("b")])
    assert told.outcome == "handled"
    expected = "a in, b in, handler, a commits, b commits, b out, a out"
    assert ", ".join(bench.log) == expected


async def test_the_work_of_a_delivery_is_complete_when_an_interceptor_sees_it() -> None:
    seen: list[dict[str, Any]] = []

    @asynccontextmanager
    async def look(work: Work) -> AsyncIterator[None]:
        names = *(field.name for field in fields(Work)), *type(work).__slots__
        seen.append({name: getattr(work, name) for name in names})
        yield

    await Bench(succeed).run(interceptors=[look])
    plain = Work(publisher=seen[0]["publisher"])
    given = ("publisher", "host", "kind", "name", "message", "headers")
    for field in fields(Work):
        if field.name not in given:
            assert seen[0][field.name] == getattr(plain, field.name), field.name
    assert (seen[0]["kind"], seen[0]["name"].split(".")[-1]) == ("delivery", "on_ping")
    assert seen[0]["message"].payload() == Ping(text="hello")


async def test_a_failure_is_raised_inside_the_interceptors_and_nothing_is_committed() -> None:
    bench = Bench(fail)
    told = await bench.run(interceptors=[bench.interceptor("a")])
    assert told.outcome == "dead-lettered"
    assert ", ".join(bench.log) == "a in, handler, a saw ValueError, a out"


async def test_a_reject_commits_nothing_and_is_no_exception_to_interceptors() -> None:
    async def handle(bench: Bench, message: MessageOf[Ping]) -> None:
        reject("not ours")

    bench = Bench(handle)
    told = await bench.run(interceptors=[bench.interceptor("a")])
    assert (told.outcome, told.reason) == ("dead-lettered", "not ours")
    assert ", ".join(bench.log) == "a in, handler, a out"


async def test_an_interceptor_that_swallows_a_failure_does_not_make_it_a_success() -> None:
    @asynccontextmanager
    async def swallowing(work: Work) -> AsyncIterator[None]:
        with suppress(ValueError):
            yield

    assert (await Bench(fail).run(interceptors=[swallowing])).outcome == "dead-lettered"


async def test_an_interceptor_that_cannot_be_entered_fails_the_delivery_by_its_policy() -> None:
    @asynccontextmanager
    async def closed(work: Work) -> AsyncIterator[None]:
        raise ConnectionError("no database")
        yield

    bench = Bench(succeed)
    told = await bench.run(interceptors=[closed])
    assert told.outcome == "dead-lettered" and "no database" in (told.reason or "")
    assert bench.log == []


async def test_a_failing_commit_fails_the_delivery_and_drops_its_publications() -> None:
    async def broken() -> None:
        raise ConnectionError("commit lost")

    @asynccontextmanager
    async def session(work: Work) -> AsyncIterator[None]:
        work.on_commit(broken)
        yield

    heard: list[str] = []

    class Hears(Integration):
        def __init__(self) -> None:
            self.listener = lambda handled: heard.append(handled.outcome)

    bench = Bench(succeed)
    told = await bench.run(interceptors=[session], integrations=[Hears()])
    assert told.outcome == "dead-lettered" and "commit lost" in (told.reason or "")
    assert heard == ["dead-lettered"]


async def test_ack_commits_before_it_acks_and_what_fails_after_it_is_not_committed() -> None:
    async def handle(bench: Bench, message: MessageOf[Ping]) -> None:
        await ack()
        bench.log.append("acked")
        raise ValueError("too late")

    bench = Bench(handle)
    told = await bench.run(interceptors=[bench.interceptor("a")])
    assert told.outcome == "handled"
    assert ", ".join(bench.log) == "a in, handler, a commits, acked, a saw ValueError, a out"


async def test_what_is_published_after_an_ack_is_dropped_with_the_failure() -> None:
    kept: list[int] = []

    @asynccontextmanager
    async def looks(work: Work) -> AsyncIterator[None]:
        try:
            yield
        finally:
            kept.append(work.publisher.staged)

    async def handle(bench: Bench, message: MessageOf[Ping]) -> None:
        await ack()
        await Pong(text="never").publish()
        raise ValueError("too late")

    assert (await Bench(handle).run(interceptors=[looks])).outcome == "handled"
    assert kept == [0]


async def test_a_handler_that_forgets_to_settle_commits_nothing() -> None:
    bench = Bench(succeed, auto_ack=False)
    told = await bench.run(interceptors=[bench.interceptor("a")])
    assert told.outcome == "dead-lettered"
    assert "a commits" not in bench.log and "a saw NotSettledError" in bench.log


async def test_a_header_of_the_publication_itself_wins_over_the_implicit_one() -> None:
    seen: list[Any] = []

    @asynccontextmanager
    async def looks(work: Work) -> AsyncIterator[None]:
        yield
        seen.extend(each.headers["tenant"] for each in work.publisher.take())

    async def handle(bench: Bench, message: MessageOf[Ping]) -> None:
        await Pong(text="one").publish(headers={"tenant": "umbrella"})
        await Pong(text="two").publish()

    with implicit_headers(tenant="acme"):
        await Bench(handle).run(interceptors=[looks])
    assert seen == ["umbrella", "acme"]


async def test_what_a_transaction_knows_already_is_acked_as_a_duplicate() -> None:
    @asynccontextmanager
    async def knows(work: Work) -> AsyncIterator[None]:
        raise HandledBeforeError
        yield

    bench = Bench(succeed)
    assert (await bench.run(interceptors=[knows])).outcome == "duplicate"
    assert bench.log == []


async def test_implicit_headers_go_with_each_publication_and_on_from_its_handler() -> None:
    seen: list[Any] = []

    @asynccontextmanager
    async def looks(work: Work) -> AsyncIterator[None]:
        yield
        seen.extend(each.headers for each in work.publisher.take())

    bench = Bench(succeed)
    with implicit_headers(tenant="acme", user="ada"):
        await bench.run(interceptors=[looks])
    assert [(each["tenant"], each["user"]) for each in seen] == [("acme", "ada")]


class Part(AppLifecycle, Integration):
    """Logs its start and stop."""

    def __init__(self, name: str, log: list[str], fails: bool = False) -> None:
        self.name, self.log, self.fails = name, log, fails

    async def start(self, host: Host | None = None) -> None:
        if self.fails:
            raise ConnectionError(self.name)
        self.log.append(f"{self.name} starts")

    async def stop(self) -> None:
        self.log.append(f"{self.name} stops")


async def test_what_started_is_stopped_in_reverse_also_after_a_failed_start() -> None:
    log: list[str] = []
    parts = {"integrations": [Part("database", log)]}
    hooks = [Part("first", log), Part("second", log, fails=True), Part("third", log)]
    bench = Bench(succeed)
    with pytest.raises(ConnectionError, match="second"):
        await bench.run(lifecycle=hooks, **parts)
    assert log == ["database starts", "first starts", "first stops", "database stops"]


async def test_the_topology_is_declared_before_integrations_start() -> None:
    class Publishes(Integration):
        async def start(self, host: Host) -> None:
            async with host.unit_of_work():
                await Ping(text="early").publish()

    bench = Bench(succeed)
    told = await bench.run(integrations=[Publishes()])
    assert isinstance(told.message, Ping) and told.message.text == "early"


async def test_one_hook_that_fails_to_stop_does_not_keep_the_others_from_it() -> None:
    log: list[str] = []

    class Stuck(Part):
        async def stop(self) -> None:
            raise ConnectionError("stuck")

    bench = Bench(succeed)
    with pytest.raises(ConnectionError, match="stuck"):
        await bench.run(lifecycle=[Part("first", log), Stuck("second", log)])
    assert log == ["first starts", "second starts", "first stops"]


async def test_a_unit_of_work_of_ones_own_publishes_after_the_commit_and_not_after_a_failure() -> (
    None
):
    url = f"memory://{uuid4()}"
    host = Host(Microservice(), transport_for(url))
    await host.start()
    await host.transport.declare(Topology((Exchange("jararaca", shared=True),), (), ()))
    try:
        async with host.unit_of_work() as work:
            await Pong(text="out").publish()
            assert work.publisher.staged == 1
        assert work.publisher.staged == 0
        with pytest.raises(ValueError, match="broken"):
            async with host.unit_of_work() as work:
                await Pong(text="never").publish()
                raise ValueError("broken")
    finally:
        await host.stop()


async def test_what_is_to_follow_is_done_once_after_the_commits_and_the_publications() -> None:
    async def handle(bench: Bench, message: MessageOf[Ping]) -> None:
        work = cast(Work, current_work.get())
        await Pong(text="out").publish()

        async def follow() -> None:
            bench.log.append(f"follows, with {work.publisher.staged} staged")

        work.on_done(follow)

    bench = Bench(handle)
    told = await bench.run(interceptors=[bench.interceptor("a")])
    assert told.outcome == "handled"
    expected = "a in, handler, a commits, a out, follows, with 0 staged"
    assert ", ".join(bench.log) == expected


async def test_what_is_to_follow_is_done_at_the_ack_and_dropped_by_a_failure_after_it() -> None:
    async def handle(bench: Bench, message: MessageOf[Ping]) -> None:
        work = cast(Work, current_work.get())
        work.on_done(lambda: noting(bench, "first"))
        await ack()
        work.on_done(lambda: noting(bench, "second"))
        raise ValueError("too late")

    bench = Bench(handle)
    assert (await bench.run()).outcome == "handled"
    assert bench.log == ["handler", "first"]


async def test_what_is_to_follow_is_dropped_by_a_failure_and_before_an_exception_handler() -> None:
    async def handle(bench: Bench, message: MessageOf[Ping]) -> None:
        cast(Work, current_work.get()).on_done(lambda: noting(bench, "never"))
        raise ValueError("broken")

    async def rescue(message: MessageOf[Ping], error: Exception) -> None:
        cast(Work, current_work.get()).on_done(lambda: noting(bench, "rescued"))
        await ack()

    bench = Bench(handle)
    assert (await bench.run()).outcome == "dead-lettered"
    assert bench.log == ["handler"]
    bench = Bench(handle)
    bench.exception_handler = rescue
    assert (await bench.run()).outcome == "handled"
    assert bench.log == ["handler", "rescued"]


async def test_an_error_in_what_follows_changes_nothing_and_the_rest_is_done() -> None:
    async def broken() -> None:
        raise ConnectionError("nobody there")

    async def handle(bench: Bench, message: MessageOf[Ping]) -> None:
        work = cast(Work, current_work.get())
        work.on_done(broken)
        work.on_done(lambda: noting(bench, "second"))

    bench = Bench(handle)
    assert (await bench.run()).outcome == "handled"
    assert bench.log == ["handler", "second"]


async def test_a_unit_of_work_of_ones_own_does_what_follows_unless_it_failed() -> None:
    url = f"memory://{uuid4()}"
    host = Host(Microservice(), transport_for(url))
    await host.start()
    done: list[str] = []

    async def follow() -> None:
        done.append("followed")

    with suppress(ValueError):
        async with host.unit_of_work() as work:
            work.on_done(follow)
            raise ValueError("broken")
    assert done == []
    async with host.unit_of_work() as work:
        work.on_done(follow)
    assert done == ["followed"]
    await host.stop()


async def noting(bench: Bench, text: str) -> None:
    bench.log.append(text)


async def test_an_interceptor_that_swallows_the_failure_of_ones_own_unit_does_not_end_it() -> None:
    @asynccontextmanager
    async def swallowing(work: Work) -> AsyncIterator[None]:
        with suppress(ValueError):
            yield

    host = Host(Microservice(interceptors=[swallowing]), transport_for(f"memory://{uuid4()}"))
    await host.start()
    try:
        with pytest.raises(ValueError, match="broken"):
            async with host.unit_of_work() as work:
                await Pong(text="never").publish()
                raise ValueError("broken")
        assert work.publisher.staged == 0
    finally:
        await host.stop()


async def test_a_task_that_outlives_its_handler_publishes_at_once() -> None:
    over = asyncio.Event()
    tasks: list[asyncio.Task[None]] = []

    async def later() -> None:
        await over.wait()
        await Ping(text="later").publish()

    async def handle(bench: Bench, message: MessageOf[Ping]) -> None:
        if message.payload().text == "hello":
            tasks.append(asyncio.create_task(later()))

    bench = Bench(handle)
    bench.until = 2
    bench.ended = over.set
    told = await bench.run()
    assert told.message == Ping(text="later")
    await tasks[0]
