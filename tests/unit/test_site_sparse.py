"""A page says what all have once, and says in words what is not there."""

from __future__ import annotations

import json
import re
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from jararaca_compiler import ir
from jararaca_compiler.emit.site.code.panels import MADE, STAND_IN
from jararaca_compiler.emit.site.schemas.unsaid import ANY_OBJECT, ANYTHING, EMPTY_OBJECT
from jararaca_compiler.emit.site.topology.argument_words import in_words
from jararaca_compiler.emit.site.topology.natural import natural
from jararaca_compiler.emit.site.topology.queues import queue_lines

from tests.browser.documents import large
from tests.unit.site import broken_links, published, readable

ROOT = Path(__file__).parents[2]


def queue(name: str, letters: str | None = None, /, **more: Any) -> ir.Queue:
    arguments = {"x-queue-type": "quorum", **more}
    if letters is not None:
        arguments |= {"x-dead-letter-exchange": "", "x-dead-letter-routing-key": letters}
    return ir.Queue(name, True, False, False, tuple(sorted(arguments.items())))


def test_a_queue_names_its_dead_letters_and_what_not_most_have() -> None:
    queues = (
        queue("a", "a.letters"),
        queue("a.letters", **{"x-max-length": 5}),
        queue("b", "b.letters", **{"x-expires": 9}),
        queue("b.letters"),
        queue("c", "c.letters"),
        queue("c.letters"),
        queue("d", **{"x-expires": 9}),
    )
    found = queue_lines(ir.Topology((), queues, ()))
    assert found.usual == found.usual_letters == (("x-queue-type", "quorum"),)
    own = (("x-expires", 9), ("x-queue-type", "quorum"))
    told = [(each.queue.name, each.letters, each.arguments) for each in found.lines]
    assert told == [
        ("a", "a.letters", ()),
        ("b", "b.letters", own),
        ("c", "c.letters", ()),
        ("d", None, own),
    ]
    first = (("x-max-length", 5), ("x-queue-type", "quorum"))
    assert [each.letters_arguments for each in found.lines] == [first, (), (), ()]


def test_dead_letters_that_several_share_are_told_on_the_first_line() -> None:
    queues = (queue("a", "shop.letters"), queue("b", "shop.letters"), queue("shop.letters"))
    found = queue_lines(ir.Topology((), queues, ()))
    assert [each.tells_letters for each in found.lines] == [True, False]
    assert {each.letters for each in found.lines} == {"shop.letters"}
    assert found.lines[0].letters_arguments == (("x-queue-type", "quorum"),)


def test_where_dead_letters_go_elsewhere_the_arguments_say_it() -> None:
    elsewhere = {"x-dead-letter-exchange": "others", "x-dead-letter-routing-key": "b"}
    [line, _] = queue_lines(ir.Topology((), (queue("a", **elsewhere), queue("b")), ())).lines
    assert line.letters is None and dict(line.arguments) == {"x-queue-type": "quorum", **elsewhere}


def test_the_topology_has_a_row_for_each_queue_that_is_consumed() -> None:
    files = published(["schemas"], ROOT)
    page = readable(files["shop/topology.html"])
    queues = page.partition('id="queues"')[2].partition('id="bindings"')[0]
    assert queues.count('<tr id="queue-shop.') == queues.count("<tr") - 1
    assert ".dead-letters</code></th>" not in queues
    assert queues.partition("<table")[0].count("x-delivery-limit") == 2
    assert "watch_payments_payment_succeeded</code></a><br><a" in page
    part = queues.partition('id="queue-shop.watch_payments.p3"')[2].partition("</tr>")[0]
    assert "watch_payments_payment_failed</code>" in part
    [found] = re.findall(
        r'\["queue", ?"shop.watch_payments"[^]]*]', files["assets/search-index.js"]
    )
    assert '"shop.payment"' in found
    assert list(broken_links(files)) == []
    number = queues.count("<tr") - 1
    assert f"<dt>queues</dt><dd>{number}</dd>" in files["shop/index.html"]


