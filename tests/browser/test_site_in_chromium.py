"""The site in a real Chromium: silent, without network, searchable, the same without JavaScript."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.browser.documents import large
from tests.unit.site import published
from tests.unit.test_site import hostile

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
ROOT = Path(__file__).parents[2]
if CHROMIUM is None and not os.environ.get("CI"):
    pytest.skip("no Chromium here", allow_module_level=True)
playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return written(published(["schemas"], ROOT), tmp_path_factory.mktemp("site"))


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with playwright.sync_playwright() as driver:
        arguments = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
        started = driver.chromium.launch(executable_path=CHROMIUM, args=arguments)
        yield started
        started.close()


def written(files: dict[str, str], folder: Path) -> Path:
    """The folder, with the files in it."""
    for path, text in files.items():
        place = folder / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(text, encoding="utf-8")
    return folder


def _watched(browser: Any, **options: Any) -> tuple[Any, list[str]]:
    """A page, and everything that it complains about or fetches from elsewhere."""
    page = browser.new_page(**options)
    noticed: list[str] = []
    page.on("console", lambda message: noticed.append(f"console: {message.text}"))
    page.on("pageerror", lambda error: noticed.append(f"error: {error}"))
    page.on("dialog", lambda dialog: noticed.append(f"dialog: {dialog.message}"))
    local = ("file:", "data:")
    page.on("request", lambda r: None if r.url.startswith(local) else noticed.append(r.url))
    return page, noticed


def test_every_page_is_silent_styled_and_fetches_nothing(browser: Any, site: Path) -> None:
    page, noticed = _watched(browser)
    for place in sorted(site.rglob("*.html")):
        page.goto(place.as_uri())
        assert (
            page.evaluate("getComputedStyle(document.querySelector('.top')).position") == "sticky"
        )
    assert noticed == []
    page.close()


def test_search_finds_a_field_and_leads_to_its_message(browser: Any, site: Path) -> None:
    page, noticed = _watched(browser)
    page.goto((site / "index.html").as_uri())
    page.keyboard.press("/")
    page.keyboard.type("stock counted")
    page.wait_for_selector("#results li[aria-selected=true]")
    page.keyboard.press("Enter")
    page.wait_for_url("**/shop/messages/StockCounted.html")
    assert noticed == []
    page.close()


@pytest.mark.parametrize(
    ("asked", "title", "place"),
    [
        ("gift wrap", "lines.giftWrap", "shop/messages/*.html#field-lines.giftWrap"),
        ("bronze", "customer.loyalty", "shop/messages/*.html#field-customer.loyalty"),
        ("minor units chargecard", "amount", "shop/messages/ChargeCard.html#field-amount"),
        ("refund note", "note", "shop/messages/Refund.html#field-note"),
        ("due_days", "payment.InvoicePayment.dueDays", "**#field-payment.InvoicePayment.dueDays"),
    ],
)
def test_search_finds_fields_by_name_description_and_value(
    browser: Any, site: Path, asked: str, title: str, place: str
) -> None:
    page, noticed = _watched(browser)
    page.goto((site / "index.html").as_uri())
    page.keyboard.press("/")
    page.keyboard.type(asked)
    page.click(f"#results li:has-text('{title}') >> nth=0")
    page.wait_for_url(f"**/{place}")
    assert page.is_visible(":target")
    assert noticed == []
    page.close()


@pytest.mark.parametrize("width", [390, 820, 1440])
def test_results_are_within_the_page_and_messages_come_before_fields(
    browser: Any, site: Path, width: int
) -> None:
    page, _ = _watched(browser, viewport={"width": width, "height": 900})
    page.goto((site / "index.html").as_uri())
    page.fill("#search", "order")
    page.wait_for_selector("#results li")
    box = page.locator("#results").bounding_box()
    assert box["x"] >= 0 and box["x"] + box["width"] <= width
    kinds = [each.split(" ")[0] for each in page.locator("#results small").all_text_contents()]
    assert "field" in kinds
    assert not {"event", "task", "websocket"} & set(kinds[kinds.index("field") :])
    page.close()


def test_what_is_one_message_is_found_once(browser: Any, site: Path) -> None:
    page, _ = _watched(browser)
    page.goto((site / "index.html").as_uri())
    page.keyboard.press("/")
    page.keyboard.type("orderplaced")
    page.wait_for_selector("#results li")
    events = page.locator("#results li:has(small:text-matches('^event'))").all_inner_texts()
    assert events == ["OrderPlaced\nevent · Shop, Warehouse"]
    page.close()


def test_the_shortest_name_that_fits_is_found_first(browser: Any, tmp_path: Path) -> None:
    document = large(20)
    document["channels"] = dict(reversed(document["channels"].items()))
    (tmp_path / "many.json").write_text(json.dumps(document), encoding="utf-8")
    page, _ = _watched(browser)
    page.goto(
        (written(published(["many.json"], tmp_path), tmp_path / "out") / "index.html").as_uri()
    )
    page.fill("#search", "1 changed thing")
    page.wait_for_selector("#results li")
    assert page.inner_text("#results li >> nth=0").startswith("Thing1Changed\n")
    page.close()


def test_a_long_list_of_channels_is_narrowed_and_its_folds_open_by_address(
    browser: Any, tmp_path: Path
) -> None:
    (tmp_path / "many.json").write_text(json.dumps(large(30)), encoding="utf-8")
    folder = written(published(["many.json"], tmp_path), tmp_path / "out")
    page, noticed = _watched(browser)
    page.goto((folder / "large/channels.html").as_uri())
    page.fill(".find input", "area7.thing7")
    assert page.locator("main .item:visible h2").all_inner_texts() == ["c7"]
    assert page.inner_text(".find [role=status]") == "1 found"
    page.fill(".find input", "")
    assert page.locator("main .item:visible").count() == 30
    assert not page.is_visible("#operation-on9")
    page.evaluate("location.hash = 'operation-on9'")
    page.wait_for_selector("#operation-on9", state="visible")
    page.evaluate("location.hash = 'channel-c8'")
    page.wait_for_selector("#operation-on8", state="visible")
    assert noticed == []
    page.close()


def test_the_theme_is_switched_and_kept(browser: Any, site: Path) -> None:
    page, _ = _watched(browser, color_scheme="light")
    page.goto((site / "index.html").as_uri())
    page.click("#theme")
    assert page.evaluate("document.documentElement.dataset.theme") == "dark"
    page.reload()
    assert page.evaluate("document.documentElement.dataset.theme") == "dark"
    page.close()


def test_the_page_reads_without_javascript_and_fits_a_phone(browser: Any, site: Path) -> None:
    viewport = {"width": 390, "height": 800}
    page, _ = _watched(browser, java_script_enabled=False, viewport=viewport)
    page.goto((site / "shop/messages/PlaceOrder.html").as_uri())
    assert page.is_visible("text=told apart by")
    assert not page.is_visible("#theme")
    page.close()
    page, _ = _watched(browser, viewport=viewport)
    for place in sorted(site.rglob("*.html")):
        page.goto(place.as_uri())
        assert page.evaluate("document.documentElement.scrollWidth") <= 390, place
    page.close()


def test_a_hostile_document_runs_nothing(browser: Any, tmp_path: Path) -> None:
    (tmp_path / "evil.json").write_text(json.dumps(hostile()), encoding="utf-8")
    folder = written(published(["evil.json"], tmp_path), tmp_path / "site")
    page, noticed = _watched(browser)
    for place in sorted(folder.rglob("*.html")):
        page.goto(place.as_uri())
    page.keyboard.press("/")
    page.keyboard.type("alert")
    page.wait_for_selector("#results li")
    assert noticed == []
    page.close()
