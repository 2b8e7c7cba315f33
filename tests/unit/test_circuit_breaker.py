"""A handler's circuit, in virtual time: who probes when, and what becomes of those that wait."""

from __future__ import annotations

import asyncio
from typing import Any, cast

import pytest
from jararaca import BackendError, Message, MessageHandler, MessageOf, RetryPolicy, route
from jararaca.handlers.decorators import spec_of
from jararaca.handling.bound_handler import BoundHandler
from jararaca.handling.decision import DONE, Decision, Redeliver, Requeue, SetAside
from jararaca.handling.middlewares import circuit_breaker
from jararaca.handling.middlewares.circuit import Circuit
from jararaca.handling.middlewares.circuit_breaker import LONGEST_WAIT, PROBES, CircuitBreaker
from jararaca.handling.middlewares.failing import TO_BLAME
from jararaca.transport import Delivery, Properties

from tests.support.virtual_time import run


class Job(Message):
    MESSAGE_TOPIC = "job"
    MESSAGE_TYPE = "task"


class Jobs:
    @MessageHandler(Job, pause_on=(OSError,), retry=RetryPolicy(max_retries=1))
    async def work(self, message: MessageOf[Job]) -> None: ...

    @MessageHandler(Job, pause_on=(OSError,), ordered=True)
    async def in_order(self, message: MessageOf[Job]) -> None: ...


def bound(method: Any) -> BoundHandler:
    row = route(
        operation="work",
        queue="jobs",
        binding_keys=("job",),
        message=Job,
        controller=Jobs,
        handler=method,
    )
    return BoundHandler(row, spec_of(method), method)


def message(name: str) -> MessageOf[Any]:
    delivery = Delivery("jobs", "job", "", b"{}", Properties(name), {}, False, None)
    return MessageOf(Job(), delivery, {}, 1)


class Host:
    """As much of a host as a circuit breaker asks."""

    def __init__(self) -> None:
        self.stopping = asyncio.Event()
        self.paused: dict[str, str] = {}
        self.reasons: list[str] = []

    async def unready_integrations(self) -> list[str]:
        return self.reasons


class Bench:
    """A circuit breaker around tries that fail while what they need is out."""

    def __init__(self, method: Any = Jobs.work) -> None:
        self.host = Host()
        self.handler = bound(method)
        self.error: Exception | None = None
        self.always: dict[str, Exception] = {}
        self.tries: list[tuple[float, str]] = []
        self.breaker = CircuitBreaker(self._try, [self.handler], cast(Any, self.host))

    async def _try(self, handler: BoundHandler, message: MessageOf[Any]) -> Decision:
        name = str(message.delivery.properties.message_id)
        self.tries.append((asyncio.get_running_loop().time(), name))
        error = self.always.get(name) or self.error
        settlement = Redeliver(1, 2) if error else DONE
        return Decision(message.delivery, settlement, handler, None, error)

    def handle(self, name: str) -> asyncio.Task[Decision]:
        return asyncio.create_task(self.breaker(self.handler, message(name)))

    @property
    def circuit(self) -> Circuit:
        return self.breaker._circuits[id(self.handler)][0]


def test_a_closed_circuit_is_in_nobodys_way_and_an_open_one_probes_later_and_later() -> None:
    async def main() -> list[float]:
        circuit, times = Circuit(), []
        await circuit.admitted()
        loop = asyncio.get_running_loop()
        for _ in range(4):
            circuit.failed()
            circuit.failed()  # Who fails while the pause goes on makes it no longer.
            began = loop.time()
            await circuit.admitted()
            times.append(loop.time() - began)
        circuit.close()
        await circuit.admitted()
        circuit.failed()
        began = loop.time()
        await circuit.admitted()
        return [*times, loop.time() - began]

    assert run(main()) == [0.5, 1.0, 2.0, 2.0, 0.5]


def test_turns_to_probe_are_taken_in_order_and_passed_on_by_who_leaves() -> None:
    async def main() -> list[str]:
        circuit, went = Circuit(), list[str]()
        circuit.failed()

        async def probe(name: str) -> None:
            await circuit.admitted()
            went.append(name)

        tasks = {name: asyncio.create_task(probe(name)) for name in "abcde"}
        await asyncio.sleep(0.1)
        tasks["a"].cancel()
        await asyncio.sleep(0.5)
        assert went == ["b"]
        circuit.failed()
        await asyncio.sleep(0.9)
        assert went == ["b"], "its turn has not come"
        circuit._next()
        tasks["c"].cancel()
        await asyncio.sleep(0.01)
        assert went == ["b", "d"], "c left in its turn"
        circuit.close()
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        assert circuit._timer is None
        return went

    assert run(main()) == ["b", "d", "e"]


