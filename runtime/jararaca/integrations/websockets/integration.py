"""WebSockets as part of an application: started with it, and found in each unit of work."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import TYPE_CHECKING, Any

from jararaca_shared.distribution import install

from jararaca.application.host import Host
from jararaca.application.integration import Integration, Measure
from jararaca.application.unit_of_work import Work
from jararaca.errors import ConfigurationError
from jararaca.integrations.websockets.backend import ws_backend_for
from jararaca.integrations.websockets.connection import Connection, Limits
from jararaca.integrations.websockets.manager import Manager
from jararaca.messages.websocket_message import WebSocketMessage, current_ws_manager
from jararaca.printable import logger_named

if TYPE_CHECKING:
    from starlette.websockets import WebSocket

logger = logger_named("jararaca.websockets")

OnConnect = Callable[["WebSocket"], Awaitable[Iterable[str]]]
"""Says which rooms a client is in; what it raises refuses the client."""

OnMessage = Callable[[Connection, WebSocketMessage], Awaitable[None]]
"""Takes a message that a client sent, in a unit of work."""


class WebSockets(Integration):
    """Rooms of clients: `endpoint` serves them, and messages are sent to them from any process.

    `backend_url` is a Redis that all processes share; without one it is the worker's
    `--backend-url`, else this process's memory. `on_connect` gives a client's rooms; Starlette's
    WebSocketException and HTTPException refuse it. `on_message` takes what clients send: the
    WebSocket messages that an operation receives, and those written by hand that `receives` names;
    without it nothing is read. `origins` are those of other pages that may connect. `max_waiting`
    frames and `max_waiting_bytes` wait for one client at most: one that is slower is closed with
    code 1013.
    """

    def __init__(
        self,
        backend_url: str | None = None,
        *,
        on_connect: OnConnect | None = None,
        on_message: OnMessage | None = None,
        receives: Sequence[type[WebSocketMessage]] = (),
        origins: Sequence[str] = (),
        max_waiting: int = 256,
        max_waiting_bytes: int = 1024 * 1024,
    ) -> None:
        self.on_connect = on_connect
        self.on_message = on_message
        self.origins = tuple(origins)
        self._backend_url = backend_url
        self._limits = Limits(max_waiting, max_waiting_bytes)
        self._hosts: list[Host] = []
        self._manager: Manager | None = None
        self.known = {message.MESSAGE_NAME: message for message in receives}

    @property
    def host(self) -> Host:
        """The application that runs. Raises ConfigurationError before its start."""
        if not self._hosts:
            raise ConfigurationError(
                "the WebSockets are not started: start the application's Host first, "
                "`await host.start()`, in the web application's lifespan"
            )
        return self._hosts[0]

    @property
    def manager(self) -> Manager:
        """The manager of the connections. Raises ConfigurationError before the start."""
        assert self.host is not None and self._manager is not None
        return self._manager

    @property
    def endpoint(self) -> Callable[[WebSocket], Awaitable[None]]:
        """What serves a route of Starlette or FastAPI. Raises ConfigurationError without them."""
        try:
            from jararaca.integrations.websockets.endpoint import Endpoint
        except ImportError as error:
            raise ConfigurationError(
                f"a WebSocket endpoint needs the extra: {install('websockets')}"
            ) from error
        return Endpoint(self).serve

    async def start(self, host: Host) -> None:
        """Know the application's messages; a second host in this process shares the rooms."""
        if self._manager is None:
            url = self._backend_url or host.backend_url
            backend = ws_backend_for(url, host.microservice.name)
            self._manager = Manager(backend, self._limits)
            logger.info("WebSockets of %s: %s", host.microservice.name, backend.place)
        for service in host.microservice.services:
            self.known |= {message.MESSAGE_NAME: message for message in service.from_clients}
        if self.on_message is not None and not self.known:
            logger.warning(
                "%s: on_message is never called: no operation of the documents receives a message "
                "of WebSocket clients, nor is one named, WebSockets(receives=[...])",
                host.microservice.name,
            )
        self._hosts.append(host)
        current_ws_manager.set(self._manager)

    async def stop(self) -> None:
        """Close the connections once no host is left."""
        self._hosts = [host for host in self._hosts if not host.stopping.is_set()]
        if not self._hosts and self._manager is not None:
            await self._manager.close()
            self._manager = None
            current_ws_manager.set(None)

    async def measured(self) -> Sequence[Measure]:
        """The clients that are connected to this process."""
        clients = () if self._manager is None else self._manager.connections()
        about = "WebSocket clients that are connected to this process."
        return (Measure("jararaca_websocket_connections", about, len(clients)),)

    def around(self, work: Work) -> AbstractAsyncContextManager[Any]:
        """`use_ws_manager()` finds the manager inside."""
        return self._current()

    @asynccontextmanager
    async def _current(self) -> AsyncIterator[None]:
        token = current_ws_manager.set(self._manager)
        try:
            yield
        finally:
            current_ws_manager.reset(token)
