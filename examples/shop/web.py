"""The shop in a browser: takes orders, answers with quotes, and shows what happens, live.

Run it with `uvicorn examples.shop.web:api`; on memory:// it handles the messages too, and keeps
the schedule.
"""

from __future__ import annotations

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from fastapi import FastAPI
from fastapi.responses import FileResponse
from jararaca import Scheduler
from jararaca.integrations.fastapi import Bus

from examples.shop.app import app, sockets
from examples.shop.orders import Orders
from generated.shop import messages

BROKER_URL = os.environ.get("BROKER_URL") or "memory://shop"
PAGE = Path(__file__).with_name("page.html")


def web(broker_url: str = BROKER_URL, *, consume: bool | None = None) -> FastAPI:
    """The web application; `consume` None does the worker's and the scheduler's part on memory://."""
    here = broker_url.startswith("memory:") if consume is None else consume
    bus = Bus(app, broker_url, consume=here, carry=["tenant"], docs="site")

    @asynccontextmanager
    async def lifespan(api: FastAPI) -> AsyncIterator[None]:
        async with bus.lifespan(api):
            if not here:
                yield
                return
            scheduler = Scheduler(app, bus.host.transport, host=bus.host)
            await scheduler.start()
            yield
            await scheduler.stop()

    api = FastAPI(title="Shop", lifespan=lifespan)
    api.add_middleware(bus.middleware)
    api.include_router(bus.router)
    api.add_api_websocket_route("/live", sockets.endpoint)
    orders = Orders()

    @api.get("/", include_in_schema=False)
    async def page() -> FileResponse:
        return FileResponse(PAGE)

    @api.post("/orders", status_code=202)
    async def place(order: messages.PlaceOrder) -> dict[str, str]:
        """Take an order: the task goes out with the response, and not with an error."""
        await order.publish()
        return {"orderId": str(order.order_id)}

    @api.get("/orders")
    async def listed() -> list[dict[str, str]]:
        """Every order and how far it has come."""
        return await orders.all()

    @api.get("/quotes/{sku}")
    async def quote(sku: str, quantity: int = 1) -> messages.Quote:
        """Ask the shop's worker for a price, and wait for its answer."""
        asked = messages.GetQuote.model_validate({"sku": sku, "quantity": quantity})
        return await asked.request(timeout=5)

    return api


api = web()
