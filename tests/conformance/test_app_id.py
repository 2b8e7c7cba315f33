"""What an application publishes says who it is, and what it moves on says who wrote it."""

from __future__ import annotations

import asyncio
import sys
from types import ModuleType

import pytest
from jararaca import (
    Message,
    MessageBusController,
    MessageHandler,
    MessageOf,
    Microservice,
    Publisher,
    RetryPolicy,
    Worker,
    route,
    use_publisher,
)
from jararaca.contract.topology import dead_letter_queue
from jararaca.handlers.outcome import Handled
from jararaca.transport import Properties, Publication
from jararaca.transport.connect import transport_for

from tests.conformance.conftest import PATIENCE, Bench, Inbox
from tests.conformance.test_answers_to_strangers import ask, priced, serving
from tests.support.quotes import quotes
from tests.support.services import service_of


class Passing:
    """A worker whose handler publishes an event for each task, and fails where it says so."""

    def __init__(self, bench: Bench, name: str | None = None) -> None:
        class Told(Message):
            MESSAGE_TOPIC = bench.key
            number: int

        class Job(Message):
            MESSAGE_TOPIC = f"{bench.name}.jobs"
            MESSAGE_TYPE = "task"
            number: int

        @MessageBusController()
        class Jobs:
            @MessageHandler(Job, retry=RetryPolicy(max_retries=1, initial_delay=0.1, jitter=0))
            async def work(self, message: MessageOf[Job]) -> None:
                number = message.payload().number
                if number < 0:
                    raise ValueError("as it was told to")
                await use_publisher().publish(Told(number=number))

        self.queue, self.job = f"{bench.name}.jobs", Job
        row = route(
            operation="work",
            queue=self.queue,
            binding_keys=(self.queue,),
            message=Job,
            controller=Jobs,
            handler=Jobs.work,
        )
        self.ended: asyncio.Queue[Handled] = asyncio.Queue()
        app = Microservice(service_of(row, name="shop"), name=name)
        self.worker = Worker(app, transport_for(bench.url), listener=self.ended.put_nowait)


@pytest.mark.parametrize("name", [None, "the checkout"])
async def test_what_a_handler_publishes_says_which_application_it_was(
    bench: Bench, name: str | None
) -> None:
    transport = await bench.declared()
    passing = Passing(bench, name)
    await passing.worker.start()
    inbox = Inbox(transport.ack)
    await transport.consume(bench.name, 10, inbox)
    async with Publisher.connect(bench.url, app_id="a script"):
        await passing.job(number=1).publish()
    found = await inbox.next()
    await passing.worker.stop()
    assert found.properties.app_id == (name or "shop")


@pytest.mark.parametrize("app_id", [None, "somebody else"])
async def test_a_retry_and_a_dead_letter_say_who_wrote_the_message(
    bench: Bench, app_id: str | None
) -> None:
    passing = Passing(bench)
    await passing.worker.start()
    transport = await bench.connect()
    sent = Properties(message_id="1", type="Job", content_type="application/json", app_id=app_id)
    await transport.publish(Publication(passing.queue, b'{"number":-1}', properties=sent))
    outcomes = [(await asyncio.wait_for(passing.ended.get(), PATIENCE)).outcome for _ in range(2)]
    assert outcomes == ["retried", "dead-lettered"]
    inbox = Inbox(transport.ack)
    await transport.consume(dead_letter_queue(passing.queue), 1, inbox)
    letter = await inbox.next()
    await passing.worker.stop()
    assert letter.properties.app_id == app_id


async def test_an_answer_and_a_refusal_say_who_answers(broker_url: str) -> None:
    app = Microservice(*quotes(priced).services, name="pricing", reply_queues=["told"])
    async with serving(broker_url, app, "told") as (stranger, outcomes):
        for item in ("lamp", ""):
            await ask(stranger, item, "told")
            await asyncio.wait_for(outcomes.get(), PATIENCE)
        found = [await stranger.fetch("told") for _ in range(2)]
        assert [each and each.properties.app_id for each in found] == ["pricing"] * 2


async def test_a_script_says_which_service_its_message_was_compiled_for(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    module = ModuleType("generated.billing.messages")
    module.__dict__["__generated__"] = True
    monkeypatch.setitem(sys.modules, module.__name__, module)

    class Paid(Message):
        __module__ = "generated.billing.messages"
        MESSAGE_TOPIC = bench.key

    transport = await bench.declared()
    inbox = Inbox(transport.ack)
    await transport.consume(bench.name, 10, inbox)
    async with Publisher.connect(bench.url) as publisher:
        await Paid().publish()
        await publisher.publish_many([Paid()])
    async with Publisher.connect(bench.url, app_id="nightly"):
        await Paid().publish()
    told = [(await inbox.next()).properties.app_id for _ in range(3)]
    assert told == ["billing", "billing", "nightly"]
