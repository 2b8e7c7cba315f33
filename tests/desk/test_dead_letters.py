"""The desk shows dead letters with their reasons, and puts them back: one, edited, or all."""

from __future__ import annotations

from typing import Any

import pytest

from tests.desk.running import Desk, running


async def given_up(desk: Desk, *numbers: int) -> list[str]:
    """Charges that are refused; their ids."""
    told = [await desk.publish("bank/Charge", {"number": number}) for number in numbers]
    await desk.ended("Charge", "dead-lettered", len(numbers))
    return [each["id"] for each in told]


async def test_a_dead_letter_is_shown_with_its_reason_and_stays() -> None:
    async with running() as desk:
        [id] = await given_up(desk, -1)
        for _ in range(2):
            found = await desk.post("letters")
            assert found["queues"] == {"charges": 1}
            [letter] = found["letters"]
            assert (letter["id"], letter["message"]) == (id, "bank/Charge")
            assert "nothing" in letter["reason"] and "\x1b" not in letter["reason"]
            assert letter["body"] == '{"number":-1}'
        assert await desk.post("letters", counts=True) == {"queues": {"charges": 1}, "letters": []}


async def test_an_edited_letter_is_replayed_with_its_id_and_leaves_the_others() -> None:
    async with running() as desk:
        first, second = await given_up(desk, -1, -2)
        told = await desk.post("replay", queue="charges", id=first, body='{"number": 5}')
        assert told == {"replayed": 1, "refused": []}
        entries = await desk.ended("Charge", "handled")
        assert [
            e["id"]
            for e in entries
            if e.get("outcome") == "handled" and e["handler"] == "Shop.charge"
        ] == [first]
        found = await desk.post("letters")
        assert [each["id"] for each in found["letters"]] == [second]


async def test_a_body_that_its_class_refuses_leaves_the_letter_where_it_is() -> None:
    async with running() as desk:
        [id] = await given_up(desk, -1)
        told = await desk.post("replay", queue="charges", id=id, body='{"number": "x"}')
        assert told["replayed"] == 0
        assert told["refused"][0].startswith("number: ")
        assert (await desk.post("letters", counts=True))["queues"] == {"charges": 1}


async def test_all_of_a_queue_are_replayed() -> None:
    async with running() as desk:
        await given_up(desk, -1, -2)
        assert (await desk.post("replay", queue="charges"))["replayed"] == 2
        await desk.ended("Charge", "dead-lettered", 4)


async def test_a_letter_that_is_gone_is_told() -> None:
    async with running() as desk:
        told = await desk.post("replay", queue="charges", id="gone")
        assert told == {"replayed": 0, "refused": ["it is no longer there"]}
        assert "no queue" in (await desk.post("replay", queue="nowhere"))["error"]


@pytest.mark.parametrize(
    "asked", [{}, {"queue": 1}, {"queue": "charges", "id": 1}, {"queue": "charges", "body": "{}"}]
)
async def test_what_no_page_of_ours_asks_replays_nothing(asked: dict[str, Any]) -> None:
    async with running() as desk:
        await given_up(desk, -1)
        assert "not a request of this page" in (await desk.post("replay", **asked))["error"]
        assert (await desk.post("letters", counts=True))["queues"] == {"charges": 1}
