"""A small shop whose orders are told to who placed them: one application, served and worked.

`python -m uvicorn tests.websockets.application:web` serves it, and
`jararaca worker tests.websockets.application:app` works, with BROKER_URL and BACKEND_URL.
"""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace

from jararaca import (
    Host,
    Message,
    MessageBusController,
    MessageHandler,
    MessageOf,
    Microservice,
    RetryPolicy,
    WebSocketMessage,
    route,
)
from jararaca.integrations.websockets import WebSockets
from jararaca.transport.connect import transport_for
from starlette.applications import Starlette
from starlette.exceptions import WebSocketException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route, WebSocketRoute
from starlette.websockets import WebSocket

from tests.support.services import service_of

PREFIX = os.environ.get("PREFIX", "websockets-test")


class PlaceOrder(Message):
    """A task; `fails` makes its handler fail after it has told its customer."""

    MESSAGE_TOPIC = f"{PREFIX}.place"
    MESSAGE_TYPE = "task"
    number: int
    user: str
    fails: bool = False


class OrderUpdate(WebSocketMessage):
    """An order has a new state."""

    number: int
    state: str


class Say(WebSocketMessage):
    """What a client says to a room."""

    room: str
    text: str


@MessageBusController()
class Shop:
    """Tells whoever placed an order that it is placed."""

    @MessageHandler(PlaceOrder, retry=RetryPolicy(max_retries=0))
    async def place(self, message: MessageOf[PlaceOrder]) -> None:
        order = message.payload()
        await OrderUpdate(number=order.number, state="placed").send(f"user-{order.user}", "shop")
        if order.fails:
            raise ValueError("out of stock")


SERVICE = replace(
    service_of(
        route(
            operation="place",
            queue=f"{PREFIX}.place",
            binding_keys=(f"{PREFIX}.place",),
            message=PlaceOrder,
            controller=Shop,
            handler=Shop.place,
        ),
        name=PREFIX,
    ),
    sockets=(OrderUpdate, Say),
    from_clients=(Say,),
)


async def user_rooms(websocket: WebSocket) -> Sequence[str]:
    """The room of the user that the query names, who is let in for that."""
    user = websocket.query_params.get("user")
    if user is None:
        raise WebSocketException(1008, "who are you?")
    return [f"user-{user}"]


def web_of(microservice: Microservice, sockets: WebSockets, broker_url: str) -> Starlette:
    """The web application: `/ws`, and `/members/{room}` says how many are there."""
    host = Host(microservice, transport_for(broker_url), os.environ.get("BACKEND_URL"))

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        await host.start()
        try:
            yield
        finally:
            await host.stop()

    async def members(request: Request) -> Response:
        return JSONResponse(len(sockets.manager.connections(request.path_params["room"])))

    return Starlette(
        lifespan=lifespan,
        routes=[Route("/members/{room}", members), WebSocketRoute("/ws", sockets.endpoint)],
    )


sockets = WebSockets(on_connect=user_rooms)
app = Microservice(SERVICE, integrations=[sockets])
web = web_of(app, sockets, os.environ.get("BROKER_URL", "memory://websockets"))
