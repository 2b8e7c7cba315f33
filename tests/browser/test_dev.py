"""`jararaca dev` in a real Chromium: send from the desk, see it handled, save and go on."""

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
    """The desk by way of a message's page, and all that the browser complains about."""
    page = browser.new_page(**options)
    noticed: list[str] = []
    page.on("console", lambda message: noticed.append(message.text))
    page.on("pageerror", lambda error: noticed.append(str(error)))
    page.goto(f"{address}hello/messages/AskGreeting.html")
    page.click("text=Try it at the desk")
    page.wait_for_selector("#form:not([hidden])")
    return page, noticed


def test_a_message_is_sent_from_its_page_and_seen_handled(browser: Any, dev: Dev) -> None:
    page, noticed = opened(browser, dev.address())
    assert "AskGreeting" in page.inner_text("#what")
    page.click("#publish")
    page.wait_for_selector("#timeline .try .proven")
    assert "HelloHandlers.greet" in page.inner_text("#timeline").replace("\n", "")
    dev.wait_for("Hello, Ada!")
    page.fill("#body", '{"name": ""}')
    page.wait_for_selector("#valid.bad")
    assert "at least 1 character" in page.inner_text("#problems")
    page.click("#publish")
    page.wait_for_selector("#result .broken")
    assert noticed == []
    page.close()


def test_a_saved_handler_is_the_one_that_runs_next(browser: Any, dev: Dev) -> None:
    dev.address()
    dev.save("handlers/hello.py", "Hello,", "Good day,")
    page, _ = opened(browser, dev.address(start=2))
    page.click("#publish")
    dev.wait_for("Good day, ")
    page.close()


def test_a_document_with_an_error_keeps_the_last_good_state(browser: Any, dev: Dev) -> None:
    page, _ = opened(browser, dev.address())
    dev.save("schemas/hello.asyncapi.yaml", "channels:", "chanels:")
    page.wait_for_selector("#broken:not([hidden])")
    dev.wait_for("error[misspelt-key]")
    page.click("#publish")
    dev.wait_for("Hello, Ada!")
    page.close()


def test_a_page_of_somebody_else_cannot_publish(dev: Dev) -> None:
    request = urllib.request.Request(f"{dev.address()}-/publish", data=b"{}", method="POST")
    with pytest.raises(urllib.error.HTTPError, match="403"):
        urllib.request.urlopen(request)
