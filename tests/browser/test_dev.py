"""`jararaca dev` in a real Chromium: publish from the page, see it handled, save and go on."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.browser.test_accessible import AUDIT
from tests.browser.test_site_in_chromium import browser as browser
from tests.cli.project import IMPORTED, Project

DEADLINE = 30
ENVIRONMENT = {"PATH": os.environ["PATH"], "PYTHONPATH": IMPORTED, "PYTHONUNBUFFERED": "1"}


class Dev:
    """The command, running in a new project; its output goes into a file."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        assert Project(folder, "", ENVIRONMENT).run("init", "--name", "hello").returncode == 0
        self._output = folder / ".output"
        with self._output.open("w") as output:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "jararaca.cli", "dev", "--port", "0"],
                cwd=folder,
                env=ENVIRONMENT,
                stdout=output,
                stderr=subprocess.STDOUT,
            )

    def address(self, start: int = 1) -> str:
        """Where the pages are after so many starts."""
        deadline = time.monotonic() + DEADLINE
        while time.monotonic() < deadline:
            found: list[str] = re.findall(r"pages on (http://\S+)", self._output.read_text())
            if len(found) >= start:
                return found[-1]
            time.sleep(0.05)
        raise AssertionError(self._output.read_text())

    def wait_for(self, text: str) -> None:
        """Return once the terminal has the text."""
        deadline = time.monotonic() + DEADLINE
        while text not in self._output.read_text():
            assert time.monotonic() < deadline, self._output.read_text()
            time.sleep(0.05)

    def save(self, path: str, old: str, new: str) -> None:
        place = self.folder / path
        text = place.read_text(encoding="utf-8")
        assert old in text
        place.write_text(text.replace(old, new, 1), encoding="utf-8")


@pytest.fixture
def dev(tmp_path: Path) -> Iterator[Dev]:
    running = Dev(tmp_path)
    yield running
    running.process.terminate()
    assert running.process.wait(DEADLINE) == 0


def opened(browser: Any, address: str, **options: Any) -> tuple[Any, list[str]]:
    page = browser.new_page(**options)
    noticed: list[str] = []
    page.on("console", lambda message: noticed.append(message.text))
    page.on("pageerror", lambda error: noticed.append(str(error)))
    page.goto(f"{address}hello/messages/AskGreeting.html")
    page.wait_for_selector("#desk option", state="attached")
    return page, noticed


def test_an_example_is_published_from_the_page_and_seen_handled(browser: Any, dev: Dev) -> None:
    page, noticed = opened(browser, dev.address())
    page.click("#desk button")
    page.wait_for_selector(".live .handled")
    assert "HelloHandlers.greet" in page.inner_text(".live")
    dev.wait_for("Hello, Ada!")
    page.fill("#desk textarea", '{"name": ""}')
    page.click("#desk button")
    page.wait_for_selector(".told.bad")
    assert "at least 1 character" in page.inner_text(".told")
    assert noticed == []
    page.close()


def test_the_desk_is_readable_in_both_themes(browser: Any, dev: Dev) -> None:
    address = dev.address()
    for scheme in ("light", "dark"):
        page, _ = opened(browser, address, color_scheme=scheme)
        page.click("#desk button")
        page.wait_for_selector(".live .handled")
        assert page.evaluate(AUDIT) == []
        page.fill("#desk textarea", '{"name": ""}')
        page.click("#desk button")
        page.wait_for_selector(".told.bad")
        for outcome in ("retried", "dead-lettered"):
            page.eval_on_selector(
                ".outcome", "(e, name) => e.className = `outcome ${name}`", outcome
            )
            assert page.evaluate(AUDIT) == [], (scheme, outcome)
        page.close()


def test_a_saved_handler_is_the_one_that_runs_next(browser: Any, dev: Dev) -> None:
    dev.address()
    dev.save("handlers/hello.py", "Hello,", "Good day,")
    page, _ = opened(browser, dev.address(start=2))
    page.click("#desk button")
    dev.wait_for("Good day, Ada!")
    page.close()


def test_a_document_with_an_error_keeps_the_last_good_state(browser: Any, dev: Dev) -> None:
    page, _ = opened(browser, dev.address())
    dev.save("schemas/hello.asyncapi.yaml", "channels:", "chanels:")
    page.wait_for_selector("#broken")
    dev.wait_for("error[misspelt-key]")
    page.click("#desk button")
    dev.wait_for("Hello, Ada!")
    page.close()


def test_a_page_of_somebody_else_cannot_publish(dev: Dev) -> None:
    request = urllib.request.Request(f"{dev.address()}-/publish", data=b"{}", method="POST")
    with pytest.raises(urllib.error.HTTPError, match="403"):
        urllib.request.urlopen(request)
