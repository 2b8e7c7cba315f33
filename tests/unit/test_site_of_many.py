"""A page of many messages: groups in the menu, on the overview and in the picture; owners."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from tests.browser.documents import large
from tests.unit.site import Page, broken_links, published, readable


def site_of(document: dict[str, Any], folder: Path) -> dict[str, str]:
    (folder / "large.json").write_text(json.dumps(document), encoding="utf-8")
    return published(["large.json"], folder)


@pytest.fixture(scope="module")
def many(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    return site_of(large(300), tmp_path_factory.mktemp("many"))


def groups(page: str) -> list[str]:
    return re.findall(r'<h3 id="group-\d+">(.*?)</h3>', page)


def test_many_messages_are_grouped_by_their_first_tag(many: dict[str, str]) -> None:
    # Names are sorted as people count: area2 is before area10.
    assert groups(many["index.html"]) == [f"area{n}" for n in range(12)]
    assert list(broken_links(many)) == []
    titles = re.findall(r'class="title"[^>]*>([^<]*)<', many["index.html"])
    assert "area3" in titles and len(titles) < 60


def test_the_menu_shows_the_group_of_the_page_alone(many: dict[str, str]) -> None:
    page = readable(many["large/messages/Thing14Changed.html"])
    menu = page[page.index('<nav class="menu"') : page.index("</nav>")]
    assert menu.count("messages/Thing") == 300 // 12
    assert 'aria-current="page">Thing14Changed' in menu
    overview = Page(many["index.html"])
    assert len([1 for tag, _ in overview.elements if tag == "tr"]) >= 300


def test_a_page_and_the_search_index_stay_small(many: dict[str, str]) -> None:
    pages = [text for path, text in many.items() if "/messages/" in path]
    assert max(map(len, pages)) < 30_000
    assert len(many["assets/search-index.js"]) < 300 * 550


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (lambda m, n: m.pop("tags"), [f"area{n}" for n in range(36)]),
        (lambda m, n: m.update({"x-domain": f"d{n % 3}"}), ["d0", "d1", "d2"]),
        (lambda m, n: m.update(tags=[] if n > 30 else m["tags"]), [f"area{n}" for n in range(36)]),
    ],
)
def test_a_group_is_a_domain_else_a_tag_else_a_word(
    tmp_path: Path, change: Any, expected: list[str]
) -> None:
    document: dict[str, Any] = large(80)
    for number, channel in enumerate(document["channels"].values()):
        for message in channel["messages"].values():
            change(message, number)
    assert groups(site_of(document, tmp_path)["index.html"]) == expected


def test_owners_domain_status_and_version_stand_in_the_headers(tmp_path: Path) -> None:
    document: dict[str, Any] = large(2)
    document["info"] |= {"x-owners": [{"name": "Team Red"}, "Ada"], "x-domain": "Sales"}
    document["info"]["x-status"] = "stable"
    one, other = (m for c in document["channels"].values() for m in c["messages"].values())
    one |= {"x-owner": "Team Blue", "x-version": 3, "x-lifecycle": "draft", "deprecated": True}
    other |= {"x-domain": "Stock", "x-eventcatalog-message-version": "2.1"}
    files = site_of(document, tmp_path)
    heads = {path: text[text.index("<main") : text.index('class="jumps"')] for path, text in
             files.items() if "/messages/" in path}  # fmt: skip
    overview = files["index.html"]
    assert "Sales · Service" in overview and "Owned by Team Red, Ada" in overview
    assert "stable" in overview
    first, second = (heads[f"large/messages/Thing{n}Changed.html"] for n in (0, 1))
    for word in ("Owned by Team Blue", "Sales", ">3<", ">draft<"):
        assert word in first, word
    for word in ("Owned by Team Red, Ada", "Stock", ">2.1<"):
        assert word in second, word


def test_services_stand_under_their_domains(tmp_path: Path) -> None:
    for name, domain in (("alpha", "Sales"), ("beta", "Stock"), ("gamma", None)):
        document = large(1) | {"info": {"title": name, "version": "1"}}
        document |= {} if domain is None else {"x-domain": domain}
        (tmp_path / f"{name}.json").write_text(json.dumps(document), encoding="utf-8")
    index = published(["."], tmp_path)["index.html"]
    order = ["Sales</h3>", "alpha", "Stock</h3>", "beta", "Without a domain</h3>", "gamma"]
    places = [index.index(word, index.index("<main")) for word in order]
    assert places == sorted(places)


@pytest.mark.parametrize(
    ("domains", "drawn"),
    [(True, {"Sales", "Stock"}), (False, {f"many.area{n}.…" for n in range(4)})],
)
def test_the_map_of_many_topics_is_by_domain_else_by_words(
    domains: bool, drawn: set[str], tmp_path: Path
) -> None:
    """Two services, 60 topics between them."""
    channels: dict[str, Any] = {}
    for n in range(60):
        thing: dict[str, Any] = {"payload": {"type": "object"}}
        thing |= {"x-domain": ("Sales", "Stock")[n % 2]} if domains else {}
        channels[f"c{n}"] = {"address": f"many.area{n % 4}.x{n}", "messages": {f"thing{n}": thing}}
    for name, action in (("alpha", "send"), ("beta", "receive")):
        operations = {
            f"{name}{key}": {"action": action, "channel": {"$ref": f"#/channels/{key}"}}
            for key in channels
        }
        document = {"asyncapi": "3.0.0", "info": {"title": name, "version": "1"}}
        document |= {"channels": channels, "operations": operations}
        (tmp_path / f"{name}.json").write_text(json.dumps(document), encoding="utf-8")
    index = published(["."], tmp_path)["index.html"]
    titles = set(re.findall(r'class="title"[^>]*>([^<]*)<', index))
    assert titles - {"alpha", "beta"} == drawn


def test_a_long_table_is_laid_out_as_far_as_it_is_seen(many: dict[str, str]) -> None:
    """In parts of a hundred rows, which a browser leaves out until they are near."""
    page = many["large/topology.html"]
    parts = page.split('class="scroll part"')
    assert len(parts) > 3 and all(part.count("<tr") <= 101 for part in parts[1:-1])
    assert ".part { content-visibility: auto" in many["assets/site.css"]
    assert page.count('<tr id="queue-') == 300
