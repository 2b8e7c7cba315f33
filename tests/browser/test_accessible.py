"""The site's pages keep nobody out: contrast, names, landmarks, headings, keyboard, paper."""

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

AUDIT = (Path(__file__).parent / "audit.js").read_text(encoding="utf-8")
WRONG = {
    "<p style='color: #aaa'>faint</p>": "contrast",
    "<input>": "no name",
    "<svg></svg>": "no text",
    "<h3>Deep</h3>": "heading jumps",
    "<main></main>": "2 times main",
    "<p id=a></p><p id=a></p>": "id twice",
    "<p tabindex=3>first</p>": "tabindex",
    "<p>Read <a href=x style='text-decoration: none'>this</a></p>": "a link like its text",
    "<div style='overflow: auto; width: 9px'>unreachable</div>": "no key reaches it",
    "<section aria-labelledby=b></section>": "leads nowhere",
}
FOCUS = """() => {
  const at = document.activeElement, style = getComputedStyle(at);
  const lit = style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2;
  return [at.outerHTML.slice(0, 80), lit];
}"""


@pytest.mark.parametrize("wrong", WRONG)
def test_the_audit_finds_what_is_wrong(browser: Any, wrong: str) -> None:
    page = browser.new_page()
    head = "<!doctype html><html lang=en><title>t</title><body><header>h</header>"
    page.set_content(f"{head}<main><h1>One</h1>{wrong}</main>")
    assert WRONG[wrong] in "\n".join(page.evaluate(AUDIT))
    page.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 390])
def test_every_page_passes_the_audit(browser: Any, site: Path, scheme: str, width: int) -> None:
    page = browser.new_page(color_scheme=scheme, viewport={"width": width, "height": 900})
    for place in sorted(site.rglob("*.html")):
        page.goto(place.as_uri())
        assert page.evaluate(AUDIT) == [], place
    page.fill("#search", "order")
    page.wait_for_selector("#results li[aria-selected=true]")
    assert page.evaluate(AUDIT) == []
    page.close()


def test_every_stop_of_the_tab_key_is_seen_and_the_first_skips_the_menu(
    browser: Any, site: Path
) -> None:
    page = browser.new_page()
    page.goto((site / "shop/index.html").as_uri())
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "main"
    page.reload()
    stops = []
    for _ in range(45):
        page.keyboard.press("Tab")
        stops.append(page.evaluate(FOCUS))
    assert [stop for stop, is_seen in stops if not is_seen] == []
    assert any("data-node" in stop for stop, _ in stops)
    page.close()


def test_search_results_are_reached_and_left_by_keys(browser: Any, site: Path) -> None:
    page = browser.new_page()
    page.goto((site / "index.html").as_uri())
    chosen = "document.getElementById('search').getAttribute('aria-activedescendant')"
    page.keyboard.press("/")
    page.keyboard.type("order")
    page.wait_for_selector("#results li[aria-selected=true]")
    page.keyboard.press("ArrowDown")
    assert page.evaluate(chosen) == "result-1"
    page.keyboard.press("ArrowUp")
    page.keyboard.press("ArrowUp")
    assert page.evaluate(chosen) != "result-0"
    page.keyboard.press("Escape")
    assert not page.is_visible("#results")
    assert page.evaluate("document.activeElement.id") != "search"
    page.close()


def test_paper_is_white_without_what_cannot_be_clicked_and_keeps_its_tables(
    browser: Any, site: Path
) -> None:
    page = browser.new_page(color_scheme="dark", viewport={"width": 794, "height": 1100})
    page.goto((site / "shop/messages/OrderPlaced.html").as_uri())
    page.click("#theme")
    page.click("#theme")
    assert page.evaluate("document.documentElement.dataset.theme") == "dark"
    page.emulate_media(media="print")
    assert page.evaluate("getComputedStyle(document.body).color") == "rgb(27, 29, 26)"
    assert page.evaluate("getComputedStyle(document.querySelector('.field')).display") == "grid"
    for gone in (".top", ".menu", ".copy", ".bar"):
        assert not page.is_visible(gone)
    assert page.evaluate(AUDIT.replace('["banner", "body > header"], ', "")) == []
    page.close()


def test_paper_has_all_of_a_large_picture(browser: Any, tmp_path: Path) -> None:
    (tmp_path / "many.json").write_text(json.dumps(large(38)), encoding="utf-8")
    folder = written(published(["many.json"], tmp_path), tmp_path / "site")
    page = browser.new_page(viewport={"width": 794, "height": 600})
    page.goto((folder / "large/flow.html").as_uri())
    page.emulate_media(media="print")
    hidden = "((box) => box.scrollHeight - box.clientHeight)(document.querySelector('.picture'))"
    assert page.evaluate(hidden) <= 1
    page.close()


@pytest.mark.parametrize(("width", "media"), [(390, "screen"), (794, "print")])
def test_what_lies_deep_in_the_document_has_room_for_its_words(
    browser: Any, site: Path, width: int, media: str
) -> None:
    page = browser.new_page(viewport={"width": width, "height": 1100})
    page.goto((site / "shop/channels.html").as_uri())
    page.emulate_media(media=media)
    page.evaluate("document.querySelectorAll('details').forEach((one) => { one.open = true; })")
    narrow = """() => [...document.querySelectorAll(".said dd")].filter((one) =>
      one.getBoundingClientRect().width < 100).map((one) => one.textContent)"""
    assert page.evaluate(narrow) == []
    page.close()
