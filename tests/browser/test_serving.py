"""`jararaca docs serve` in a real Chromium: a save is seen, a mistake is told, good pages stay."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.browser.test_site_in_chromium import browser as browser
from tests.cli.project import IMPORTED

DOCUMENT = """\
asyncapi: 3.0.0
info: {title: Hello, version: 1.0.0}
channels:
  greeted:
    address: hello.greeted
    messages:
      greeted:
        payload: {type: object, required: [name], properties: {name: {type: string}}}
operations:
  onGreeted: {action: receive, channel: {$ref: '#/channels/greeted'}}
"""
LONGER = DOCUMENT.replace("{type: string}", "{type: string, minLength: 2}")


def git(folder: Path, *arguments: str) -> None:
    who = ["-c", "user.email=a@example.com", "-c", "user.name=a"]
    subprocess.run(["git", *who, *arguments], cwd=folder, check=True, capture_output=True)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "hello.yaml").write_text(DOCUMENT)
    git(tmp_path, "init", "-q")
    git(tmp_path, "add", "-A")
    git(tmp_path, "commit", "-qm", "first")
    git(tmp_path, "tag", "v1")
    return tmp_path


@pytest.fixture
def address(folder: Path) -> Iterator[str]:
    command = [sys.executable, "-m", "jararaca.cli", "docs", "serve", "hello.yaml"]
    process = subprocess.Popen(
        [*command, "--port", "0", "--since", "v1"],
        cwd=folder,
        env={"PATH": str(Path(shutil.which("git") or "").parent), "PYTHONPATH": IMPORTED},
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    told = next(line for line in process.stdout if "serving" in line)
    yield re.findall(r"http://\S+", told)[0]
    process.terminate()
    process.wait(10)


def test_a_save_is_seen_and_a_mistake_is_told_over_the_last_good_pages(
    browser: Any, folder: Path, address: str
) -> None:
    page = browser.new_page()
    noticed: list[str] = []
    page.on("console", lambda message: noticed.append(message.text))
    page.goto(address)
    assert page.is_visible("text=greeted")
    (folder / "hello.yaml").write_text(DOCUMENT.replace("channels:", "chanels:", 1))
    page.wait_for_selector("#broken")
    told = page.inner_text("#broken")
    assert "misspelt-key" in told and "hello.yaml:3:1" in told
    assert page.is_visible("text=Messages")
    (folder / "hello.yaml").write_text(DOCUMENT.replace("title: Hello", "title: Farewell"))
    page.wait_for_selector("h1:has-text('Farewell')")
    assert not page.is_visible("#broken")
    assert noticed == []
    page.close()


def test_what_has_changed_since_a_tag_has_a_page(browser: Any, folder: Path, address: str) -> None:
    page = browser.new_page()
    page.goto(f"{address}changes.html")
    assert page.is_visible("text=Nothing has changed.")
    (folder / "hello.yaml").write_text(LONGER)
    page.wait_for_selector(".pill.breaks")
    assert "minLength" in page.inner_text("main")
    page.click("main h2 a")
    page.wait_for_url("**/messages/Greeted.html")
    page.close()


def test_a_port_that_is_taken_and_a_revision_that_is_not_there_are_one_line(
    folder: Path, address: str
) -> None:
    port = address.rpartition(":")[2].strip("/")
    for arguments, words in (
        (("serve", "hello.yaml", "--port", port), "--port"),
        (("build", "hello.yaml", "--since", "v2"), "v2"),
    ):
        done = subprocess.run(
            [sys.executable, "-m", "jararaca.cli", "docs", *arguments],
            cwd=folder,
            env={"PATH": "/usr/bin:/bin", "PYTHONPATH": IMPORTED},
            capture_output=True,
            text=True,
        )
        assert done.returncode == 2
        assert words in done.stderr and "Traceback" not in done.stderr
        assert not (folder / "site").exists()