@pytest.mark.parametrize(
    ("payload", "words"),
    [
        ({}, ANYTHING),
        ({"type": "object"}, ANY_OBJECT),
        ({"type": "object", "additionalProperties": False}, EMPTY_OBJECT),
        ({"type": "object", "minProperties": 1}, None),
        ({"description": "What a till says."}, None),
        ({"type": "string"}, None),
    ],
)
def test_a_schema_without_fields_is_a_sentence(
    payload: dict[str, Any], words: str | None, tmp_path: Path
) -> None:
    document = large(1)
    document["channels"]["c0"]["messages"]["Thing0Changed"]["payload"] = payload
    (tmp_path / "one.json").write_text(json.dumps(document), encoding="utf-8")
    page = published(["one.json"], tmp_path)["large/messages/Thing0Changed.html"]
    assert (words is None) == ('aria-label="Fields of the payload"' in page)
    assert words is None or f'<p class="none">{words}</p>' in page


def test_a_document_without_messages_says_where_to_begin(tmp_path: Path) -> None:
    (tmp_path / "none.json").write_text(json.dumps(large(0)), encoding="utf-8")
    page = published(["none.json"], tmp_path)["index.html"]
    assert "<table" not in page and "Describe the first below" in page


def test_examples_after_the_first_are_folded() -> None:
    page = readable(published(["schemas"], ROOT)["shop/messages/PlaceOrder.html"])
    assert '<details class="further"><summary>a card that will be declined</summary>' in page
    assert page.count('class="further"') == 1


def test_arguments_are_said_in_words_and_stand_as_declared_below() -> None:
    page = readable(published(["schemas"], ROOT)["shop/topology.html"])
    assert "Each queue of dead letters: quorum queue, delivered at most 1,000,000 times." in page
    assert "at most 1,000 messages, messages expire after 10 seconds, one consumer" in page
    assert page.count("<summary>as declared") == page.count('class="declared"') > 4
    told = in_words((("x-max-age", "never"), ("x-own", 1), ("x-queue-type", "classic")))
    assert told == "classic queue, x-max-age never, x-own 1"


def test_a_deep_payload_has_its_example_above_and_a_flat_one_has_it_once() -> None:
    files = published(["schemas"], ROOT)
    deep, flat = (files[f"shop/messages/{name}.html"] for name in ("PlaceOrder", "GetQuote"))
    assert deep.index('class="glance"') < deep.index('class="fields"')
    assert "glance" not in flat


def test_many_channels_and_large_groups_are_folded_and_few_are_not(tmp_path: Path) -> None:
    (tmp_path / "many.json").write_text(json.dumps(large(156)), encoding="utf-8")
    files = published(["many.json"], tmp_path)
    assert files["large/channels.html"].count('<details class="channel">') == 156
    assert files["index.html"].count('<details class="group">') == 12
    assert 'class="channel"' not in published(["schemas"], ROOT)["shop/channels.html"]


def test_partitions_stand_with_their_queue_and_each_queue_says_who_takes_from_it() -> None:
    files = published(["schemas"], ROOT)
    page = readable(files["shop/topology.html"])
    rows = page.partition('id="queues"')[2].partition('id="bindings"')[0].split("<tr ")
    [divided] = [row for row in rows if "shop.watch_payments.p3" in row]
    assert (
        'id="queue-shop.watch_payments"' in divided and "watch_payments_payment_failed" in divided
    )
    [roster] = [row for row in rows if 'id="queue-shop.workers"' in row]
    assert "the service&#39;s workers" in roster or "the service's workers" in roster
    [log] = [row for row in rows if row.startswith('id="queue-shop') and "placed.stream<" in row]
    assert "handlers with <code>stream=</code>" in log
    assert not any("nobody" in row for row in rows)


def test_what_a_stream_keeps_and_how_it_is_read_is_on_the_message_and_its_channel() -> None:
    files = published(["schemas"], ROOT)
    for path in ("shop/messages/OrderPlaced.html", "shop/channels.html"):
        page = readable(files[path])
        assert "for 30 days, up to 10 GB, in the stream" in page
        assert "stream=From.first()" in page
    assert "stream=" not in files["shop/messages/OrderCancelled.html"]
    assert "Each receiver's queue has 4 partitions." in files["shop/channels.html"]


def test_the_overview_says_in_words_who_is_unknown_and_counts_one_as_one(tmp_path: Path) -> None:
    (tmp_path / "one.json").write_text(json.dumps(large(1)), encoding="utf-8")
    page = published(["one.json"], tmp_path)["index.html"]
    assert "—" not in page and "unknown" in page
    assert "<dt>event</dt><dd>1</dd>" in page and "<dt>tasks</dt><dd>0</dd>" in page


