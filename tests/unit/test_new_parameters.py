"""A topic's new parameter is told at the handler that now gets it, once."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tests.unit.test_codegen import run, save


def written(folder: Path, address: str, **channel: Any) -> None:
    document: dict[str, Any] = {
        "asyncapi": "3.0.0",
        "info": {"title": "Shop", "version": "1"},
        "channels": {
            "a": {"address": address, "messages": {"A": {"payload": {"type": "object"}}}, **channel}
        },
        "operations": {"onA": {"action": "receive", "channel": {"$ref": "#/channels/a"}}},
    }
    save(folder, document)


def test_a_new_parameter_is_told_at_its_handler(tmp_path: Path) -> None:
    written(tmp_path, "shop.a")
    assert "new-parameter" not in run(tmp_path).stderr
    stub = (tmp_path / "handlers/shop.py").read_text()
    written(tmp_path, "shop.{region}.a")
    said = run(tmp_path).stderr
    line = 1 + [text.strip()[:14] for text in stub.splitlines()].index("async def on_a")
    assert "new-parameter" in said and f"handlers/shop.py:{line}:" in said
    assert "message.parameters['region']" in said
    assert (tmp_path / "handlers/shop.py").read_text() == stub
    written(tmp_path, "shop.{region}.{city}.a")
    said = run(tmp_path).stderr
    assert "`city`" in said and "['region']" not in said
    assert "new-parameter" not in run(tmp_path, "shop.json", "--check").stderr


def test_a_parameter_that_no_message_has_is_not_told(tmp_path: Path) -> None:
    fanout = {"is": "routingKey", "exchange": {"name": "all", "type": "fanout"}}
    for address in ("shop.a", "shop.{region}.a", "shop.{region}.a"):
        written(tmp_path, address, bindings={"amqp": fanout})
        assert "new-parameter" not in run(tmp_path).stderr
    assert "parameter-without-value" in run(tmp_path, "shop.json", "--check").stderr


def test_a_summary_names_few_stubs(tmp_path: Path) -> None:
    channels = {
        f"c{n}": {"address": f"c.{n}", "messages": {f"M{n}": {"payload": {"type": "object"}}}}
        for n in range(30)
    }
    operations = {
        f"on{n}": {"action": "receive", "channel": {"$ref": f"#/channels/c{n}"}} for n in range(30)
    }
    info = {"title": "Shop", "version": "1"}
    save(
        tmp_path,
        {"asyncapi": "3.0.0", "info": info, "channels": channels, "operations": operations},
    )
    (line,) = [text for text in run(tmp_path).stdout.splitlines() if "stubs added" in text]
    assert line.count("ShopHandlers.") == 5 and line.endswith(" and 25 more")
