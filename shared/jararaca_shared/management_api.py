"""RabbitMQ's management API (plugin rabbitmq_management): where it is, and what it answers."""

from __future__ import annotations

import base64
import json
import ssl
import urllib.error
import urllib.request
from dataclasses import dataclass
from http.client import HTTPException
from typing import Any
from urllib.parse import quote, unquote, urlsplit, urlunsplit

from jararaca_shared.broker_tls import BrokerTlsError, tls_context
from jararaca_shared.broker_url import BrokerUrl, safe_url

PORTS = {"amqp": 15672, "amqps": 15671}
SECONDS = 10.0


class ManagementApiError(Exception):
    """The API cannot be asked; the text says why, and what to do next."""


@dataclass(frozen=True, slots=True)
class ManagementApi:
    """The API of a broker, asked about one virtual host; `otherwise` is what one may do instead.

    Over https it is asked with the certificates of the broker URL, where that is of amqps.
    """

    url: str
    user: str
    password: str
    vhost: str
    otherwise: str
    tls: ssl.SSLContext | None = None

    @classmethod
    def of(cls, broker: BrokerUrl, url: str | None, otherwise: str) -> ManagementApi:
        """The API beside a broker, or at a URL, which may have an account of its own.

        Raises ManagementApiError.
        """
        scheme = "https" if broker.scheme == "amqps" else "http"
        try:
            parts = urlsplit(url or f"{scheme}://{broker.host}:{PORTS.get(broker.scheme, 15672)}")
        except ValueError:
            parts = urlsplit("")
        if parts.scheme not in ("http", "https"):
            raise ManagementApiError("the management URL is http://host:15672 or https://...")
        place = parts._replace(netloc=parts.netloc.rpartition("@")[2], query="", fragment="")
        user = unquote(parts.username) if parts.username else broker.user
        password = unquote(parts.password) if parts.password else broker.password
        try:
            tls = tls_context(broker) if parts.scheme == "https" else None
        except BrokerTlsError as error:
            raise ManagementApiError(str(error)) from error
        return cls(urlunsplit(place).rstrip("/"), user, password, broker.vhost, otherwise, tls)

    def of_vhost(self, kind: str) -> list[dict[str, Any]]:
        """All queues, or others, of the virtual host. Raises ManagementApiError."""
        return self.listed(f"/api/{kind}/{quoted(self.vhost)}")

    def listed(self, place: str) -> list[dict[str, Any]]:
        """A list of objects. Raises ManagementApiError."""
        found = self.get(place)
        if not isinstance(found, list):
            raise ManagementApiError(f"{safe_url(self.url)} is not RabbitMQ's management API")
        return [item for item in found if isinstance(item, dict)]

    def get(self, place: str) -> Any:
        """What the API answers. Raises ManagementApiError."""
        account = base64.b64encode(f"{self.user}:{self.password}".encode()).decode()
        request = urllib.request.Request(
            self.url + place, headers={"Authorization": f"Basic {account}"}
        )
        try:
            with urllib.request.urlopen(request, timeout=SECONDS, context=self.tls) as answer:
                return json.load(answer)
        except urllib.error.HTTPError as error:
            raise ManagementApiError(f"{self._shown} {self._refused(error.code)}") from error
        except (OSError, ValueError, HTTPException) as error:
            raise ManagementApiError(
                f"{self._shown} does not answer ({error}): enable it "
                f"(`rabbitmq-plugins enable rabbitmq_management`), {self.otherwise}"
            ) from error

    @property
    def _shown(self) -> str:
        return f"RabbitMQ's management API at {safe_url(self.url)}"

    def _refused(self, status: int) -> str:
        if status in (401, 403):
            return (
                f"refuses the user {self.user!r}: its password is another one, it has no "
                f"permission in the virtual host {self.vhost!r}, or it lacks the tag `monitoring` "
                f"(`rabbitmqctl set_user_tags {self.user} monitoring`)"
            )
        if status == 404:
            return (
                f"has no virtual host {self.vhost!r}, or {self.user!r} has no permission in it, or "
                "it is another server"
            )
        return f"answers with status {status}"


def quoted(name: str) -> str:
    """A name as a part of a path."""
    return quote(name, safe="")
