"""axe-core finds nothing on any page: the shop's, and one on which a document says everything."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
from jararaca_compiler.commands.console.terminal import Progress
from jararaca_compiler.commands.documentation.build import build
from jararaca_compiler.project.config import read_config

from tests.browser.documents import large
from tests.browser.test_site_in_chromium import ROOT, written
from tests.browser.test_site_in_chromium import browser as browser
from tests.unit.site import published
from tests.unit.test_site_completeness import version_3

FOUND = find_spec("axe_playwright_python")
if FOUND is None and not os.environ.get("CI"):
    pytest.skip("axe-playwright-python is not installed", allow_module_level=True)
RUN = """() => axe.run(document, {resultTypes: ["violations"]}).then((told) => told.violations.map(
  (one) => `${one.id}: ${one.nodes[0].html.slice(0, 150)}`))"""


def axe() -> str:
    assert FOUND is not None and FOUND.origin is not None
    return (Path(FOUND.origin).parent / "axe.min.js").read_text(encoding="utf-8")


SPACED = """* { line-height: 1.5 !important; letter-spacing: .12em !important;
  word-spacing: .16em !important } p { margin-bottom: 2em !important }"""
SHOP = (
    "index",
    "links",
    "shop/index",
    "shop/channels",
    "shop/topology",
    "shop/messages/PlaceOrder",
)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The shop's, as `docs build` makes it."""
    with Progress() as progress:
        made = build(ROOT, read_config(ROOT), None, progress)
    files = {page.path: page.source for page in made.pages}
    return written(files, tmp_path_factory.mktemp("site"))


def violations(
    browser: Any,
    folder: Path,
    width: int,
    scheme: str,
    only: tuple[str, ...] = (),
    style: str = "",
    **options: Any,
) -> list[str]:
    viewport = {"width": width, "height": 900}
    page = browser.new_page(viewport=viewport, color_scheme=scheme, bypass_csp=True, **options)
    script, found = axe(), []
    for place in [folder / f"{name}.html" for name in only] or sorted(folder.rglob("*.html")):
        page.goto(place.as_uri())
        if style:
            page.add_style_tag(content=style)
        page.evaluate(script)
        found += [f"{place.name} {told}" for told in page.evaluate(RUN)]
    page.close()
    return found


def test_no_kind_of_page_violates_a_rule_of_axe(browser: Any, site: Path) -> None:
    assert violations(browser, site, 390, "dark", SHOP) == []


@pytest.mark.soak
@pytest.mark.parametrize(("width", "scheme"), [(1440, "light"), (820, "dark")])
def test_no_page_violates_a_rule_of_axe(browser: Any, site: Path, width: int, scheme: str) -> None:
    assert violations(browser, site, width, scheme) == []


@pytest.mark.parametrize(
    ("name", "scheme"), [("all", "light"), ("many", "dark"), ("none", "light")]
)
def test_none_violates_one_where_a_document_says_everything_has_many_or_none(
    browser: Any, tmp_path: Path, name: str, scheme: str
) -> None:
    document = {"all": version_3("3.0.0"), "many": large(70), "none": large(0)}[name]
    (tmp_path / f"{name}.json").write_text(json.dumps(document), encoding="utf-8")
    files = published([f"{name}.json"], tmp_path)
    kept = {path: text for path, text in files.items() if "/Thing" not in path}
    assert violations(browser, written(kept, tmp_path / name), 1440, scheme) == []


@pytest.mark.soak
def test_none_does_with_forced_colours_spaced_text_or_twice_the_size(
    browser: Any, site: Path
) -> None:
    assert violations(browser, site, 1440, "light", SHOP, forced_colors="active") == []
    # A window of 1,440 pixels at 200 %, and the spacing of WCAG's 1.4.12.
    assert violations(browser, site, 720, "light", SHOP, SPACED, device_scale_factor=2) == []


@pytest.mark.soak
def test_no_guide_violates_a_rule_of_axe(browser: Any, tmp_path: Path) -> None:
    command = [sys.executable, "-m", "mkdocs", "build", "--strict", "-d", str(tmp_path)]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    for width, scheme in ((390, "dark"), (1440, "light")):
        assert violations(browser, tmp_path, width, scheme) == []
