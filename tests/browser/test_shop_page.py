"""The shop's page in a real Chromium: an order is placed, and its states are shown as they come."""

from __future__ import annotations

import os
import shutil
from collections.abc import AsyncIterator
from typing import Any, Literal
from uuid import UUID, uuid4

import pytest
from jararaca import Microservice, WebSocketMessage
from pydantic import Field

from examples.shop.web import ORDERS_ROOM, example_order, sockets, website
from generated.shop.routes import SERVICE
from tests.support.web import serving

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
if CHROMIUM is None and not os.environ.get("CI"):
    pytest.skip("no Chromium here", allow_module_level=True)
playwright = pytest.importorskip("playwright.async_api", reason="playwright is not installed")


class OrderUpdate(WebSocketMessage):
    """What the page shows."""

    MESSAGE_NAME = "orderUpdate"
    order_id: UUID = Field(alias="orderId")
    state: Literal["placed", "paid", "packed", "shipped", "cancelled"]
    reason: str | None = None


@pytest.fixture
async def page() -> AsyncIterator[Any]:
    """The shop's page, served; `noticed` is what it complains about or fetches from elsewhere."""
    microservice = Microservice(SERVICE, name=f"shop-{uuid4().hex[:8]}", integrations=[sockets])
    web = website(microservice, f"memory://{uuid4()}", consume=False)
    async with serving(web) as address, playwright.async_playwright() as driver:
        browser = await driver.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        shown = await browser.new_page()
        shown.noticed = []
        shown.on("console", lambda message: shown.noticed.append(message.text))
        shown.on("pageerror", lambda error: shown.noticed.append(str(error)))
        shown.on(
            "request",
            lambda r: (
                None if address in r.url or r.url == "data:," else shown.noticed.append(r.url)
            ),
        )
        await shown.goto(f"http://{address}/")
        await shown.wait_for_function("document.body.dataset.live === 'yes'")
        yield shown
        await browser.close()


async def send(order: UUID, state: Any, reason: str | None = None) -> None:
    update = OrderUpdate(order_id=order, state=state, reason=reason)
    await sockets.manager.send(update, ORDERS_ROOM)


async def test_an_orders_states_are_shown_as_they_come(page: Any) -> None:
    await page.get_by_role("button", name="Place an order").click()
    row = page.locator("li")
    await row.wait_for()
    order = UUID((await row.get_attribute("id")).removeprefix("order-"))
    for state in ("placed", "paid", "packed", "shipped"):
        await send(order, state)
        await row.locator(f".{state}.done").wait_for()
    assert await page.locator("li").count() == 1
    assert page.noticed == []


async def test_a_cancelled_order_is_shown_with_its_reason(page: Any) -> None:
    order = uuid4()
    await send(order, "placed")
    await send(order, "cancelled", "<b>the card was declined</b>")
    await page.get_by_text("<b>the card was declined</b>").wait_for()
    row = page.locator("li")
    assert await row.locator(".step").all_inner_texts() == ["placed", "cancelled"]
    assert page.noticed == []


def test_each_order_of_the_website_is_a_new_one() -> None:
    one, other = example_order("tok_visa"), example_order("tok_declined")
    assert one.order_id != other.order_id
    assert b"tok_declined" in other.encode()
