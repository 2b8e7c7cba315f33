"""What stands before a stream's handlers: suspects begin alone, and others wait for them."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterator

import pytest
from jararaca.messagebus import in_hand
from jararaca.messagebus.blame import quarantine, verdict
from jararaca.messagebus.blame.quarantine import Quarantine
from jararaca.messagebus.blame.stream_guard import StreamGuard
from jararaca.transport import Delivery, Properties, provenance
from jararaca.transport.memory.broker import MemoryBroker
from jararaca.transport.memory.transport import MemoryTransport

from tests.support.virtual_time import run


@pytest.fixture(autouse=True)
def _virtual_clock(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    for module in (in_hand, quarantine):
        monkeypatch.setattr(module, "monotonic", lambda: asyncio.get_running_loop().time())
    yield


def delivery(offset: int) -> Delivery:
    told = {provenance.STREAM_OFFSET: offset}
    return Delivery("q", "q", "", b"", Properties(), told, False, None)


def guards() -> tuple[StreamGuard, StreamGuard, Quarantine]:
    """Those of two streams of a process."""
    shared, transport = Quarantine(), MemoryTransport(MemoryBroker())
    one, other = (StreamGuard(shared, transport, f"{name}.stream", name) for name in "ab")
    return one, other, shared


@pytest.mark.parametrize("strikes", [0, verdict.SUSPECT - 1])
async def test_what_is_no_suspect_begins_at_once(strikes: int) -> None:
    guard, _, shared = guards()
    assert await guard.refuses(delivery(3), strikes) is None
    assert not shared.suspects and not shared.closed


@pytest.mark.parametrize("strikes", [verdict.CULPRIT, verdict.CULPRIT + 1])
async def test_a_culprit_never_begins(strikes: int) -> None:
    guard, _, shared = guards()
    reason = await guard.refuses(delivery(3), strikes)
    assert reason is not None
    assert f"begun {strikes} times at offset 3 of a.stream" in reason
    assert not shared.suspects


def test_a_suspect_waits_for_what_runs_elsewhere_and_others_wait_for_it(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async def main() -> list[tuple[str, float]]:
        one, other, _ = guards()
        times: list[tuple[str, float]] = []

        async def begins(name: str, guard: StreamGuard, offset: int, strikes: int) -> None:
            message = delivery(offset)
            assert await guard.refuses(message, strikes) is None
            with guard.running([message]):
                times.append((name, asyncio.get_running_loop().time()))
                await asyncio.sleep(1.0)

        tasks = []
        for name, guard, strikes in (
            ("usual", other, 0),
            ("suspect", one, verdict.SUSPECT),
            ("behind", other, 0),
        ):
            tasks.append(asyncio.create_task(begins(name, guard, 7, strikes)))
            await asyncio.sleep(0.1)
        await asyncio.gather(*tasks)
        return times

    with caplog.at_level(logging.WARNING, "jararaca.worker"):
        usual, suspect, behind = run(main())
    assert [usual[0], suspect[0], behind[0]] == ["usual", "suspect", "behind"]
    assert suspect[1] >= 1.0 and behind[1] >= suspect[1] + 1.0
    assert caplog.text.count("offset 7 was begun 2 times and never finished") == 1


async def test_what_is_over_is_in_hand_no_more() -> None:
    guard, _, shared = guards()
    messages = [delivery(3), delivery(4)]
    shared.suspects[messages[0]] = 3
    with pytest.raises(ValueError), guard.running(messages):
        assert len(shared._running()) == 2
        raise ValueError
    assert shared._running() == [] and not shared.suspects
