"""A page of 1,000 messages is ready within a second, and so is its search."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.browser.documents import large
from tests.browser.test_site_in_chromium import browser as browser
from tests.browser.test_site_in_chromium import written
from tests.unit.site import published

READY = "performance.getEntriesByType('navigation')[0].domInteractive"
PAGES = ("index", "large/channels", "large/topology", "large/messages/Thing7Changed")
MOST = 1000
"""Milliseconds, the best of three."""


@pytest.mark.soak
def test_each_kind_of_page_is_interactive_within_a_second(browser: Any, tmp_path: Path) -> None:
    (tmp_path / "large.json").write_text(json.dumps(large(1000)), encoding="utf-8")
    folder = written(published(["large.json"], tmp_path), tmp_path / "site")
    page = browser.new_page()
    for name in PAGES:
        times = []
        for _ in range(3):
            page.goto((folder / f"{name}.html").as_uri())
            times.append(page.evaluate(READY))
        assert min(times) < MOST, (name, times)
    page.keyboard.press("/")
    page.keyboard.type("thing999changed")
    page.wait_for_selector("#results li[aria-selected=true]", timeout=MOST)
    page.close()
