"""The shop's website: takes orders, and shows what becomes of them while it happens."""

from __future__ import annotations

from pathlib import Path
from typing import Literal
from uuid import uuid4

from fastapi import FastAPI, WebSocket
from fastapi.responses import FileResponse
from jararaca import Microservice
from jararaca.examples import examples_of
from jararaca.integrations.fastapi import Bus
from jararaca.integrations.websockets import WebSockets

from generated.shop.messages import PlaceOrder
from generated.shop.routes import SERVICE

PAGE = Path(__file__).with_name("page.html")
ORDERS_ROOM = "orders"
Card = Literal["tok_visa", "tok_declined"]


async def everybody(websocket: WebSocket) -> list[str]:
    """All that look on see all orders; a real shop would ask who that is."""
    return [ORDERS_ROOM]


sockets = WebSockets(on_connect=everybody)


def website(
    microservice: Microservice,
    broker_url: str,
    backend_url: str | None = None,
    *,
    consume: bool = True,
) -> FastAPI:
    """The website of the shop, whose `sockets` are among the microservice's integrations.

    `consume` has this process handle the messages as well.
    """
    bus = Bus(microservice, broker_url, backend_url=backend_url, consume=consume)
    api = FastAPI(title="Shop", lifespan=bus.lifespan)
    api.add_middleware(bus.middleware)
    api.include_router(bus.router)
    api.add_api_websocket_route("/live", sockets.endpoint)

    @api.get("/")
    async def page() -> FileResponse:
        return FileResponse(PAGE)

    @api.post("/orders", status_code=202)
    async def place(token: Card = "tok_visa") -> dict[str, str]:
        """An order like the document's example, paid with this card."""
        order = example_order(token)
        await order.publish()
        return {"orderId": str(order.order_id)}

    return api


def example_order(token: Card) -> PlaceOrder:
    """The document's first order, as a new one."""
    [example, *_] = [
        each for each in examples_of(SERVICE) if each.message == PlaceOrder.MESSAGE_NAME
    ]
    payment = {"kind": "card", "token": token}
    return PlaceOrder.model_validate(
        {**example.payload, "orderId": str(uuid4()), "payment": payment}
    )
