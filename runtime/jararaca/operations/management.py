"""RabbitMQ's management API (plugin rabbitmq_management): what AMQP does not tell of queues."""

from __future__ import annotations

import base64
import json
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass
from http.client import HTTPException
from typing import Any
from urllib.parse import quote, urlsplit

from jararaca.contract.topology import DEAD_LETTER_SUFFIX
from jararaca.errors import ConfigurationError, ManagementError
from jararaca.transport.url import AMQP, parse_broker_url, safe_url

PORTS = {"amqp": 15672, "amqps": 15671}
SECONDS = 10.0
COLUMNS = (
    "name,messages_ready,messages_unacknowledged,consumers,"
    "message_stats.publish_details.rate,message_stats.ack_details.rate,"
    "message_stats.redeliver_details.rate"
)


@dataclass(frozen=True, slots=True)
class QueueState:
    """A queue as RabbitMQ sees it; rates are per second, and 0.0 where it tells none yet."""

    name: str
    ready: int
    in_flight: int = 0
    consumers: int = 0
    published: float = 0.0
    acked: float = 0.0
    redelivered: float = 0.0

    @classmethod
    def of(cls, told: Mapping[str, Any]) -> QueueState:
        """What the API tells of one queue; a queue that has just been declared has few numbers."""
        return cls(
            str(told["name"]),
            int(told.get("messages_ready") or 0),
            int(told.get("messages_unacknowledged") or 0),
            int(told.get("consumers") or 0),
            *(_rate(told, kind) for kind in ("publish", "ack", "redeliver")),
        )


@dataclass(frozen=True, slots=True)
class Management:
    """The API of a broker, asked with the account of its URL, about its virtual host."""

    url: str
    user: str
    password: str
    vhost: str

    @classmethod
    def of(cls, broker_url: str, management_url: str | None = None) -> Management:
        """The API beside a broker. Raises ConfigurationError."""
        broker = parse_broker_url(broker_url)
        if broker.scheme not in AMQP:
            raise ConfigurationError(f"{safe_url(broker_url)} has no management API")
        scheme = "https" if broker.scheme == "amqps" else "http"
        url = management_url or f"{scheme}://{broker.host}:{PORTS[broker.scheme]}"
        if urlsplit(url).scheme not in ("http", "https"):
            raise ConfigurationError("the management URL is http://host:15672 or https://...")
        return cls(url.rstrip("/"), broker.user, broker.password, broker.vhost)

    def queues(self) -> list[QueueState]:
        """All queues of the virtual host. Raises ManagementError."""
        place = f"/api/queues/{quote(self.vhost, safe='')}?columns={COLUMNS}"
        return [QueueState.of(each) for each in self._get(place)]

    def dead_letter_queues(self) -> list[str]:
        """The queues that have dead letters. Raises ManagementError."""
        found = (queue for queue in self.queues() if queue.ready)
        names = sorted(queue.name for queue in found if queue.name.endswith(DEAD_LETTER_SUFFIX))
        return [name.removesuffix(DEAD_LETTER_SUFFIX) for name in names]

    def _get(self, place: str) -> list[Mapping[str, Any]]:
        account = base64.b64encode(f"{self.user}:{self.password}".encode()).decode()
        request = urllib.request.Request(
            self.url + place, headers={"Authorization": f"Basic {account}"}
        )
        try:
            with urllib.request.urlopen(request, timeout=SECONDS) as answer:
                found = json.load(answer)
        except (OSError, ValueError, HTTPException) as error:
            raise ManagementError(
                f"RabbitMQ's management API at {safe_url(self.url)} does not answer ({error}): "
                "enable it (rabbitmq-plugins enable rabbitmq_management), or set MANAGEMENT_URL"
            ) from error
        if not isinstance(found, list):
            raise ManagementError(f"{safe_url(self.url)} is not RabbitMQ's management API")
        return found


def _rate(told: Mapping[str, Any], kind: str) -> float:
    stats = told.get("message_stats") or {}
    return float((stats.get(f"{kind}_details") or {}).get("rate") or 0.0)