def test_who_sends_and_handles_a_message_stands_before_its_fields() -> None:
    page = published(["schemas"], ROOT)["shop/messages/PlaceOrder.html"]
    assert page.index('<h2 id="ways"') < page.index('<h2 id="payload"')


def test_the_channels_page_begins_with_its_contents(tmp_path: Path) -> None:
    page = published(["schemas"], ROOT)["shop/channels.html"]
    assert '<details class="contents" open><summary>14 channels</summary>' in page
    contents = page.partition('class="contents"')[2].partition("</details>")[0]
    assert contents.count('href="#channel-') == 14
    (tmp_path / "few.json").write_text(json.dumps(large(2)), encoding="utf-8")
    assert 'class="contents"' not in published(["few.json"], tmp_path)["large/channels.html"]


def test_the_catalogue_names_the_services_that_its_map_leaves_out() -> None:
    page = published(["schemas"], ROOT)["index.html"]
    assert "Not in the map" in page and 'accounts/index.html">Accounts</a>.</p>' in page


def test_other_systems_stand_beside_the_topics_that_they_send(shop_flow: str) -> None:
    boxes = [
        (title, int(y))
        for y, title in re.findall(
            r'<rect x="\d+" y="(\d+)"[^>]*/><text class="title"[^>]*>([^<]*)<', shop_flow
        )
    ]
    joined = [
        (boxes[int(start)], boxes[int(end)])
        for start, end in re.findall(r'data-from="(\d+)" data-to="(\d+)"', shop_flow)
    ]
    apart = [abs(one[1] - other[1]) for one, other in joined if one[0] == "other systems"]
    assert len(apart) == 4 and max(apart) < 60


def test_no_gap_between_a_pictures_topics_is_wider_than_a_box(shop_flow: str) -> None:
    places = [
        (int(x), int(y)) for x, y in re.findall(r'<rect x="(\d+)" y="(\d+)"[^>]*"7"', shop_flow)
    ]
    column = sorted({x for x, _ in places})[1]
    topics = [y for x, y in places if x == column]
    assert len(topics) == 15
    # A box and its space, once more where it is empty, and the frame between two exchanges.
    assert max(after - before for before, after in pairwise(topics)) <= 58 + 44 + 54


@pytest.fixture(scope="module")
def shop_flow() -> str:
    page = published(["schemas"], ROOT)["shop/index.html"]
    return page.partition("<svg")[2].partition("</svg>")[0]


def test_names_with_numbers_stand_in_the_order_of_their_numbers(tmp_path: Path) -> None:
    names = ["on10", "On2", "on02", "on", "on2.x", "10", "9"]
    assert sorted(names, key=natural) == ["9", "10", "on", "On2", "on02", "on2.x", "on10"]
    assert natural("1" * 5000) > natural("2")
    (tmp_path / "many.json").write_text(json.dumps(large(12)), encoding="utf-8")
    page = published(["many.json"], tmp_path)["large/topology.html"]
    for start in ('<tr id="queue-', 'data-label="Queue"><a href="#queue-'):
        places = [page.index(f'{start}large.on{n}"') for n in range(12)]
        assert places == sorted(places)


def test_a_folded_channel_says_how_many_messages_go_through_it(tmp_path: Path) -> None:
    (tmp_path / "many.json").write_text(json.dumps(large(101)), encoding="utf-8")
    page = published(["many.json"], tmp_path)["large/channels.html"]
    assert page.count("<summary>1 message received<span") == 101
    assert 'class="contents"' not in page


def test_a_message_without_a_schema_has_no_example_made_from_one(tmp_path: Path) -> None:
    document = large(2)
    channel = document["channels"]["c1"]["messages"]["Thing1Changed"]
    channel["payload"] = {"type": "object", "properties": {"number": {"type": "integer"}}}
    (tmp_path / "few.json").write_text(json.dumps(document), encoding="utf-8")
    files = published(["few.json"], tmp_path)
    told = [files[f"large/messages/Thing{n}Changed.html"] for n in (0, 1)]
    assert [STAND_IN in page for page in told] == [True, False]
    assert [MADE in page for page in told] == [False, True]
