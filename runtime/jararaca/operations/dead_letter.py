"""One dead letter: the message that was given up, and why."""

from __future__ import annotations

import base64
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from jararaca.contract import headers
from jararaca.contract.topology import DEAD_LETTER_SUFFIX
from jararaca.printable import json_line
from jararaca.transport import Delivery
from jararaca.transport.amqp.delaying import delays, jobs

FIRST_YEAR, LAST_YEAR = 1970, 9999

OF_THE_FAILURE = (
    headers.ATTEMPT,
    headers.FIRST_FAILURE,
    headers.LAST_ERROR,
    headers.REASON,
    headers.ERROR_TYPE,
    headers.TRACEBACK,
    headers.HANDLER,
    headers.QUEUE,
    headers.DEAD_LETTERED_AT,
)
"""What a replayed message leaves behind: its tries start anew."""

PARKED = (delays.PARKED, delays.UNDELIVERABLE)
"""Delayed messages for queues that are gone; the second is what older versions kept them in."""


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """A message that was given up, and the reason it states, which anyone with access can forge.

    `is_shared`: the queue that it is in has the letters of many queues.
    """

    delivery: Delivery
    is_shared: bool = False

    @property
    def message_id(self) -> str | None:
        """The message's id."""
        return self.delivery.properties.message_id

    @property
    def name(self) -> str | None:
        """The message's name, AMQP's `type`."""
        return self.delivery.properties.type

    @property
    def queue(self) -> str:
        """The queue whose dead letters it is among, and is replayed into."""
        gone = None
        if self.delivery.queue in PARKED:
            gone = delays.queue_of(self.delivery.routing_key)
        if self.is_shared:
            told = self.delivery.ours.get(headers.QUEUE)
            gone = told if isinstance(told, str) else self._death("queue")
        return gone or self.delivery.queue.removesuffix(DEAD_LETTER_SUFFIX)

    @property
    def exchange(self) -> str:
        """The exchange that it is replayed into by its topic; "" for one that goes to its queue."""
        if self.delivery.queue not in PARKED or self.delivery.exchange not in delays.EXITS:
            return ""
        return jobs.exchange_of(self.delivery.routing_key) or ""

    @property
    def is_vouched_for(self) -> bool:
        """Whether the broker vouches that the service itself wrote its topic, or it names none."""
        return headers.TOPIC in self.delivery.ours or self.topic == self.delivery.routing_key

    @property
    def topic(self) -> str:
        """The routing key that it was published with."""
        return self._text(headers.TOPIC) or self._death("routing-keys") or self.delivery.routing_key

    @property
    def reason(self) -> str:
        """Why, as one sentence: the handler's, or the broker's own."""
        if self.delivery.queue in PARKED:
            gone = f"no queue took {self.topic} from the exchange {self.exchange}"
            gone = gone if self.exchange else f"the queue {self.queue} was gone"
            return f"its delay was over, and {gone}"
        told = self._text(headers.REASON)
        return told or f"the broker gave it up: {self._death('reason') or 'no reason is known'}"

    @property
    def error_type(self) -> str | None:
        """The dotted name of the exception's class."""
        return self._text(headers.ERROR_TYPE)

    @property
    def traceback(self) -> str | None:
        """The last frames of the traceback."""
        return self._text(headers.TRACEBACK)

    @property
    def handler(self) -> str | None:
        """The handler that gave it up."""
        return self._text(headers.HANDLER)

    @property
    def attempts(self) -> int:
        """How many tries it had; 0 where that is not known."""
        value = self.delivery.headers.get(headers.ATTEMPT)
        return value if isinstance(value, int) and not isinstance(value, bool) else 0

    @property
    def first_failure(self) -> datetime | None:
        """When the first try failed."""
        return _time(self._text(headers.FIRST_FAILURE))

    @property
    def dead_lettered_at(self) -> datetime | None:
        """When it was given up."""
        return _time(self._text(headers.DEAD_LETTERED_AT))

    def as_json(self) -> str:
        """All of it on one line; a body that is no UTF-8 is in base64, and says so."""
        properties = self.delivery.properties
        try:
            body = {"body": self.delivery.body.decode()}
        except UnicodeDecodeError:
            body = {"body_base64": base64.b64encode(self.delivery.body).decode()}
        told = {
            "queue": self.queue,
            "topic": self.topic,
            "message_id": self.message_id,
            "type": self.name,
            "content_type": properties.content_type,
            "correlation_id": properties.correlation_id,
            "reason": self.reason,
            "headers": dict(self.delivery.headers),
            **body,
        }
        return json_line(told)

    def _text(self, name: str) -> str | None:
        value = self.delivery.headers.get(name)
        return value if isinstance(value, str) else None

    def _death(self, name: str) -> str | None:
        """What RabbitMQ says of the last time that it dead-lettered the message itself."""
        deaths = self.delivery.headers.get("x-death")
        if not isinstance(deaths, list) or not deaths or not isinstance(deaths[0], dict):
            return None
        value: Any = deaths[0].get(name)
        if isinstance(value, list):
            value = value[0] if value else None
        return str(value) if value is not None else None


def _time(text: str | None) -> datetime | None:
    """A time that is one everywhere: with its zone, and where each zone's calendar reaches."""
    try:
        found = datetime.fromisoformat(text) if text else None
    except ValueError:
        return None
    if found is None or found.tzinfo is None or not FIRST_YEAR <= found.year < LAST_YEAR:
        return None
    return found
