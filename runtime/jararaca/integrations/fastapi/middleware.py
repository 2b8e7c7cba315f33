"""A unit of work around each request, which lasts before the response starts."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext

from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import NoMatchFound
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from jararaca.application.host import Host
from jararaca.application.unit_of_work import Work
from jararaca.errors import (
    BrokerUnreachableError,
    PublishNackedError,
    PublishTimeoutError,
    ShuttingDownError,
)
from jararaca.handlers.settlement import HandlerStopped
from jararaca.integrations.fastapi.router import NAMES
from jararaca.messages.message import current_publisher
from jararaca.printable import logger_named
from jararaca.publishing.carried_headers import implicit_headers
from jararaca.publishing.publisher import Publisher

logger = logger_named("jararaca.http")

UNAVAILABLE = (
    BrokerUnreachableError,
    PublishNackedError,
    PublishTimeoutError,
    ShuttingDownError,
)
"""Failures that may pass soon: the client gets a 503, and the log gets the reason."""


class UnitOfWorkMiddleware:
    """The middleware: a unit of work a request; in a WebSocket publications go out at once.

    The bus's own pages and probes have none: they answer whatever becomes of a database.
    """

    def __init__(self, app: ASGIApp, host: Callable[[], Host], carry: Sequence[str]) -> None:
        self._app = app
        self._host = host
        self._carry = carry
        self._own: tuple[str, ...] | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass one connection on."""
        if scope["type"] == "websocket":
            publishing = current_publisher.set(Publisher(self._host().transport))
            try:
                await self._app(scope, receive, send)
            finally:
                current_publisher.reset(publishing)
        elif scope["type"] == "http" and not self._is_own(scope):
            exchange = _Exchange(self._host(), self._carry, scope, receive, send)
            await exchange.run(self._app)
        else:
            await self._app(scope, receive, send)

    def _is_own(self, scope: Scope) -> bool:
        if self._own is None:
            self._own = tuple(_own_paths(scope))
        path = _path(scope)
        return any(path == own or (own[-1] == "/" and path.startswith(own)) for own in self._own)


class _Exchange:
    """One request, and how far its response has come."""

    def __init__(
        self, host: Host, carry: Sequence[str], scope: Scope, receive: Receive, send: Send
    ) -> None:
        self._host = host
        self._carry = carry
        self._scope = scope
        self._receive = receive
        self._send = send
        self._started = False
        self._refused = False
        self._failure: Exception | None = None
        self._work = Work(
            publisher=host.publisher(),
            kind="request",
            name=f"{scope['method']} {_path(scope)}",
            headers=Headers(scope=scope),
            source=Request(scope),
        )

    async def run(self, app: ASGIApp) -> None:
        """The application's answer, or 503 where the broker takes nothing."""
        try:
            with self._carrying():
                await self._surrounded(app)
        except HandlerStopped:
            if not self._refused:
                raise
        except Exception as error:
            failure = self._failure or error
            if self._started or not isinstance(failure, UNAVAILABLE):
                raise failure from (None if failure is error else error)
            await self._unavailable(failure)

    async def _surrounded(self, app: ASGIApp) -> None:
        async with self._host.unit_of_work(self._work):
            try:
                await app(self._scope, self._receive, self._answer)
            finally:
                self._name()
            if self._failure is not None:
                raise self._failure
            if self._refused:
                raise HandlerStopped

    def _carrying(self) -> AbstractContextManager[None]:
        given = self._work.headers
        carried = {name: given[name] for name in self._carry if name in given}
        return implicit_headers(**carried) if carried else nullcontext()

    async def _answer(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self._name()
            if message["status"] >= 400:
                self._refused, self._failure = True, None
                await self._roll_back()
            else:
                await self._last()
            self._started = True
        await self._send(message)

    async def _last(self) -> None:
        """Hold the response's start back until what it tells of has lasted."""
        try:
            await self._work.commit()
            await self._work.publisher.flush()
            await self._work.finish()
        except Exception as error:
            self._failure = error
            raise

    async def _roll_back(self) -> None:
        """The client asks again as soon as it knows: by then nothing of this is left."""
        try:
            await self._work.roll_back()
        except Exception:
            logger.exception("%s: the rollback failed before the response", self._work.name)

    def _name(self) -> None:
        """The endpoint's path with its parameters' names, once the application has found it."""
        path = getattr(self._scope.get("route"), "path", None)
        if path:
            self._work.name = f"{self._scope['method']} {path}"

    async def _unavailable(self, failure: Exception) -> None:
        logger.error("%s: %s: %s", self._work.name, type(failure).__name__, failure)
        told = {
            "detail": "what this request asks for cannot be passed on now: try again later",
            "error": type(failure).__name__,
        }
        response = JSONResponse(told, 503)
        await response(self._scope, self._receive, self._send)


def _path(scope: Scope) -> str:
    path: str = scope["path"]
    return path.removeprefix(scope.get("root_path", "")) or "/"


def _own_paths(scope: Scope) -> list[str]:
    """Where the application has put the bus's own pages; nowhere, where it has not."""
    found = []
    for name, parameters in NAMES.items():
        try:
            found.append(str(scope["app"].url_path_for(name, **parameters)))
        except (KeyError, NoMatchFound):
            continue
    return found
