"""`python -m benchmarks.stages`: what one message costs, stage by stage, into docs/budget.md."""

from __future__ import annotations

import asyncio
import json
import sys
import time
from collections.abc import Callable, Coroutine
from datetime import datetime
from typing import Any

import pamqp.frame
from jararaca import (
    FORMAT,
    Message,
    MessageBusController,
    MessageHandler,
    MessageOf,
    Microservice,
    Service,
    Topology,
    route,
)
from jararaca.messagebus.blame.quarantine import Quarantine
from jararaca.messagebus.queue_receiver import QueueReceiver
from jararaca.messagebus.worker import Worker
from jararaca.publishing.publication import publication_of
from jararaca.transport import Delivery, Properties, Publication
from jararaca.transport.amqp.fast.acknowledgements import Acknowledgements
from jararaca.transport.amqp.fast.confirms import Confirms
from jararaca.transport.amqp.fast.wire import content
from jararaca.transport.amqp.fast.wire.decoder import Decoder
from jararaca.transport.amqp.fast.wire.delivery import BareDelivery, delivery_of
from jararaca.transport.amqp.fast.wire.frames import PublishFrames, frame
from pamqp import commands

from benchmarks.environment import ROOT
from benchmarks.sample import encoded, order

MESSAGES = 4_000
ROUNDS = 25
BATCH = 200
HEAD = """# Where a message's time goes

`python -m benchmarks.stages` writes this page. Each figure is the CPU time for one message in
microseconds: the best of {rounds} rounds of {messages} messages, in one process without a broker.
A message has {size} bytes and ten fields. Python {python}.

"""


class Order(Message):
    """The benchmark's message."""

    MESSAGE_TOPIC = "stages.order"
    MESSAGE_TYPE = "task"
    order_id: str
    customer: str
    email: str
    paid: bool
    total: float
    currency: str
    items: list[str]
    street: str
    placed_at: datetime
    note: str


@MessageBusController()
class Handlers:
    """Does nothing, so that what is measured is ours."""

    @MessageHandler(Order)
    async def handle(self, message: MessageOf[Order]) -> None: ...


class Nowhere:
    """A transport whose acks cost nothing."""

    async def ack(self, delivery: Delivery) -> None: ...


class Consuming:
    """A consumer that takes as many messages as it may."""

    careful = False


BODY = encoded(order())
PROPERTIES = Properties(message_id="0" * 36, type="Order", content_type="application/json")
HEADER = content.write(PROPERTIES, {}, len(BODY))
ROUTE = route(
    operation="handle",
    queue="stages",
    binding_keys=("stages.order",),
    message=Order,
    controller=Handlers,
    handler=Handlers.handle,
)
SERVICE = Service("stages", "Stages", "1", FORMAT, "", "0" * 16, (ROUTE,), Topology(), (Order,))


class Receiver:
    """Makes deliveries of what the decoder finds."""

    def on_method(self, method: bytes) -> None: ...

    def on_content(self, method: bytes, content: bytes, body: bytes) -> None: ...

    def on_delivery(self, method: bytes, content: bytes, body: bytes) -> None:
        delivery_of("stages", method, content, body, None)


def stream() -> bytes:
    """A batch of deliveries as they come from the socket."""
    parts = []
    for tag in range(BATCH):
        deliver = commands.Basic.Deliver("jararaca", tag + 1, False, "jararaca", "stages.order")
        parts += [pamqp.frame.marshal(deliver, 9), frame(2, 9, HEADER), frame(3, 9, BODY)]
    return b"".join(parts)


