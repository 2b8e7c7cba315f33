"""A recorded day as a test: each handler takes the messages that came to it in production."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from jararaca_shared.recording import RecordedMessage, RecordingError, messages_in

from jararaca.application.microservice import Microservice
from jararaca.contract import headers, topics
from jararaca.contract.message_ids import new_message_id
from jararaca.errors import ConfigurationError
from jararaca.handlers.decorators import spec_of
from jararaca.handlers.outcome import Handled
from jararaca.handling.matching import Chooser
from jararaca.routing.table import Route
from jararaca.testing.alone import handled_alone
from jararaca.testing.bus import TestBus
from jararaca.transport import Properties, Publication


@dataclass(frozen=True)
class RecordedCase:
    """A handler, and a recorded message that came to it; as a text, the name of the case."""

    route: Route
    message: RecordedMessage
    number: int

    def __str__(self) -> str:
        return f"{handler_name(self.route)}-{self.route.message.__name__}-{self.number}"

    async def run(self, bus: TestBus) -> Handled:
        """Have this handler alone handle the message, with its retries; what became of it."""
        return await handled_alone(bus, self.route.queue, self._publication())

    def _publication(self) -> Publication:
        """Straight into the handler's queue, under the topic that it was recorded with."""
        message = self.message
        return Publication(
            routing_key=self.route.queue,
            body=json.dumps(message.body).encode(),
            exchange="",
            properties=Properties(
                message_id=message.message_id or new_message_id(),
                correlation_id=message.correlation_id,
                type=message.type,
                content_type=self.route.message.MESSAGE_CONTENT_TYPE,
            ),
            headers={
                **message.headers,
                headers.TOPIC: message.routing_key,
                headers.EXCHANGE: message.exchange,
            },
            mandatory=True,
            signed=True,
        )


def recorded_cases(
    app: Microservice, file: Path | str, limit: int | None = None
) -> list[RecordedCase]:
    """Each handler with each message of a recording that it takes, for `pytest.mark.parametrize`.

    `limit` is how many each handler gets at most. Raises ConfigurationError for what is no
    recording.
    """
    counts: dict[str, int] = {}
    found: list[RecordedCase] = []
    for number, message in enumerate(read_recording(file), 1):
        for route in routes_of(app, message):
            name = handler_name(route)
            counts[name] = counts.get(name, 0) + 1
            if limit is None or counts[name] <= limit:
                found.append(RecordedCase(route, message, number))
    return found


def read_recording(file: Path | str) -> Iterator[RecordedMessage]:
    """The messages of a file that `jararaca observe --record` wrote.

    Raises ConfigurationError where it is none.
    """
    path = Path(file)
    try:
        with path.open(encoding="utf-8") as lines:
            yield from messages_in(lines)
    except (OSError, UnicodeDecodeError, RecordingError) as error:
        raise ConfigurationError(f"{path}: {error}") from error


def routes_of(app: Microservice, message: RecordedMessage) -> Iterator[Route]:
    """The handlers that a message comes to, one a queue at most; stubs take none."""
    queues: dict[str, list[Route]] = {}
    for route in app.routes:
        if _takes(route, message):
            queues.setdefault(route.queue, []).append(route)
    body = json.dumps(message.body).encode()
    for routes in queues.values():
        chooser = Chooser(routes)
        chosen = chooser.choose(message.type, message.routing_key, message.headers, body)
        if chosen is not None and not spec_of(chosen.handler).stub:
            yield chosen


def handler_name(route: Route) -> str:
    """As people see it: `ShopHandlers.place_order`."""
    return f"{route.controller.__qualname__}.{spec_of(route.handler).name}"


def handlers_beside(app: Microservice, queue: str) -> list[str]:
    """The handlers of a queue by name, and those that share queues with others of their names."""
    names: set[str] = set()
    queues = {queue}
    while True:
        found = {spec_of(r.handler).name for r in app.routes if r.queue in queues}
        if found == names:
            return sorted(names)
        names = found
        queues = {r.queue for r in app.routes if spec_of(r.handler).name in names}


def _takes(route: Route, message: RecordedMessage) -> bool:
    is_named = message.type in (None, route.message.MESSAGE_NAME)
    return is_named and _is_bound(route.binding_keys, message.routing_key)


def _is_bound(keys: Iterable[str], routing_key: str) -> bool:
    return any(topics.matches(key, routing_key) for key in keys)
