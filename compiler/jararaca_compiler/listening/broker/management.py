"""What RabbitMQ's management API tells of a broker; it is asked, and told nothing."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from jararaca_shared.broker_url import BrokerUrl
from jararaca_shared.management_api import ManagementApi, ManagementApiError, quoted

from jararaca_compiler.listening.broker.definitions import description_of
from jararaca_compiler.listening.broker.description import BrokerDescription
from jararaca_compiler.listening.errors import ListeningError

EAR = "jararaca.ear."
"""What the names of our own queues begin with: nobody else's are described."""

OTHERWISE = "give its address with --management, or a file with --definitions"


@dataclass(frozen=True, slots=True)
class Management:
    """The API of a broker, asked about one virtual host."""

    api: ManagementApi

    @classmethod
    def of(cls, broker: BrokerUrl, url: str | None = None) -> Management:
        """The API beside a broker, or at a URL that may have an account of its own.

        Raises ListeningError.
        """
        with _asked():
            return cls(ManagementApi.of(broker, url, OTHERWISE))

    def describe(self) -> BrokerDescription:
        """The whole virtual host. Raises ListeningError."""
        vhost = self.api.vhost
        kinds = ("exchanges", "queues", "bindings", "policies", "consumers")
        with _asked():
            told = {kind: self.api.of_vhost(kind) for kind in kinds}
            told["connections"] = self.api.listed(f"/api/vhosts/{quoted(vhost)}/connections")
            # Of one virtual host by its name only an administrator is told.
            found = [each for each in self.api.listed("/api/vhosts") if each.get("name") == vhost]
        told["queues"] = [q for q in told["queues"] if not str(q.get("name")).startswith(EAR)]
        told["bindings"] = [
            b for b in told["bindings"] if not str(b.get("destination")).startswith(EAR)
        ]
        traced = any(each.get("tracing") is True for each in found)
        return description_of(vhost, told, is_live=True, traced=traced)

    def routed_to(self, queue: str) -> int | None:
        """How many messages were ever routed to a queue; None while the API does not tell.

        Raises ListeningError.
        """
        place = f"/api/queues/{quoted(self.api.vhost)}/{quoted(queue)}"
        with _asked():
            found = self.api.get(f"{place}?columns=message_stats.publish")
        stats = found.get("message_stats") if isinstance(found, dict) else None
        told = stats.get("publish") if isinstance(stats, dict) else None
        return told if isinstance(told, int) else None


@contextmanager
def _asked() -> Iterator[None]:
    try:
        yield
    except ManagementApiError as error:
        raise ListeningError(str(error)) from error