def decoding() -> None:
    """Frames to deliveries."""
    decoder, data = Decoder(lambda _: None), stream()
    decoder.own(9, Receiver())
    for _ in range(MESSAGES // BATCH):
        decoder.feed(data)


def validating() -> None:
    """Bodies to messages."""
    for _ in range(MESSAGES):
        Order.decode(BODY)


def settling() -> None:
    """Acks, collected a batch at a time."""
    acks = Acknowledgements(9, lambda _: None)
    for start in range(0, MESSAGES, BATCH):
        for tag in range(start, start + BATCH):
            acks.delivered(tag)
        for tag in range(start, start + BATCH):
            acks.ack(tag)
        acks.collect()


def preparing() -> None:
    """Messages to publications: encoded, with an id."""
    message = Order.decode(BODY)
    for _ in range(MESSAGES):
        publication_of(message)


def framing() -> None:
    """Publications to frames."""
    frames, publication = PublishFrames(9, 131_072), publication_of(Order.decode(BODY))
    for _ in range(MESSAGES):
        frames.of(publication, "jararaca")


def confirming() -> None:
    """Confirms to futures."""
    loop, confirms = asyncio.new_event_loop(), Confirms()
    publication = Publication("k", BODY)
    for start in range(0, MESSAGES, BATCH):
        for _ in range(BATCH):
            confirms.sent(publication, loop.create_future(), 0.0)
        confirms.acked(start + BATCH, multiple=True)
    loop.close()


async def nothing() -> None:
    """A task that ends at once."""


def handling() -> Callable[[], Coroutine[Any, Any, None]]:
    """A delivery handled as a worker does it: tracked, validated, decided, acked, told."""
    worker = Worker(Microservice(SERVICE), Nowhere(), listener=lambda _: None)  # type: ignore[arg-type]
    rows = (worker.consumed[0],)
    pipeline = worker._pipelines.of_queue("stages", rows)
    receiver = QueueReceiver(Nowhere(), pipeline, rows, Quarantine(), set(), asyncio.Event())  # type: ignore[arg-type]
    receiver.begun(Consuming())  # type: ignore[arg-type]
    on_delivery = receiver.on_delivery

    async def handle() -> None:
        delivery = BareDelivery(
            "stages", "k", "e", BODY, None, None, False, (None, 1), None, HEADER
        )
        await on_delivery(delivery)

    return handle


def tasks(make: Callable[[], Coroutine[Any, Any, None]]) -> Callable[[], None]:
    """A task for each message, a batch at a time."""

    async def batches() -> None:
        loop = asyncio.get_running_loop()
        for _ in range(MESSAGES // BATCH):
            await asyncio.wait([loop.create_task(make()) for _ in range(BATCH)])

    return lambda: asyncio.run(batches())


def cost(work: Callable[[], None]) -> float:
    """Microseconds of CPU a message: the best round, for the machine does other things too."""
    work()
    best = float("inf")
    for _ in range(ROUNDS):
        start = time.process_time()
        work()
        best = min(best, time.process_time() - start)
    return best / MESSAGES * 1e6


def table(rows: list[tuple[str, float]]) -> str:
    """The rows and their sum."""
    lines = [f"| {what} | {value:.1f} |" for what, value in rows]
    total = sum(value for _, value in rows)
    return "\n".join(
        ["| stage | µs |", "|---|---:|", *lines, f"| **together** | **{total:.1f}** |"]
    )


def main() -> None:
    """Measure, print, write."""
    json.loads(BODY)
    switch, validate = cost(tasks(nothing)), cost(validating)
    handled = cost(tasks(handling())) - switch - validate
    consume = [
        ("decoding the socket's bytes into deliveries", cost(decoding)),
        ("a task per delivery: created, run, ended", switch),
        ("the body, validated into its message class", validate),
        ("context, handler, policy's decision, metrics hook", handled),
        ("settlement: acks, and batching them", cost(settling)),
    ]
    publish = [
        ("encoding the message, with id and properties", cost(preparing)),
        ("frames", cost(framing)),
        ("confirms", cost(confirming)),
    ]
    python = ".".join(map(str, sys.version_info[:3]))
    head = HEAD.format(size=len(BODY), rounds=ROUNDS, messages=MESSAGES, python=python)
    text = f"{head}## Consuming\n\n{table(consume)}\n\n## Publishing\n\n{table(publish)}\n"
    print(text)
    (ROOT / "docs").mkdir(exist_ok=True)
    (ROOT / "docs" / "budget.md").write_text(text)


if __name__ == "__main__":
    main()
