"""The links on a project's site: the page of links, the map, and each message's page."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from jararaca_compiler.commands.console.terminal import Progress
from jararaca_compiler.commands.documentation.build import build
from jararaca_compiler.project.config import read_config

from tests.linking.test_systems import ID, TEXT_ID, Json, service

WITNESS = '{<span class="ht">&#34;id&#34;</span>: <span class="hn">0</span>}'


def side(title: str, action: str, **messages: Json) -> Json:
    """A service with a topic of its own for each message."""
    channels = {
        topic: {"address": f"t.{topic}", "messages": {said["name"]: {"payload": said["payload"]}}}
        for topic, said in messages.items()
    }
    operations = {
        f"{action}{topic}": {"action": action, "channel": {"$ref": f"#/channels/{topic}"}}
        for topic in messages
    }
    return service(title, channels, operations)


@pytest.fixture
def pages(tmp_path: Path) -> dict[str, str]:
    """The pages of a system with a link that is proven, one that is refused, and a neighbour."""
    (tmp_path / "schemas").mkdir()
    documents = {
        "schemas/shop.json": side(
            "Shop",
            "send",
            paid={"name": "Paid", "payload": ID},
            sent={"name": "Sent", "payload": ID},
        ),
        "schemas/bank.json": side("Bank", "receive", paid={"name": "Booked", "payload": ID}),
        "near.json": side("Near", "receive", sent={"name": "Sent", "payload": TEXT_ID}),
    }
    for name, document in documents.items():
        (tmp_path / name).write_text(json.dumps(document), encoding="utf-8")
    (tmp_path / "pyproject.toml").write_text(
        '[tool.jararaca]\nsources = ["schemas"]\nneighbours = ["near.json", "nowhere.json"]\n'
    )
    site = build(tmp_path, read_config(tmp_path), None, Progress())
    return {page.path: page.source for page in site.pages}


def test_the_page_of_links_has_counts_breaks_a_map_and_a_matrix(pages: dict[str, str]) -> None:
    page = pages["links.html"]
    assert "1 proven" in page and "1 refused" in page
    assert "The neighbour nowhere.json is left out: there is no nowhere.json" in page
    assert WITNESS in page
    matrix = page.partition('<table class="matrix">')[2].partition("</table>")[0]
    rows = [row.count("</td>") for row in matrix.split("<tr>")[2:]]
    assert rows == [3, 3], "two topics, three services"
    assert matrix.count(">proven<") == 1 and matrix.count(">refused<") == 1
    assert "neighbour" in matrix
    assert "<svg" in page


def test_each_side_of_a_message_tells_its_links(pages: dict[str, str]) -> None:
    """Also where the receiver calls the message otherwise."""
    told = {
        name: ">refused<" in text or ">proven<" in text
        for name, text in pages.items()
        if name.endswith(("Paid.html", "Sent.html", "Booked.html"))
    }
    assert len(told) == 3 and all(told.values()), told
    (sent,) = (text for name, text in pages.items() if name.endswith("Sent.html"))
    assert WITNESS in sent
