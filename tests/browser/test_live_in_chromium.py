"""The live page of docs/websockets.md in a real Chromium: it shows what happens, and reconnects."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.docs.test_websockets import Shown
from tests.support.nodes import free_port

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
if CHROMIUM is None and not os.environ.get("CI"):
    pytest.skip("no Chromium here", allow_module_level=True)
playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")

LIVE = "document.body.dataset.live === 'yes'"


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with playwright.sync_playwright() as driver:
        arguments = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
        started = driver.chromium.launch(executable_path=CHROMIUM, args=arguments)
        yield started
        started.close()


def place(address: str, order: int, user: str) -> None:
    assert httpx.post(f"http://{address}/orders/{order}?user={user}").status_code == 200


def test_a_page_shows_what_is_sent_to_its_room_and_no_other(browser: Any, tmp_path: Path) -> None:
    with Shown(tmp_path).served() as address:
        ana, bob = browser.new_page(), browser.new_page()
        for page, user in ((ana, "ana"), (bob, "bob")):
            page.goto(f"http://{address}/?user={user}")
            page.wait_for_function(LIVE)
        place(address, 7, "ana")
        place(address, 8, "bob")
        ana.get_by_text("order 7 is placed").wait_for()
        bob.get_by_text("order 8 is placed").wait_for()
        assert ana.locator("li").count() == bob.locator("li").count() == 1


def test_a_page_connects_again_when_its_server_was_away(browser: Any, tmp_path: Path) -> None:
    shown, port = Shown(tmp_path), free_port()
    page = browser.new_page()
    with shown.served(port) as address:
        page.goto(f"http://{address}/?user=ana")
        page.wait_for_function(LIVE)
    page.wait_for_function("document.body.dataset.live === 'no'")
    with shown.served(port):
        page.wait_for_function(LIVE)
        place(address, 9, "ana")
        page.get_by_text("order 9 is placed").wait_for()


def test_a_page_of_another_origin_is_not_let_in(browser: Any, tmp_path: Path) -> None:
    (tmp_path / "two").mkdir()
    (tmp_path / "one").mkdir()
    with Shown(tmp_path / "one").served() as address, Shown(tmp_path / "two").served() as other:
        page = browser.new_page()
        page.goto(f"http://{other}/?user=ana")
        closed = page.evaluate(
            """address => new Promise(done => {
                const live = new WebSocket(`ws://${address}/ws?user=ana`);
                live.onopen = () => done("let in");
                live.onclose = () => done("refused");
            })""",
            address,
        )
        assert closed == "refused"
