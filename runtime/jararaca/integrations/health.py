"""Probes for Kubernetes: /live and /ready, on a port of the worker's own."""

from __future__ import annotations

import json
from collections.abc import Mapping

from jararaca.application.host import Host
from jararaca.application.integration import Integration
from jararaca.observability.http_server import Answer, SmallServer, host_of, port_of

JSON = "application/json"


class Health(Integration):
    """Answers GET /live with 200 while the process does, and GET /ready with 200 or 503.

    It is ready while the broker is connected, every consumer receives, and every integration says
    so; until the start is complete and from the stop signal on it is not. The body tells why, as
    JSON. `port` is the first process's (`--workers N` takes N ports from it); 0 is any free one.
    `host` is the address that it listens on: LISTEN_HOST of the environment, else this machine's
    own (127.0.0.1), which nobody reaches from outside.
    """

    observes = True

    def __init__(self, port: int = 8080, host: str | None = None) -> None:
        self._server = SmallServer(
            {"/live": self._live, "/ready": self._ready}, host_of(host), port_of(port)
        )
        self._application: Host | None = None

    @property
    def port(self) -> int:
        """The port that it listens on."""
        return self._server.port

    async def start(self, host: Host) -> None:
        """Listen. Raises ConfigurationError where the port is taken."""
        self._application = host
        await self._server.start()

    async def stop(self) -> None:
        """Listen no longer."""
        await self._server.stop()

    async def _live(self, _: Mapping[str, str]) -> Answer:
        return Answer(b'{"live": true}\n', content_type=JSON)

    async def _ready(self, _: Mapping[str, str]) -> Answer:
        assert self._application is not None
        reasons = await self._application.unready()
        body = json.dumps({"ready": not reasons, "reasons": list(reasons)}) + "\n"
        return Answer(body.encode(), 503 if reasons else 200, JSON)
