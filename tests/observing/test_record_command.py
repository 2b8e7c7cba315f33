"""`jararaca testing record`: a range of a stream becomes a fixture, masked, and is replayed."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest
from jararaca import ConfigurationError, Publisher
from jararaca.cli import main
from jararaca.operations.replay.stream_range import events_called

from examples.shop.app import app
from generated.shop.messages import OrderPlaced

ROOT = Path(__file__).parents[2]
EXAMPLE = json.loads((ROOT / "generated/shop/examples.json").read_text())["orderPlaced"][0]
REGIONS = ("eu", "us", "eu")


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, scratch_broker_url: str) -> Any:
    """The command line in the project's folder, on a broker of the test's own."""
    monkeypatch.chdir(ROOT)
    monkeypatch.setenv("BROKER_URL", scratch_broker_url)

    def run(*arguments: object) -> int:
        monkeypatch.setattr("sys.argv", ["jararaca", *map(str, arguments)])
        with pytest.raises(SystemExit) as ended:
            main()
        return int(ended.value.code or 0)

    return run


async def publish(url: str) -> None:
    async with Publisher.connect(url) as publisher:
        for region in REGIONS:
            body = json.dumps({**EXAMPLE["payload"], "region": region}).encode()
            await publisher.publish(OrderPlaced.decode(body), parameters={"region": region})


def bodies(file: Path) -> list[Any]:
    return [json.loads(line)["body"] for line in file.read_text().splitlines()[1:]]


@pytest.mark.broker
def test_events_of_a_stream_become_a_masked_fixture(
    run: Any, tmp_path: Path, scratch_broker_url: str, capsys: pytest.CaptureFixture[str]
) -> None:
    file, application = tmp_path / "placed.jsonl", ("--app", "examples.shop.app:app")
    record = ("testing", "record", "order_placed", *application, "-o")
    assert run(*record, file) == 1, "the broker has no stream yet"
    assert "topology apply" in capsys.readouterr().err and not file.exists()
    assert run("topology", "apply", "examples.shop.app:app") == 0
    asyncio.run(publish(scratch_broker_url))
    assert run(*record, file, "--where", "region=eu", "--limit", "5") == 0
    assert "2 messages recorded, masked" in capsys.readouterr().err
    found = bodies(file)
    assert [each["region"] for each in found] == ["eu", "eu"]
    theirs = EXAMPLE["payload"]["customer"]["email"]
    assert theirs not in file.read_text() and "@" in found[0]["customer"]["email"]
    assert "x-stream-offset" not in file.read_text()
    assert run(*record, file) == 2, "a file that is there is not overwritten"
    assert f"--output {file}: it is there already" in capsys.readouterr().err
    one, none = tmp_path / "one.jsonl", tmp_path / "none.jsonl"
    assert run(*record, one, "--limit", "1") == 0 and len(bodies(one)) == 1
    assert run(*record, none, "--since", "2099-01-01") == 0 and not bodies(none)
    assert run("testing", "replay", file, "reserve_stock", *application) == 0


def test_events_are_found_by_handler_message_or_stream() -> None:
    stream = "shop.*.order.placed.stream"
    for name in ("reserve_stock", "orderPlaced", "order_placed", stream):
        found = events_called(app.services, name)
        assert found.stream == stream
        assert found.names == (frozenset() if name == stream else {"orderPlaced"})
    with pytest.raises(ConfigurationError, match="the streams are: shop"):
        events_called(app.services, "nothing")
