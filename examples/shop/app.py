"""The example: three services, a database with an outbox, a schedule, and live pages.

DATABASE_URL is PostgreSQL's (`postgresql+asyncpg://...`), or a file of SQLite's; BACKEND_URL a
Redis that several processes share.
"""

from __future__ import annotations

import os

from dishka import Provider, Scope
from jararaca import Microservice
from jararaca.integrations.sqlalchemy import Database
from jararaca.integrations.websockets import WebSockets
from starlette.websockets import WebSocket

from examples.shop.orders import Base, Orders
from generated.accounts import routes as accounts
from generated.shop import routes as shop
from generated.warehouse import routes as warehouse

DATABASE_URL = os.environ.get("DATABASE_URL") or "sqlite+aiosqlite:///shop.db"


async def everybody(socket: WebSocket) -> list[str]:
    """Who opens the page hears of all orders."""
    return ["live"]


provider = Provider(scope=Scope.APP)
provider.provide(Orders)

database = Database(DATABASE_URL, outbox=True, create_tables=Base.metadata)
sockets = WebSockets(os.environ.get("BACKEND_URL") or None, on_connect=everybody)

app = Microservice(
    shop.SERVICE,
    warehouse.SERVICE,
    accounts.SERVICE,
    name="shop",
    providers=[provider],
    integrations=[database, sockets],
)
