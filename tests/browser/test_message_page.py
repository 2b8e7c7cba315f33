"""A message's page in Chromium: code at full width in tabs, folded fields, a drawer on phones."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.browser.documents import strange
from tests.browser.test_site_in_chromium import browser as browser
from tests.browser.test_site_in_chromium import site as site
from tests.browser.test_site_in_chromium import written
from tests.unit.site import published
from tests.unit.test_site_completeness import version_3

READING = (Path(__file__).parent / "reading.js").read_text(encoding="utf-8")
LANGUAGES = ["json", "python", "cli", "typescript"]
CHOOSE = """(number) => {
  const input = document.querySelectorAll(".bar input")[number];
  if (input) input.checked = true;
}"""
WIDER = "[...document.querySelectorAll('.scroll')].map((one) => one.scrollWidth - one.clientWidth)"
PAGE = "shop/messages/PlaceOrder.html"


def shown(page: Any) -> list[str]:
    return [key for key in LANGUAGES if page.is_visible(f".pane.{key}")]


@pytest.mark.parametrize("width", [390, 820, 1440])
def test_no_word_is_broken_and_nothing_is_cut_or_covered(
    browser: Any, site: Path, width: int
) -> None:
    page = browser.new_page(viewport={"width": width, "height": 900})
    for place in sorted(site.rglob("*.html")):
        page.goto(place.as_uri())
        for number in range(max(1, page.locator(".bar input").count())):
            page.evaluate(CHOOSE, number)
            assert page.evaluate(READING) == [], place
    page.close()


def test_nothing_is_cut_on_a_phone_where_a_document_says_everything(
    browser: Any, tmp_path: Path
) -> None:
    (tmp_path / "all.json").write_text(json.dumps(version_3("3.0.0")), encoding="utf-8")
    folder = written(published(["all.json"], tmp_path), tmp_path / "site")
    page = browser.new_page(viewport={"width": 390, "height": 800})
    for place in sorted(folder.rglob("*.html")):
        page.goto(place.as_uri())
        page.evaluate("document.querySelectorAll('details').forEach((one) => { one.open = true; })")
        assert page.evaluate(READING) == [], place
    page.close()


def test_long_names_and_names_from_right_to_left_widen_and_move_nothing(
    browser: Any, tmp_path: Path
) -> None:
    (tmp_path / "strange.json").write_text(json.dumps(strange()), encoding="utf-8")
    folder = written(published(["strange.json"], tmp_path), tmp_path / "site")
    page = browser.new_page()
    for width in (390, 820):
        page.set_viewport_size({"width": width, "height": 800})
        for place in sorted(folder.rglob("*.html")):
            page.goto(place.as_uri())
            assert page.evaluate(READING) == [], (width, place.name)
            assert page.evaluate("document.documentElement.scrollWidth") <= width, place.name
            assert max(page.evaluate(WIDER), default=0) <= 0, (width, place.name)
    page.goto((folder / "index.html").as_uri())
    pill, heading = (page.locator(each).bounding_box() for each in ("h1 .version", "h1"))
    assert pill["x"] == heading["x"]
    page.close()


def test_code_is_as_wide_as_the_table(browser: Any, site: Path) -> None:
    page = browser.new_page(viewport={"width": 1440, "height": 900})
    page.goto((site / PAGE).as_uri())
    width = "document.querySelector('%s').getBoundingClientRect().width"
    assert page.evaluate(width % ".pane.json pre") == page.evaluate(width % ".fields")
    assert page.evaluate("document.querySelectorAll('.pane.json .hs, .pane.json .hn').length") > 9
    page.close()


def test_tabs_are_changed_by_keys_without_javascript(browser: Any, site: Path) -> None:
    page = browser.new_page(java_script_enabled=False)
    page.goto((site / PAGE).as_uri())
    assert shown(page) == ["json"]
    page.focus("#tab-json")
    for key in LANGUAGES[1:]:
        page.keyboard.press("ArrowRight")
        assert shown(page) == [key]
    page.close()


def test_a_chosen_language_is_chosen_on_the_next_page(browser: Any, site: Path) -> None:
    page = browser.new_page()
    page.goto((site / PAGE).as_uri())
    page.click("label[for=tab-python]")
    page.goto((site / "shop/messages/Refund.html").as_uri())
    assert shown(page) == ["python"]
    page.close()


def test_paper_has_every_language_and_every_field(browser: Any, site: Path) -> None:
    page = browser.new_page(viewport={"width": 794, "height": 1100})
    page.goto((site / PAGE).as_uri())
    page.evaluate("document.querySelectorAll('details').forEach((one) => { one.open = false; })")
    assert not page.is_visible("#field-customer\\.email")
    page.emulate_media(media="print")
    assert shown(page) == LANGUAGES
    assert page.is_visible("#field-customer\\.email")
    page.close()


def test_a_folded_field_is_unfolded_by_its_address(browser: Any, site: Path) -> None:
    page = browser.new_page()
    page.goto((site / PAGE).as_uri())
    page.evaluate("document.querySelectorAll('details').forEach((one) => { one.open = false; })")
    page.evaluate("location.hash = 'field-payment.CardPayment.token'")
    page.wait_for_selector("#field-payment\\.CardPayment\\.token", state="visible")
    page.close()


def test_a_phone_has_the_menu_in_a_drawer_without_javascript(browser: Any, site: Path) -> None:
    viewport = {"width": 390, "height": 800}
    page = browser.new_page(java_script_enabled=False, viewport=viewport)
    page.goto((site / PAGE).as_uri())
    assert not page.is_visible("#menu")
    page.focus("#open-menu")
    page.keyboard.press("Enter")
    assert page.is_visible("#menu a[aria-current]")
    page.keyboard.press("Escape")
    assert not page.is_visible("#menu")
    page.set_viewport_size({"width": 1280, "height": 800})
    assert page.is_visible("#menu") and not page.is_visible("#open-menu")
    page.close()


def test_on_a_phone_a_field_is_a_card_with_its_own_inside(browser: Any, site: Path) -> None:
    page = browser.new_page(viewport={"width": 390, "height": 800})
    page.goto((site / PAGE).as_uri())
    box = "JSON.stringify(document.querySelector('%s').closest('li').getBoundingClientRect())"
    outer, inner = (
        json.loads(page.evaluate(box % f"#field-customer{inside}")) for inside in ("", "\\\\.email")
    )
    assert outer["left"] < inner["left"] and inner["right"] < outer["right"]
    assert outer["top"] < inner["top"] and inner["bottom"] < outer["bottom"]
    page.close()
