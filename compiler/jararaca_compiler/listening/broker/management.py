"""RabbitMQ's management API (plugin rabbitmq_management), which is asked and told nothing."""

from __future__ import annotations

import base64
import json
import urllib.error
import urllib.request
from dataclasses import dataclass
from http.client import HTTPException
from typing import Any
from urllib.parse import quote, unquote, urlsplit, urlunsplit

from jararaca_shared.broker_url import BrokerUrl, safe_url

from jararaca_compiler.listening.broker.definitions import description_of
from jararaca_compiler.listening.broker.description import BrokerDescription
from jararaca_compiler.listening.errors import ListeningError

PORTS = {"amqp": 15672, "amqps": 15671}
SECONDS = 10.0
EAR = "jararaca.ear."
"""What the names of our own queues begin with: nobody else's are described."""


@dataclass(frozen=True, slots=True)
class Management:
    """The API of a broker, asked about one virtual host."""

    url: str
    user: str
    password: str
    vhost: str

    @classmethod
    def of(cls, broker: BrokerUrl, url: str | None = None) -> Management:
        """The API beside a broker, or at a URL that may have an account of its own.

        Raises ListeningError.
        """
        scheme = "https" if broker.scheme == "amqps" else "http"
        parts = urlsplit(url or f"{scheme}://{broker.host}:{PORTS.get(broker.scheme, 15672)}")
        if parts.scheme not in ("http", "https"):
            raise ListeningError("the management URL is http://host:15672 or https://...")
        place = parts._replace(netloc=parts.netloc.rpartition("@")[2], query="", fragment="")
        user = unquote(parts.username) if parts.username else broker.user
        password = unquote(parts.password) if parts.password else broker.password
        return cls(urlunsplit(place).rstrip("/"), user, password, broker.vhost)

    def describe(self) -> BrokerDescription:
        """The whole virtual host. Raises ListeningError."""
        kinds = ("exchanges", "queues", "bindings", "policies", "consumers")
        told = {kind: self._list(f"/api/{kind}/{self._vhost}") for kind in kinds}
        told["queues"] = [q for q in told["queues"] if not str(q.get("name")).startswith(EAR)]
        told["bindings"] = [
            b for b in told["bindings"] if not str(b.get("destination")).startswith(EAR)
        ]
        told["connections"] = self._list(f"/api/vhosts/{self._vhost}/connections")
        found = self._get(f"/api/vhosts/{self._vhost}")
        traced = isinstance(found, dict) and found.get("tracing") is True
        return description_of(self.vhost, told, is_live=True, traced=traced)

    def routed_to(self, queue: str) -> int | None:
        """How many messages were ever routed to a queue; None while the API does not tell.

        Raises ListeningError.
        """
        place = f"/api/queues/{self._vhost}/{quote(queue, safe='')}"
        found = self._get(f"{place}?columns=message_stats.publish")
        stats = found.get("message_stats") if isinstance(found, dict) else None
        told = stats.get("publish") if isinstance(stats, dict) else None
        return told if isinstance(told, int) else None

    @property
    def _vhost(self) -> str:
        return quote(self.vhost, safe="")

    def _list(self, place: str) -> list[dict[str, Any]]:
        found = self._get(place)
        if not isinstance(found, list):
            raise ListeningError(f"{safe_url(self.url)} is not RabbitMQ's management API")
        return [item for item in found if isinstance(item, dict)]

    def _get(self, place: str) -> Any:
        account = base64.b64encode(f"{self.user}:{self.password}".encode()).decode()
        request = urllib.request.Request(
            self.url + place, headers={"Authorization": f"Basic {account}"}
        )
        try:
            with urllib.request.urlopen(request, timeout=SECONDS) as answer:
                return json.load(answer)
        except urllib.error.HTTPError as error:
            raise ListeningError(self._refused(error.code)) from error
        except (OSError, ValueError, HTTPException) as error:
            raise ListeningError(
                f"RabbitMQ's management API at {safe_url(self.url)} does not answer ({error}): "
                "enable it (`rabbitmq-plugins enable rabbitmq_management`), give its address with "
                "--management, or a file with --definitions"
            ) from error

    def _refused(self, status: int) -> str:
        if status in (401, 403):
            return (
                f"RabbitMQ's management API at {safe_url(self.url)} refuses the user "
                f"{self.user!r}: give it the tag `monitoring` "
                f"(`rabbitmqctl set_user_tags {self.user} monitoring`)"
            )
        if status == 404:
            return (
                f"RabbitMQ's management API at {safe_url(self.url)} has no virtual host "
                f"{self.vhost!r}, or is another server"
            )
        return f"RabbitMQ's management API at {safe_url(self.url)} answers with status {status}"
