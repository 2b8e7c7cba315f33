"""The routing table as text: what it says beyond queue, message and handler."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from jararaca_compiler.emit.routes import emit_routes
from jararaca_compiler.emit.table_names import GeneratedNames
from jararaca_compiler.pipeline.compilation import read_contract
from jararaca_compiler.project.config import Config


def routes(folder: Path, address: str, **messages: Any) -> str:
    """The routes of a service with one channel, all of whose messages it receives."""
    text = {
        "asyncapi": "3.0.0",
        "info": {"title": "Shop", "version": "1"},
        "channels": {"all": {"address": address, "messages": messages}},
        "operations": {"on_all": {"action": "receive", "channel": {"$ref": "#/channels/all"}}},
        "components": {"schemas": {"PaidKind": {"enum": ["paid"]}}},
    }
    return routes_of(folder, text)


def routes_of(folder: Path, text: dict[str, Any]) -> str:
    (folder / "shop.json").write_text(json.dumps(text), encoding="utf-8")
    contract = read_contract(Config(sources=("shop.json",)), folder)
    (service,) = contract.services
    return emit_routes(service, GeneratedNames("handlers.shop"), contract.resolver.lookup).source


def kind(**schema: Any) -> dict[str, Any]:
    return {"type": "object", "properties": {"v": {"const": 1}, "kind": schema}}


def test_a_parameter_has_a_pattern_only_inside_a_word(tmp_path: Path) -> None:
    text = routes(tmp_path, "l/{id}/on.{x}", a={"payload": {}})
    assert 'parameters=(("id", 0, "l/([^/]+)/on"), ("x", 1)),' in text


def test_messages_of_one_queue_are_marked_by_the_constant_that_tells_all_of_them(
    tmp_path: Path,
) -> None:
    paid = {"$ref": "#/components/schemas/PaidKind"}
    text = routes(tmp_path, "a", A={"payload": kind(const="placed")}, B={"payload": kind(**paid)})
    assert 'marks=(("payload", "kind", "placed"),),' in text
    assert 'marks=(("payload", "kind", "paid"),),' in text


def test_a_constant_header_marks_where_no_property_does(tmp_path: Path) -> None:
    made = {n: {"payload": {}, "headers": kind(const=n)} for n in ("A", "B")}
    assert 'marks=(("header", "kind", "A"),),' in routes(tmp_path, "a", **made)


def test_a_single_message_or_one_that_nothing_tells_has_no_marks(tmp_path: Path) -> None:
    assert "marks" not in routes(tmp_path, "a", A={"payload": kind(const=1)})
    same = {"payload": kind(const="same")}
    assert "marks" not in routes(tmp_path, "a", A=same, B=same)


def partial(folder: Path, count: int) -> str:
    """The routes of as many operations; each receives one message of the same channel."""
    ref = {"$ref": "#/channels/all"}
    text = {
        "asyncapi": "3.0.0",
        "info": {"title": "Shop", "version": "1"},
        "channels": {
            "all": {"address": "a.b", "messages": {f"message{n}": {} for n in range(count)}},
            "same": {"address": "a.b", "messages": {"further": {}}},
        },
        "operations": {
            f"on{n}": {
                "action": "receive",
                "channel": ref,
                "messages": [{"$ref": f"#/channels/all/messages/message{n}"}],
            }
            for n in range(count)
        },
    }
    return routes_of(folder, text)


def test_what_a_channel_carries_is_written_once_for_all_who_receive_a_part(tmp_path: Path) -> None:
    some, more = partial(tmp_path, 40), partial(tmp_path, 80)
    assert some.count('others=CARRIED["all"],') == 40 and some.count('"further"') == 1
    assert len(more) < 2.1 * len(some)
