"""An account without the configure permission works where another one has declared."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from pathlib import Path
from tempfile import NamedTemporaryFile
from urllib.parse import unquote, urlsplit
from uuid import uuid4

import pytest
from jararaca import (
    AccessRefusedError,
    Message,
    MessageBusController,
    MessageHandler,
    MessageOf,
    Microservice,
    Publisher,
    RetryPolicy,
    Worker,
    route,
)
from jararaca.contract.topology import dead_letter_queue
from jararaca.transport.amqp.delaying.provisioning import provisioned
from jararaca.transport.connect import transport_for
from jararaca_shared.definitions import definitions

from tests.support.brokers import Broker, missing, scratch
from tests.support.quotes import GetQuote
from tests.support.services import service_of

pytestmark = pytest.mark.broker
QUEUE = f"no-declare-{uuid4().hex[:8]}"
seen: list[tuple[int, int]] = []


class Errand(Message):
    MESSAGE_TOPIC = f"{QUEUE}.run"
    MESSAGE_TYPE = "task"
    number: int


@MessageBusController()
class Errands:
    @MessageHandler(Errand, retry=RetryPolicy(initial_delay=0.1))
    async def run(self, message: MessageOf[Errand]) -> None:
        seen.append((message.payload().number, message.attempt))
        if message.attempt == 1:
            raise ValueError("once more")


SERVICE = service_of(
    route(
        operation="run",
        queue=QUEUE,
        binding_keys=(Errand.MESSAGE_TOPIC,),
        message=Errand,
        controller=Errands,
        handler=Errands.run,
    )
)


@pytest.fixture
def restricted_url(each_broker: Broker) -> Iterator[str]:
    """The scratch virtual host for an account that may read and write, and configure nothing."""
    parts = urlsplit(each_broker.url)
    vhost, name = unquote(parts.path[1:]) or "/", f"restricted-{uuid4().hex[:8]}"
    if not each_broker.administer("add_user", name, "secret"):
        missing("nobody may add an account here")
    each_broker.administer("set_permissions", "-p", vhost, name, "^$", ".*", ".*")
    yield f"amqp://{name}:secret@{parts.hostname}:{parts.port or 5672}{parts.path}"
    each_broker.administer("delete_user", name)


async def test_without_the_permission_a_worker_consumes_retries_and_publishes(
    scratch_broker_url: str, restricted_url: str
) -> None:
    seen.clear()
    owner = transport_for(scratch_broker_url)
    await owner.connect()
    await owner.provision(SERVICE.topology)
    await owner.close()
    worker = Worker(Microservice(SERVICE), transport_for(restricted_url), declare=False)
    await worker.start()
    async with Publisher.connect(restricted_url):
        await Errand(number=1).publish()
        await Errand(number=2).delay(0.2)
        async with asyncio.timeout(20):
            while len(seen) < 4:
                await asyncio.sleep(0.05)
    await worker.stop()
    assert sorted(seen) == [(1, 1), (1, 2), (2, 1), (2, 2)]


def imported(broker: Broker, definitions: str) -> bool:
    """Whether the broker has read these; Debian's rabbitmqctl reads files as another account."""
    with NamedTemporaryFile("w", suffix=".json") as file:
        file.write(definitions)
        file.flush()
        Path(file.name).chmod(0o644)
        return broker.administer("import_definitions", file.name)


async def test_after_an_import_of_what_is_exported_retries_and_delays_work(
    each_broker: Broker,
) -> None:
    whole = provisioned(SERVICE.topology)
    with scratch(each_broker) as apart:
        vhost = unquote(urlsplit(apart.url).path[1:])
        text = json.dumps(definitions([whole.topology], vhost, whole.between))
        if not imported(each_broker, text):
            assert not imported(each_broker, "{}"), "the broker refuses what is exported"
            missing("nobody may import definitions here")
        seen.clear()
        worker = Worker(Microservice(SERVICE), transport_for(apart.url), declare=False)
        await worker.start()
        async with Publisher.connect(apart.url):
            await Errand(number=1).publish()
            await Errand(number=2).delay(0.2)
            async with asyncio.timeout(30):
                while len(seen) < 4:
                    await asyncio.sleep(0.05)
        await worker.stop()
    assert sorted(seen) == [(1, 1), (1, 2), (2, 1), (2, 2)]


async def test_a_message_whose_retries_the_broker_does_not_take_ends_in_the_dead_letters(
    each_broker: Broker,
) -> None:
    """The topology was declared by hand, without delays: no retry can be published."""
    service = service_of(*SERVICE.routes, limits={QUEUE: 2})
    with scratch(each_broker) as apart:
        if apart.url.partition("?")[0] == each_broker.url.partition("?")[0]:
            missing("nobody may make a virtual host here")
        seen.clear()
        owner = transport_for(apart.url)
        await owner.connect()
        await owner.declare(service.topology)
        worker = Worker(Microservice(service), transport_for(apart.url), declare=False)
        await worker.start()
        async with Publisher.connect(apart.url):
            await Errand(number=1).publish()
        async with asyncio.timeout(30):
            while not await owner.count(dead_letter_queue(QUEUE)):
                await asyncio.sleep(0.05)
        await worker.stop()
        await owner.close()
    assert len(seen) == 3, "tried once, and again up to the limit"


async def test_declaring_without_the_permission_says_which_flag_helps(restricted_url: str) -> None:
    other = service_of(
        route(
            operation="run",
            queue=f"{QUEUE}.absent",
            binding_keys=("absent",),
            message=Errand,
            controller=Errands,
            handler=Errands.run,
        )
    )
    transport = transport_for(restricted_url)
    await transport.connect()
    with pytest.raises(AccessRefusedError, match="--no-declare"):
        await transport.declare(other.topology)
    await transport.close()


async def test_without_the_permission_a_request_says_which_queues_it_needs(
    restricted_url: str,
) -> None:
    async with Publisher.connect(restricted_url):
        with pytest.raises(AccessRefusedError, match=r"read queues `jararaca\.replies\."):
            await GetQuote(item="lamp").request(timeout=20)


async def test_a_wrong_password_is_told_without_the_password(restricted_url: str) -> None:
    wrong = restricted_url.replace("secret", "guessed")
    with pytest.raises(AccessRefusedError, match="check user and password") as raised:
        await transport_for(wrong).connect()
    assert "guessed" not in str(raised.value)
