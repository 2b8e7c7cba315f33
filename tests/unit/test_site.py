"""The published site: complete, deterministic, small, and deaf to hostile documents."""

from __future__ import annotations

import json
import re
from itertools import pairwise
from pathlib import Path

import pytest

from .site import Page, broken_links, published, readable

ROOT = Path(__file__).parents[2]
HOSTILE = (
    """</script><script>alert(1)</script><img src=x onerror=alert(2)>"'[x](javascript:alert(3))"""
)


@pytest.fixture(scope="module")
def shop() -> dict[str, str]:
    return published(["schemas"], ROOT)


def test_every_link_leads_somewhere(shop: dict[str, str]) -> None:
    assert list(broken_links(shop)) == []


def test_the_link_checker_sees_a_broken_link() -> None:
    files = {"a/index.html": '<a href="../b.html">b</a><a href="#here">here</a>'}
    assert len(list(broken_links(files))) == 2


def test_the_shops_site_is_small_and_the_same_each_time(shop: dict[str, str]) -> None:
    alone = published(["schemas/shop.asyncapi.yaml"], ROOT)
    assert sum(len(text.encode()) for text in alone.values()) < 300_000
    assert published(["schemas"], ROOT) == shop


def test_a_message_page_tells_fields_ends_and_wire_form(shop: dict[str, str]) -> None:
    text = readable(shop["shop/messages/PlaceOrder.html"])
    for expected in (
        "orderId",
        "order_id",
        "string (uuid)",
        "list of OrderLine",
        "CardPayment",
        "told apart by <code>kind</code>",
        "at most 500 characters",
        "trace-id",
        "ShopHandlers.place_order",
        "shop.orders",
        "messages.PlaceOrder.model_validate(",
        "application/json",
    ):
        assert expected in text, expected


def test_no_section_is_empty(shop: dict[str, str]) -> None:
    for path, text in shop.items():
        assert not re.search(r"</h2>\s*</section>", text), path
    assert 'id="more"' not in shop["shop/messages/PlaceOrder.html"]


def test_a_task_that_the_clock_publishes_says_when() -> None:
    files = published(["books.yaml"], ROOT / "tests/compile/cases/schedule/input")
    assert "<code>0 3 * * *</code> in Europe/Lisbon" in files["books/messages/CloseDay.html"]
    assert "The clock, every 5400 s" in files["books/messages/PurgeDrafts.html"]


def test_another_services_handler_is_named_as_receiver(shop: dict[str, str]) -> None:
    assert "WarehouseHandlers.reserve_stock" in readable(shop["shop/messages/OrderPlaced.html"])
    assert "shop.{region}.order.placed" in readable(shop["index.html"])


def test_an_answer_comes_from_who_is_asked_and_goes_to_whoever_asked(shop: dict[str, str]) -> None:
    text = shop["shop/messages/Quote.html"]
    assert "Shop, as its answer" in text and "Whoever asked" in text
    assert "outside of these documents" not in text and "Nobody in these documents" not in text
    row = shop["shop/index.html"].rpartition("messages/Quote.html")[2].partition("</tr>")[0]
    assert "reply_to" in row and "whoever asked" in row


def test_a_request_names_its_answers_and_shows_how_to_ask() -> None:
    case = Path(__file__).parents[1] / "compile/cases/request-reply/input"
    pages = published(["quotes.yaml"], case)
    request, answer = (readable(pages[f"quotes/messages/{n}.html"]) for n in ("GetQuote", "Quote"))
    assert "Answered with" in request and "Answered with" not in answer
    assert "Quote.html" in request and "OutOfStock.html" in request
    assert "await message.request(region=&#34;eu&#34;, timeout=5)" in request
    assert ") -&gt; messages.Quote | messages.OutOfStock:" in request
    assert "the request's <code>reply_to</code>" in answer


def test_a_schema_that_contains_itself_links_to_where_it_is_spelled_out(
    shop: dict[str, str],
) -> None:
    page = shop["shop/messages/CatalogueChanged.html"]
    assert "children[]" in page
    assert page.count('class="field" id="field-') <= 4


def test_headings_go_down_one_level_at_a_time_and_ids_are_unique(shop: dict[str, str]) -> None:
    for path, text in shop.items():
        if path.endswith(".html"):
            page = Page(text)
            levels, ids = page.levels, page.values("id")
            assert levels.count(1) == 1 and levels[0] == 1, path
            assert all(b <= a + 1 for a, b in pairwise(levels)), path
            assert len(ids) == len(set(ids)), path


