"""Desks of several processes on one broker show one timeline, and believe nothing unformed."""

from __future__ import annotations

import json
from typing import Any
from uuid import uuid4

import pytest
from jararaca import Microservice
from jararaca.dev.sharing import EXCHANGE, entries_of
from jararaca.transport import Publication
from jararaca.transport.connect import transport_for

from tests.desk.running import application, running
from tests.desk.test_watching import of


async def test_a_message_is_followed_through_processes_at_each_of_their_desks() -> None:
    shop, bank = application().services
    broker = uuid4().hex
    async with (
        running(Microservice(bank), broker) as there,
        running(Microservice(shop), broker) as here,
    ):
        told = await here.publish("shop/Placed", {"number": 3}, parameters={"region": "eu"})
        for desk in (here, there):
            await desk.ended("Charged", "handled")
            await desk.ended("Charge", "handled")
            entries = await desk.heard(is_whole)
            charge, charged = of(entries, "Charge"), of(entries, "Charged")
            [end] = [each for each in charge if each["is"] == "ended"]
            assert (end["service"], end["handler"]) == ("bank", "Shop.charge")
            [cause] = [each["cause"] for each in charge if each["is"] == "published"]
            assert cause["id"] == told["id"]
            [cause] = [each["cause"] for each in charged if each["is"] == "published"]
            assert cause["id"] == charge[0]["id"]


def is_whole(entries: list[dict[str, Any]]) -> bool:
    """All three were published, as far as is known: the desks hear it in no certain order."""
    return [each["is"] for each in entries].count("published") == 3


GOOD: dict[str, Any] = {"is": "published", "id": "1", "at": 1.5, "cause": {}, "sent": True}
FORGED: list[Any] = [
    None,
    {},
    [None],
    [{**GOOD, "is": "elsewhere"}],
    [{**GOOD, "id": 1}],
    [{**GOOD, "at": "now"}],
    [{**GOOD, "cause": "x"}],
    [{**GOOD, "body": {"deep": []}}],
    [{"is": "published", "id": "1", "at": 1}],
]


@pytest.mark.parametrize("forged", FORGED, ids=json.dumps)
def test_what_is_not_of_the_form_of_an_entry_is_not_noted(forged: Any) -> None:
    assert list(entries_of(json.dumps(forged).encode())) == []


def test_an_entry_is_noted_without_what_is_not_of_it() -> None:
    assert list(entries_of(json.dumps([{**GOOD, "run": "x", "n": 9}]).encode())) == [GOOD]
    assert list(entries_of(b"[" * 100_000)) == []
    assert list(entries_of(json.dumps([{**GOOD, "at": float("nan")}]).encode())) == []


async def test_what_somebody_else_writes_there_ends_nothing() -> None:
    broker = uuid4().hex
    async with running(broker=broker) as desk:
        other = transport_for(f"memory://{broker}")
        await other.connect()
        for body in (b"\xff", b"7", json.dumps([GOOD | {"name": "Forged"}]).encode()):
            await other.publish(Publication("desk", body, exchange=EXCHANGE))
        entries = await desk.heard(bool)
        assert [each["name"] for each in entries] == ["Forged"]
        await other.close()
