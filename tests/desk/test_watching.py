"""The journal says what caused what, through services and tries, and keeps within its bounds."""

from __future__ import annotations

import json
from typing import Any

from jararaca import Host
from jararaca.application.unit_of_work import Work
from jararaca.dev import journal
from jararaca.dev.catalogue import Catalogue
from jararaca.dev.journal import Journal
from jararaca.dev.watching import Watching
from jararaca.publishing.confirming import NotSentError
from jararaca.publishing.staged import StagedPublisher
from jararaca.routing.declarations import topology_of
from jararaca.transport import Publication
from jararaca.transport.connect import transport_for

from tests.desk.running import Charged, application, running

Entries = list[dict[str, Any]]


def of(entries: Entries, name: str) -> Entries:
    [id] = {each["id"] for each in entries if each.get("name") == name}
    return [each for each in entries if each["id"] == id]


async def test_one_message_is_followed_through_services_and_tries() -> None:
    async with running() as desk:
        told = await desk.publish("shop/Placed", {"number": 1}, parameters={"region": "eu"})
        await desk.ended("Charged", "handled")
        entries = await desk.ended("Charge", "handled")
        placed, charge, charged = (of(entries, name) for name in ("Placed", "Charge", "Charged"))
        assert {each["id"] for each in placed} == {told["id"]}
        first, *_ = [each for each in placed if each["is"] == "published"]
        assert first["cause"] == {"by": "the desk"}
        [described] = [each for each in placed if "message" in each]
        assert described["parameters"] == {"region": "eu"}
        assert described["message"] == "shop/Placed"
        [cause] = [each["cause"] for each in charge if each["is"] == "published"]
        assert cause == {"id": told["id"], "handler": "Shop.on_placed", "attempt": 1}
        ends = [each for each in charge if each["is"] == "ended"]
        assert [(each["outcome"], each["attempt"]) for each in ends] == [
            ("retried", 1),
            ("handled", 2),
        ]
        assert (ends[0]["reason"], ends[0]["delay"]) == ("BusyError: come back", 0.1)
        assert [each["service"] for each in ends] == ["bank", "bank"]
        assert all(each["spent"] >= 0 for each in ends)
        # What the failed try published was never sent, and is not told.
        [cause] = [each["cause"] for each in charged if each["is"] == "published"]
        assert cause["attempt"] == 2


async def test_what_a_schedule_publishes_is_the_clocks() -> None:
    kept, transport = Journal(), transport_for("memory://clock")
    app = application()
    app.integrations = (Watching(Catalogue(app), kept),)
    host = Host(app, transport)
    await host.start()
    for service in app.services:
        await transport.declare(topology_of(service))
    work = Work(publisher=StagedPublisher(transport), kind="scheduled", name="shop.nightly")
    async with host.unit_of_work(work):
        await Charged(number=7).publish()
    await host.stop()
    [sent] = [json.loads(each) for each in kept.wait(0, 0)[1]]
    assert (sent["is"], sent["cause"]) == ("published", {"by": "shop.nightly", "clock": True})


async def test_an_answer_is_caused_by_the_handler_of_its_request() -> None:
    async with running() as desk:
        told = await desk.publish("shop/GetQuote", {"item": "lamp"})
        entries = await desk.ended("GetQuote", "handled")
        [answer] = of(entries, "Quote")
        assert answer["cause"]["id"] == told["id"]
        assert answer["topic"].startswith("jararaca.replies.")


async def test_texts_of_strangers_are_printable_and_reasons_are_whole() -> None:
    async with running() as desk:
        await desk.publish("bank/Charge", {"number": -1})
        entries = await desk.ended("Charge", "dead-lettered")
        [end] = [each for each in entries if each["is"] == "ended"]
        assert end["reason"].startswith("<b>nothing</b> is charged")
        assert "\x1b" not in end["reason"]


def test_what_a_failed_try_has_dropped_was_never_published() -> None:
    kept = Journal()
    watching = Watching(Catalogue(application()), kept)
    told = watching.noted(Publication("bank.charge", b"{}"), {"by": "a test"}).told
    assert told is not None
    told(NotSentError("the work that published it failed"))
    assert kept.wait(0, 0) == (0, ())
    told(None)
    assert kept.wait(0, 0)[0] == 1


def test_ten_thousand_entries_keep_the_newest_and_no_more() -> None:
    kept = Journal()
    for number in range(10_000):
        kept.note({"number": number, "body": "x" * 500})
    count, entries = kept.wait(0, 0)
    assert count == 10_000
    assert len(entries) == journal.MOST_ENTRIES
    assert json.loads(entries[-1])["number"] == 9_999
    assert [json.loads(each)["number"] for each in kept.wait(9_998, 0)[1]] == [9_998, 9_999]
    assert kept.wait(10_000, 0) == (10_000, ())


def test_large_bodies_are_shortened_kept_apart_and_forgotten_in_turn() -> None:
    kept = Journal()
    large = "x" * (journal.MOST_BODIES // 3)
    for number in range(5):
        assert len(kept.shortened(f"id {number}", large)) == journal.MOST_OF_A_BODY
        kept.note({"body": "y" * (journal.MOST_CHARACTERS // 3)})
    assert kept.body("id 0") is None
    assert kept.body("id 4") == large
    assert sum(map(len, kept.wait(0, 0)[1])) <= journal.MOST_CHARACTERS
    assert kept.shortened("small", "{}") == "{}"
    assert kept.body("small") is None


async def test_a_thousand_deliveries_are_told_with_their_bodies_once() -> None:
    async with running() as desk:
        for number in range(300):
            await desk.publish("bank/Charge", {"number": number + 10})
        entries = await desk.ended("Charged", "handled") and await desk.heard(
            lambda found: sum(each.get("handler") == "Shop.on_charged" for each in found) >= 600
        )
        bodies = [each["id"] for each in entries if "body" in each]
        assert len(entries) <= journal.MOST_ENTRIES
        assert len(bodies) < len(entries) / 2
