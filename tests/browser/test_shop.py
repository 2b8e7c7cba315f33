"""The example shop's page in a real Chromium: an order is placed, and the page follows it, live."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.browser.test_site_in_chromium import browser as browser
from tests.cli.project import IMPORTED

DEADLINE = 30
COMMAND = ["uvicorn", "examples.shop.web:api", "--port", "0", "--no-access-log"]


@pytest.fixture
def address(tmp_path: Path) -> Iterator[str]:
    output = tmp_path / "output"
    environment = {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": IMPORTED,
        "DATABASE_URL": f"sqlite+aiosqlite:///{tmp_path / 'shop.db'}",
    }
    with output.open("w") as file:
        process = subprocess.Popen(
            [sys.executable, "-m", *COMMAND], env=environment, stdout=file, stderr=file
        )
    deadline = time.monotonic() + DEADLINE
    while not (found := re.findall(r"running on (http://\S+)", output.read_text())):
        assert time.monotonic() < deadline and process.poll() is None, output.read_text()
        time.sleep(0.05)
    yield found[0]
    process.terminate()
    process.wait(DEADLINE)


def fetched(address: str) -> Any:
    with urllib.request.urlopen(address, timeout=10) as answer:
        return json.load(answer)


def test_the_page_follows_an_order_until_it_is_shipped(browser: Any, address: str) -> None:
    page = browser.new_page()
    noticed: list[str] = []
    page.on("console", lambda message: noticed.append(message.text))
    page.on("pageerror", lambda error: noticed.append(str(error)))
    page.goto(address)
    page.wait_for_selector("[data-live=yes]")
    page.click("text=Place an order")
    page.wait_for_selector("li .shipped.done")
    assert page.locator("li .done").all_inner_texts() == ["placed", "paid", "shipped"]
    page.click("text=declined")
    page.wait_for_selector("li .bad:has-text('cancelled')")
    page.wait_for_selector("#numbers:has-text('shipped')")
    states = sorted(order["status"] for order in fetched(f"{address}/orders"))
    assert states == ["cancelled", "shipped"]
    assert noticed == []
    page.close()


def test_a_quote_is_asked_for_over_the_bus_and_the_document_is_published(address: str) -> None:
    assert fetched(f"{address}/quotes/LAMP-7")["total"] == {"amount": 8900, "currency": "EUR"}
    assert fetched(f"{address}/health/ready")
    assert fetched(f"{address}/asyncapi/shop.json")
