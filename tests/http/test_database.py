"""Requests with a database: endpoints share a transaction with what they publish."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated
from urllib.parse import urlsplit

import pytest
from fastapi import FastAPI, HTTPException
from jararaca import Microservice, use_session
from jararaca.integrations.fastapi import Bus, provided
from jararaca.integrations.sqlalchemy import Database
from sqlalchemy import Column, Integer, MetaData, Table, insert, select
from sqlalchemy.ext.asyncio import AsyncSession, create_async_engine

from tests.fault.proxy import Proxy
from tests.http.conftest import Shop

METADATA = MetaData()
ORDERS = Table("orders", METADATA, Column("number", Integer, primary_key=True))
Session = Annotated[AsyncSession, provided(AsyncSession)]


def bus_of(shop: Shop, broker_url: str, folder: Path) -> Bus:
    database = Database(address(folder), outbox=True, create_tables=METADATA)
    return Bus(Microservice(shop.service, integrations=[database]), broker_url)


def address(folder: Path) -> str:
    return f"sqlite+aiosqlite:///{folder}/shop.db"


async def orders(folder: Path) -> list[int]:
    engine = create_async_engine(address(folder))
    async with engine.connect() as connection:
        found = list(await connection.scalars(select(ORDERS.c.number)))
    await engine.dispose()
    return found


def endpoints(shop: Shop, api: FastAPI) -> None:
    @api.post("/{number}")
    async def post(number: int, session: Session) -> None:
        assert session is use_session()
        await session.execute(insert(ORDERS).values(number=number))
        await shop.publish(str(number))
        if number > 99:
            raise HTTPException(409)


async def test_rows_and_publications_last_together_or_not_at_all(
    shop: Shop, tmp_path: Path
) -> None:
    await shop.hear()
    async with shop.web(bus_of(shop, shop.url, tmp_path), lambda api: endpoints(shop, api)) as web:
        statuses = [(await web.post(f"/{number}")).status_code for number in (100, 1, 1, 2)]
        assert statuses == [409, 200, 500, 200]
        assert await orders(tmp_path) == [1, 2]
        assert [await shop.next(), await shop.next()] == ["1", "2"]


@pytest.mark.broker
async def test_with_an_outbox_requests_go_on_while_the_broker_is_away(
    scratch_broker_url: str, tmp_path: Path
) -> None:
    proxy = Proxy(urlsplit(scratch_broker_url).port or 5672)
    await proxy.start()
    parts = urlsplit(scratch_broker_url)
    through = parts._replace(netloc=f"guest:guest@127.0.0.1:{proxy.port}").geturl()
    shop = Shop(scratch_broker_url)
    await shop.hear()
    try:
        bus = bus_of(shop, through, tmp_path)
        async with shop.web(bus, lambda api: endpoints(shop, api)) as web:
            await proxy.close()
            assert (await web.post("/1")).status_code == 200
            assert await orders(tmp_path) == [1]
            await proxy.start()
            assert await shop.next() == "1"
    finally:
        await proxy.close()
        await shop.stack.aclose()
