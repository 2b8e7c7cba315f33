"""The picture of the flow: whole or said to go on, lit along a path, drawn as what things are."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.browser.documents import large
from tests.browser.test_site_in_chromium import browser as browser
from tests.browser.test_site_in_chromium import site as site
from tests.browser.test_site_in_chromium import written
from tests.unit.site import published

HIDDEN = """() => {
  const picture = document.querySelector(".picture"), frame = picture.getBoundingClientRect();
  return [...picture.querySelectorAll(".node")].filter((one) => {
    const box = one.getBoundingClientRect();
    return box.bottom > frame.bottom || box.right > frame.right;
  }).length;
}"""


@pytest.fixture(scope="module")
def tall(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("tall")
    (folder / "large.json").write_text(json.dumps(large(38)), encoding="utf-8")
    return written(published(["large.json"], folder), folder / "site")


@pytest.mark.parametrize("place", ["index.html", "links.html", "shop/index.html"])
def test_a_picture_that_is_not_tall_is_shown_whole(browser: Any, site: Path, place: str) -> None:
    page = browser.new_page(viewport={"width": 1440, "height": 700})
    if (site / place).exists():
        page.goto((site / place).as_uri())
        assert page.evaluate(HIDDEN) == 0
    page.close()


def test_a_tall_picture_says_so_and_is_shown_whole_without_javascript(
    browser: Any, tall: Path
) -> None:
    page = browser.new_page(viewport={"width": 1440, "height": 700}, java_script_enabled=False)
    page.goto((tall / "index.html").as_uri())
    assert page.evaluate(HIDDEN) > 0
    page.check("text=Show all")
    assert page.evaluate(HIDDEN) == 0
    page.click("text=Open large")
    page.wait_for_url("**/large/flow.html")
    width = "document.querySelector('svg').getBoundingClientRect().width"
    before = page.evaluate(width)
    page.focus("#zoom-fit")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    assert page.evaluate(width) > 1.5 * before
    page.close()


def test_a_phone_is_told_that_the_picture_goes_on(browser: Any, site: Path) -> None:
    page = browser.new_page(viewport={"width": 390, "height": 800})
    page.goto((site / "shop/index.html").as_uri())
    page.check("text=Show it as a picture")
    assert page.is_visible("text=move it sideways") and page.is_visible(".picture")
    page.close()


def test_a_phone_reads_the_flow_as_a_list_without_javascript(browser: Any, site: Path) -> None:
    viewport = {"width": 390, "height": 800}
    page = browser.new_page(viewport=viewport, java_script_enabled=False)
    page.goto((site / "shop/index.html").as_uri())
    assert not page.is_visible(".picture")
    told = page.inner_text(".way li:has-text('shop.order.place')").splitlines()
    assert told == [
        "shop.order.place PlaceOrder · task",
        "from other systems",
        "to shop.orders → place_order",
    ]
    page.set_viewport_size({"width": 820, "height": 800})
    assert page.is_visible(".picture") and not page.is_visible(".way")
    page.close()


def test_a_picture_that_fits_does_not_say_that_it_goes_on(browser: Any, tall: Path) -> None:
    page = browser.new_page(viewport={"width": 820, "height": 800})
    page.goto((tall / "index.html").as_uri())
    page.wait_for_selector("p.sideways", state="hidden")
    page.set_viewport_size({"width": 390, "height": 800})
    page.check(".pictured input")
    page.wait_for_selector("p.sideways", state="visible")
    page.close()


def test_a_path_is_lit_by_hover_and_by_focus_and_the_rest_steps_back(
    browser: Any, site: Path
) -> None:
    page = browser.new_page(viewport={"width": 1440, "height": 900})
    page.goto((site / "shop/index.html").as_uri())
    lit = "[...document.querySelectorAll('.node.lit .title')].map((one) => one.textContent).sort()"
    for act in (page.hover, page.focus):
        act(".node:has(.title:text-is('quote'))")
        assert page.evaluate(lit) == sorted(
            ["Quote", "other systems", "quote", *["shop.quote"] * 2]
        )
        other = "getComputedStyle(document.querySelector('.node:not(.lit)')).opacity"
        assert float(page.evaluate(other)) < 0.5
    page.close()


def test_the_clock_a_request_and_its_answer_are_drawn_as_what_they_are(
    browser: Any, site: Path
) -> None:
    page = browser.new_page()
    page.goto((site / "shop/index.html").as_uri())
    assert page.text_content(".node.clock .title") == "every 1 s"
    assert page.text_content(".node.answer") == "Quote (to whoever asked)Quoteto whoever asked"
    assert page.text_content(".node:has(.title:text-is('shop.quote'))").endswith(
        "GetQuote · request"
    )
    assert page.locator(".line.answer").count() == page.locator(".line.clock").count() == 1
    links = page.locator("a.node:not([href]) .title").all_text_contents()
    assert sorted(links) == ["WebSocket clients", *["other systems"] * 4]
    page.close()
