"""The desk publishes and asks: answers, refusals and timeouts come back, and what is wrong."""

from __future__ import annotations

from typing import Any

import pytest

from tests.desk.running import running


async def test_a_message_is_confirmed_with_its_id_and_topic() -> None:
    async with running() as desk:
        told = await desk.publish("shop/Placed", {"number": 0}, parameters={"region": "eu"})
        assert (told["ended"], told["topic"], told["heard"]) == (
            "confirmed",
            "shop.eu.placed",
            True,
        )
        assert told["id"] and told["spent"] > 0


async def test_an_event_that_nobody_receives_is_confirmed_and_says_so() -> None:
    async with running() as desk:
        told = await desk.publish("shop/Paused", {})
        assert (told["ended"], told["heard"]) == ("confirmed", False)
        [entry] = desk.entries()
        assert (entry["is"], entry["sent"]) == ("published", True)


@pytest.mark.parametrize(
    ("item", "ended"), [("lamp", "answered"), ("unknown", "failed"), ("slow", "timeout")]
)
async def test_a_request_shows_its_answer_its_failure_or_its_timeout(item: str, ended: str) -> None:
    async with running() as desk:
        told = await desk.publish(
            "shop/GetQuote", {"item": item}, timeout=20 - 19.5 * (item == "slow")
        )
        assert told["ended"] == ended
        assert told["spent"] > 0
        if ended == "answered":
            assert told["answer"]["kind"] == "Quote"
            assert told["answer"]["error"] is None
            assert told["answer"]["body"] == '{"item":"lamp","price":7}'
        if ended == "failed":
            assert "it is not sold here" in told["reason"]


async def test_each_class_that_may_answer_is_told_by_its_name() -> None:
    async with running() as desk:
        told = await desk.publish("shop/GetQuote", {"item": "gone"})
        assert told["answer"]["kind"] == "OutOfStock"


async def test_what_is_wrong_with_a_body_is_told_with_its_place_and_nothing_is_published() -> None:
    async with running() as desk:
        told = await desk.publish("shop/Placed", {}, body='{\n  "number": "x"\n}')
        assert [(each["line"], each["place"]) for each in told["problems"]] == [(2, "number")]
        assert desk.entries() == []


@pytest.mark.parametrize(
    ("parameters", "of"), [({}, "parameters"), ({"region": "a.b"}, "parameters")]
)
async def test_parameters_are_checked(parameters: dict[str, str], of: str) -> None:
    async with running() as desk:
        asked = {"message": "shop/Placed", "body": '{"number": 1}', "headers": {}}
        told = await desk.post("check", **asked, parameters=parameters)
        assert [each["of"] for each in told["problems"]] == [of]


HOSTILE: list[dict[str, Any]] = [
    {},
    {"message": "shop/Nothing", "body": "{}", "parameters": {}, "headers": {}},
    {"message": ["shop/Placed"], "body": "{}", "parameters": {}, "headers": {}},
    {"message": "shop/Placed", "body": 3, "parameters": {}, "headers": {}},
    {"message": "shop/Placed", "body": "{}", "parameters": [], "headers": {}},
    {"message": "shop/Placed", "body": "{}", "parameters": {}, "headers": 7},
]


@pytest.mark.parametrize("path", ["publish", "check"])
@pytest.mark.parametrize("asked", HOSTILE)
async def test_what_no_page_of_ours_asks_is_refused(path: str, asked: dict[str, Any]) -> None:
    async with running() as desk:
        assert "not a request of this page" in (await desk.post(path, **asked))["error"]


@pytest.mark.parametrize("timeout", [0, -1, 1e9, "30", None, True, float("nan")])
async def test_a_request_waits_only_as_long_as_a_person_would(timeout: Any) -> None:
    async with running() as desk:
        told = await desk.publish("shop/GetQuote", {"item": "lamp"}, timeout=timeout)
        assert "a request waits up to" in told["error"]


@pytest.mark.parametrize(
    "body",
    [
        "[" * 100_000,
        '{"a":' * 100_000,
        '{"number": 1' + " " * 100_000,
        '{"number": "\\ud800"}',
        "\ud800",
        "",
    ],
    ids=["arrays", "objects", "unclosed", "surrogate escape", "surrogate", "nothing"],
)
async def test_broken_and_deeply_nested_bodies_are_told_like_any_mistake(body: str) -> None:
    async with running() as desk:
        asked = {"message": "shop/Placed", "parameters": {"region": "eu"}, "headers": {}}
        told = await desk.post("check", **asked, body=body)
        assert told["problems"]
        assert len(str(told)) < 10_000


async def test_a_request_of_a_page_that_is_nested_too_deep_is_refused() -> None:
    async with running() as desk:
        for path in ("publish", "check", "letters", "replay"):
            status, _, body = desk.api.post(f"/-/{path}", b'{"message":' * 100_000)
            assert status == 200
            assert b"not a request of this page" in body
        assert desk.api.post("/-/elsewhere", b"{}")[0] == 404
