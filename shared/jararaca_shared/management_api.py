"""RabbitMQ's management API (plugin rabbitmq_management): where it is, and what it answers."""

from __future__ import annotations

import base64
import json
import ssl
import time
import urllib.error
import urllib.request
from dataclasses import dataclass
from http.client import HTTPException, HTTPResponse
from typing import Any
from urllib.parse import quote, unquote, urlsplit, urlunsplit

from jararaca_shared.broker_tls import BrokerTlsError, tls_context
from jararaca_shared.broker_url import BrokerUrl, bracketed, safe_url
from jararaca_shared.network_errors import reason_of

PORTS = {"amqp": 15672, "amqps": 15671}
SECONDS = 10.0
"""How long the API may say nothing."""

WHOLE_SECONDS = 60.0
CHUNK = 64 * 1024


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
            parts = urlsplit(
                url or f"{scheme}://{bracketed(broker.host)}:{PORTS.get(broker.scheme, 15672)}"
            )
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
            raise ManagementApiError(self.is_another)
        return [item for item in found if isinstance(item, dict)]

    def get(self, place: str) -> Any:
        """What the API answers. Raises ManagementApiError."""
        account = base64.b64encode(f"{self.user}:{self.password}".encode()).decode()
        request = urllib.request.Request(
            self.url + place, headers={"Authorization": f"Basic {account}"}
        )
        try:
            with urllib.request.urlopen(request, timeout=SECONDS, context=self.tls) as answer:
                return json.loads(_read(answer))
        except urllib.error.HTTPError as error:
            raise ManagementApiError(f"{self._shown} {self._refused(error.code)}") from error
        except (OSError, HTTPException) as error:
            raise ManagementApiError(
                f"{self._shown} does not answer ({_reason(error)}): enable it "
                f"(`rabbitmq-plugins enable rabbitmq_management`), {self.otherwise}"
            ) from error
        except (ValueError, RecursionError) as error:
            raise ManagementApiError(self.is_another) from error

    @property
    def _shown(self) -> str:
        return f"RabbitMQ's management API at {safe_url(self.url)}"

    @property
    def is_another(self) -> str:
        """What is said of a server that answers otherwise than RabbitMQ does."""
        return f"{safe_url(self.url)} is not RabbitMQ's management API"

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


def _read(answer: HTTPResponse) -> bytes:
    """The whole answer, unless it trickles. Raises TimeoutError."""
    parts = []
    deadline = time.monotonic() + WHOLE_SECONDS
    while part := answer.read1(CHUNK):
        parts.append(part)
        if time.monotonic() > deadline:
            raise TimeoutError
    return b"".join(parts)


def _reason(error: Exception) -> str:
    """Of the error within urllib's, which has a name of its class around it."""
    reason = getattr(error, "reason", error)
    return reason_of(reason) or str(reason) or type(reason).__name__


def quoted(name: str) -> str:
    """A name as a part of a path."""
    return quote(name, safe="")