def test_one_that_comes_while_a_probe_goes_on_waits_for_the_next_turn() -> None:
    async def main() -> float:
        circuit = Circuit()
        circuit.failed()
        await circuit.admitted()
        # The probe goes on, and may never say what came of it: another one's turn comes anyway.
        await circuit.admitted()
        return asyncio.get_running_loop().time()

    assert run(main()) == 1.0


def test_while_a_dependency_is_out_messages_wait_and_pass_once_it_is_back() -> None:
    async def main() -> None:
        bench = Bench()
        assert (await bench.handle("a")).settlement is DONE
        bench.error = ConnectionError("out")
        tasks = [bench.handle(name) for name in "bcd"]
        await asyncio.sleep(0.7)
        assert bench.host.paused == {"Jobs.work": "Jobs.work is paused: ConnectionError: out"}
        assert [name for _, name in bench.tries] == ["a", "b", "b"]
        bench.error = None
        decisions = await asyncio.gather(*tasks)
        assert [each.settlement for each in decisions] == [DONE] * 3
        assert bench.host.paused == {} and not bench.circuit.is_open
        assert len(asyncio.all_tasks()) == 1, "nothing is left waiting"

    run(main())


def test_a_message_that_has_probed_some_times_is_set_aside() -> None:
    async def main() -> None:
        bench = Bench()
        bench.error = BackendError("Redis is away")
        decision = await bench.handle("a")
        assert len(bench.tries) == PROBES == 3
        assert isinstance(decision.settlement, SetAside)
        low, high = circuit_breaker.ASIDE_SECONDS
        assert low <= decision.settlement.delay <= high
        assert "it waits for what is out (BackendError: Redis is away)" in decision.settlement.why
        assert decision.payload == Job()

    run(main())


def test_one_whose_turn_does_not_come_is_set_aside_and_leaves_the_line() -> None:
    async def main() -> None:
        bench = Bench()
        bench.circuit.is_open = True
        bench.circuit._waiting.append(asyncio.get_running_loop().create_future())
        decision = await bench.handle("a")
        assert isinstance(decision.settlement, SetAside) and bench.tries == []
        assert asyncio.get_running_loop().time() == LONGEST_WAIT
        assert [each.cancelled() for each in bench.circuit._waiting] == [False, True]
        assert len(asyncio.all_tasks()) == 1

    run(main())


def test_in_order_nothing_is_set_aside_and_a_stop_gives_it_back() -> None:
    async def main() -> None:
        bench = Bench(Jobs.in_order)
        bench.error = BackendError("Redis is away")
        task = bench.handle("a")
        await asyncio.sleep(2 * LONGEST_WAIT)
        assert not task.done() and len(bench.tries) > PROBES
        bench.host.stopping.set()
        assert isinstance((await task).settlement, Requeue)
        assert len(asyncio.all_tasks()) == 1

    run(main())


def test_a_message_that_fails_while_others_pass_is_to_blame_itself() -> None:
    async def main() -> None:
        bench = Bench()
        bench.always["bad"] = ConnectionError("mine")
        for _ in range(TO_BLAME):
            task = bench.handle("bad")
            await asyncio.sleep(0.1)
            good = bench.handle("good")
            decision = await task
            assert (await good).settlement is DONE
            if not isinstance(decision.settlement, SetAside):
                break
        assert decision.settlement == Redeliver(1, 2), "it fails as its policy says"
        assert bench.host.paused == {} and not bench.circuit.is_open

    run(main())


@pytest.mark.parametrize("closed", [True, False])
def test_a_try_that_is_cut_off_was_no_proof_that_the_dependency_works(closed: bool) -> None:
    async def main() -> None:
        bench = Bench()
        ended = asyncio.CancelledError()

        async def cut_off(handler: Any, message: Any) -> Any:
            raise ended

        bench.breaker._attempt = cut_off
        if not closed:
            bench.circuit.failed()
        with pytest.raises(asyncio.CancelledError):
            await bench.breaker(bench.handler, message("a"))
        assert bench.circuit.is_open is not closed
        assert (bench.circuit._timer is not None) is not closed, "the next one probes later"

    run(main())


def test_an_integration_that_is_not_ready_is_why_a_try_failed() -> None:
    async def main(error: Exception, reasons: list[str]) -> tuple[object, str]:
        bench = Bench()
        bench.error, bench.host.reasons = error, reasons
        task = bench.handle("a")
        await asyncio.sleep(0.1)
        told = next(iter(bench.host.paused.values()), "")
        bench.error = None
        return (await task).settlement, told

    told = "Jobs.work is paused: the shop is closed"
    assert run(main(KeyError("x"), ["the shop is closed"])) == (DONE, told)
    assert run(main(KeyError("x"), [])) == (Redeliver(1, 2), "")
    assert run(main(OSError("out"), ["closed"])) == (DONE, "Jobs.work is paused: OSError: out")