def test_a_hostile_document_scripts_nothing(tmp_path: Path) -> None:
    document = hostile()
    (tmp_path / "evil.json").write_text(json.dumps(document), encoding="utf-8")
    files = published(["evil.json"], tmp_path)
    assert any("alert(1)" in text for text in files.values())
    for path, text in files.items():
        if not path.endswith(".html"):
            continue
        page = Page(text)
        scripts = [found for tag, found in page.elements if tag == "script"]
        assert len(scripts) == 1, path
        assert not [tag for tag, _ in page.elements if tag in {"img", "iframe", "style", "object"}]
        assert not [name for _, found in page.elements for name in found if name.startswith("on")]
        assert not [url for url in page.values("href") if url.startswith("javascript:")], path
        assert "default-src 'none'" in text
    assert "<" not in files["assets/search-index.js"]


def hostile() -> dict[str, object]:
    """A document with a script wherever a text can stand."""
    docs = {"url": "javascript:alert(4)", "description": HOSTILE, "x-evil": HOSTILE}
    said = {"description": HOSTILE, "name": HOSTILE, "list": [HOSTILE, {"url": HOSTILE}]}
    tags = [{"name": HOSTILE, "description": HOSTILE, "externalDocs": docs, "x-evil": said}]
    schema = {
        "type": "object",
        "description": HOSTILE,
        "externalDocs": docs,
        "x-evil": said,
        "properties": {
            HOSTILE: {"type": "string", "enum": [HOSTILE], "default": HOSTILE},
            "pattern": {"type": "string", "pattern": HOSTILE, "format": HOSTILE},
            "many": {"oneOf": [{"title": HOSTILE, "type": "object"}, {"const": HOSTILE}]},
        },
        "patternProperties": {HOSTILE: {"type": "string"}},
    }
    message = {
        "name": HOSTILE,
        "title": HOSTILE,
        "summary": HOSTILE,
        "description": HOSTILE,
        "contentType": HOSTILE,
        "tags": tags,
        "externalDocs": docs,
        "correlationId": {"description": HOSTILE, "location": "$message.header#/a"},
        "x-owners": [HOSTILE],
        "x-domain": HOSTILE,
        "x-status": HOSTILE,
        "x-version": HOSTILE,
        "x-evil": said,
        "headers": schema,
        "payload": schema,
        "examples": [{"name": HOSTILE, "payload": {HOSTILE: HOSTILE}, "headers": {"a": HOSTILE}}],
    }
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": HOSTILE,
            "version": HOSTILE,
            "description": HOSTILE,
            "tags": tags,
            "termsOfService": "javascript:alert(5)",
            "license": {"name": HOSTILE, "url": HOSTILE},
            "contact": {"name": HOSTILE, "url": "javascript:alert(6)", "email": HOSTILE},
            "x-domain": HOSTILE,
            "x-owners": HOSTILE,
            "x-evil": said,
            "externalDocs": docs,
        },
        "servers": {
            "s": {
                "host": HOSTILE,
                "protocol": HOSTILE,
                "description": HOSTILE,
                "x-evil": said,
                "variables": {"v": {"description": HOSTILE, "enum": [HOSTILE]}},
            }
        },
        "channels": {
            HOSTILE: {
                "address": HOSTILE,
                "title": HOSTILE,
                "description": HOSTILE,
                "messages": {"m": message},
            }
        },
        "operations": {
            name: {
                "action": action,
                "channel": {"$ref": "#/channels/" + pointer(HOSTILE)},
                "title": HOSTILE,
                "summary": HOSTILE,
            }
            for name, action in ((HOSTILE, "receive"), (f"{HOSTILE}2", "send"))
        },
    }


def pointer(name: str) -> str:
    return name.replace("~", "~0").replace("/", "~1")


def test_a_large_service_gets_a_picture_of_a_readable_size(tmp_path: Path) -> None:
    channels = {
        f"c{n}": {"address": f"area{n % 9}.thing{n}", "messages": {f"M{n}": {"payload": {}}}}
        for n in range(300)
    }
    operations = {
        f"on{n}": {"action": "receive", "channel": {"$ref": f"#/channels/c{n}"}} for n in range(300)
    }
    document = {
        "asyncapi": "3.0.0",
        "info": {"title": "Large", "version": "1"},
        "channels": channels,
        "operations": operations,
    }
    (tmp_path / "large.json").write_text(json.dumps(document), encoding="utf-8")
    files = published(["large.json"], tmp_path)
    assert files["index.html"].count('class="node') < 60
    assert list(broken_links(files)) == []


def test_text_is_readable_in_both_themes() -> None:
    css = (ROOT / "compiler/jararaca_compiler/emit/site/assets/site.css").read_text("utf-8")
    themes = re.findall(r"--ground: [^}]*", css)
    assert len(themes) == 3
    for theme in themes:
        colours = dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6})", theme))
        for front in ("text", "quiet", "accent"):
            for back in ("ground", "surface", "accent-soft", "code"):
                if (front, back) != ("quiet", "accent-soft"):
                    assert contrast(colours[front], colours[back]) >= 4.5, (front, back)


def contrast(one: str, other: str) -> float:
    """WCAG 2.1's contrast ratio."""
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def luminance(colour: str) -> float:
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    red, green, blue = (p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
