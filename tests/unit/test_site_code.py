"""Every piece of code on the shop's pages runs: none fails for who copies it."""

from __future__ import annotations

import ast
import asyncio
import inspect
import json
import shlex
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from jararaca.testing import TestBus
from jararaca_shared.command import main

from examples.shop.app import app as shop
from tests.unit.site import published

ROOT = Path(__file__).parents[2]
BROKER = "memory://pages"
HANDLING = (
    "from jararaca import *\nfrom generated.{} import messages\nclass Handlers:\n{}        ...\n"
)


class Code(HTMLParser):
    """The pieces of code of a page: (language, title, text)."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.pieces: list[tuple[str, str, str]] = []
        self._panel = self._title = self._text = ""
        self._at = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        names = (dict(attrs).get("class") or "").split()
        if tag == "div" and names[:1] == ["pane"]:
            self._panel = names[1]
        if tag == "figcaption":
            self._at, self._title = tag, ""
        if tag == "pre":
            self._at, self._text = tag, ""

    def handle_endtag(self, tag: str) -> None:
        if tag == "pre":
            self.pieces.append((self._panel, self._title, self._text))
        if tag in ("pre", "figcaption"):
            self._at = ""

    def handle_data(self, data: str) -> None:
        if self._at == "pre":
            self._text += data
        if self._at == "figcaption":
            self._title += data


@pytest.fixture(scope="module")
def pages() -> dict[str, Code]:
    files = published(["schemas"], ROOT)
    return {path: Code(text) for path, text in files.items() if "/messages/" in path}


def told(pages: dict[str, Code], language: str) -> list[tuple[str, str, str]]:
    return [
        (path, title, text)
        for path, page in pages.items()
        for panel, title, text in page.pieces
        if panel == language
    ]


async def run(source: str) -> dict[str, Any]:
    code = compile(source, "page", "exec", flags=ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)
    names: dict[str, Any] = {}
    made = eval(code, names)
    if inspect.iscoroutine(made):
        await made
    return names


async def test_all_python_publishes_sends_or_asks(pages: dict[str, Code]) -> None:
    publishing = [each for each in told(pages, "python") if not each[1].startswith("Handle")]
    assert len(publishing) == len(pages)
    for path, title, source in publishing:
        async with TestBus(shop) as bus:
            asking = asyncio.create_task(run(source))
            while not asking.done():
                await bus.settle()
            names = await asking
            assert title != "Ask" or type(names["answer"]).__name__ == "Quote", path
            assert type(names["message"]).__name__ in path


def test_all_heads_of_handlers_are_python(pages: dict[str, Code]) -> None:
    handling = [each for each in told(pages, "python") if each[1].startswith("Handle")]
    assert handling
    for path, _, source in handling:
        body = "".join(f"    {line}\n" for line in source.splitlines())
        exec(HANDLING.format(path.partition("/")[0], body), {})


def test_all_commands_publish(
    pages: dict[str, Code], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("APP_PATH", "examples.shop.app:app")
    monkeypatch.setenv("BROKER_URL", BROKER)
    monkeypatch.chdir(ROOT)

    def called(*words: str) -> str:
        monkeypatch.setattr("sys.argv", ["jararaca", *words])
        with pytest.raises(SystemExit) as ended:
            main()
        output = capsys.readouterr()
        assert ended.value.code == 0, (words, output.err)
        return output.out

    called("topology", "apply")
    commands = [(p, line) for p, _, text in told(pages, "cli") for line in text.splitlines()]
    assert len(commands) >= 20
    for path, line in commands:
        words = shlex.split(line)
        assert words[:2] == ["jararaca", "publish"] and "{" not in words[2]
        name = path.rpartition("/")[2].removesuffix(".html")
        assert called(*words[1:]).lower().startswith(f"confirmed {name.lower()} to "), line


def test_every_message_has_an_example_and_what_is_made_says_so(pages: dict[str, Code]) -> None:
    made = {path for path, title, _ in told(pages, "json") if "Made from the schema" in title}
    assert {path for path, _, _ in told(pages, "json")} == set(pages)
    assert "shop/messages/PackOrder.html" in made and "shop/messages/PlaceOrder.html" not in made
    for _, _, text in told(pages, "json"):
        json.loads(text)
