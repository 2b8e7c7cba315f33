"""What RabbitMQ's management API (plugin rabbitmq_management) tells of queues beside AMQP."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from jararaca_shared.management_api import ManagementApi, ManagementApiError, quoted

from jararaca.contract.topology import DEAD_LETTER_SUFFIX
from jararaca.errors import ConfigurationError, ManagementError
from jararaca.transport.url import AMQP, parse_broker_url, safe_url

OTHERWISE = "or set MANAGEMENT_URL"
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
    """The API of a broker, asked about its virtual host."""

    api: ManagementApi

    @classmethod
    def of(cls, broker_url: str, management_url: str | None = None) -> Management:
        """The API beside a broker, or at a URL that may have an account of its own.

        Raises ConfigurationError.
        """
        broker = parse_broker_url(broker_url)
        if broker.scheme not in AMQP:
            raise ConfigurationError(f"{safe_url(broker_url)} has no management API")
        try:
            return cls(ManagementApi.of(broker, management_url, OTHERWISE))
        except ManagementApiError as error:
            raise ConfigurationError(str(error)) from None

    def queues(self) -> list[QueueState]:
        """All queues of the virtual host. Raises ManagementError."""
        place = f"/api/queues/{quoted(self.api.vhost)}?columns={COLUMNS}"
        try:
            return [QueueState.of(each) for each in self.api.listed(place)]
        except ManagementApiError as error:
            raise ManagementError(str(error)) from error
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise ManagementError(self.api.is_another) from error

    def dead_letter_queues(self) -> list[str]:
        """The queues that have dead letters. Raises ManagementError."""
        found = (queue for queue in self.queues() if queue.ready)
        names = sorted(queue.name for queue in found if queue.name.endswith(DEAD_LETTER_SUFFIX))
        return [name.removesuffix(DEAD_LETTER_SUFFIX) for name in names]


def _rate(told: Mapping[str, Any], kind: str) -> float:
    stats = told.get("message_stats") or {}
    return float((stats.get(f"{kind}_details") or {}).get("rate") or 0.0)
