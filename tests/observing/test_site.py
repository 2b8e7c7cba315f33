"""The report has a page in the site, and strangers' names act on nothing there."""

from __future__ import annotations

from pathlib import Path

from jararaca_compiler.commands.console.terminal import Progress
from jararaca_compiler.commands.documentation.build import build, write
from jararaca_compiler.observing.observer import Observer
from jararaca_compiler.observing.report import Hearing, report_of
from jararaca_compiler.observing.site import site_observation
from jararaca_compiler.project.config import Config

from tests.observing.planted import CLEAN, PLANTED, Sent, contract


def pages(folder: Path, *strange: Sent) -> dict[str, str]:
    observer = Observer(contract(folder))
    for each in [*CLEAN, *(sent for sent, _ in PLANTED), *strange]:
        observer.hear(each.heard())
    hearing = Hearing(600.0, 0.0, 12, 0.01, ("logs: nobody is bound to it",))
    shown = site_observation(report_of(observer, hearing))
    made = build(folder, Config(sources=("shop.yaml",)), None, Progress(), observed=shown)
    write(folder, made, folder / "site")
    return {page.path: page.source for page in made.pages}


def test_the_page_tells_what_was_found_and_every_page_leads_to_it(tmp_path: Path) -> None:
    found = pages(tmp_path)
    page = " ".join(found["observed.html"].replace("<wbr>", "").split())
    assert "lines[].sku: pattern" in page
    assert "checkout (15 of 19 invalid)" in page
    assert "state = charged-back" in page
    assert "12 more were dropped" in page and "1% of the time" in page
    assert "Not heard: logs: nobody is bound to it." in page
    assert all(
        'href="' in text and "observed.html" in text
        for p, text in found.items()
        if p.endswith(".html")
    )
    assert (tmp_path / "site/observed.html").is_file()


def test_what_strangers_wrote_is_text_on_the_page(tmp_path: Path) -> None:
    page = pages(tmp_path, Sent("<script>alert(1)</script>", b"{}", "<img src=x>"))["observed.html"]
    assert "<script>alert" not in page and "<img" not in page
    assert "alert(1)" in page
