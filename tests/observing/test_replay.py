"""What was recorded is handled again: by the kit's cases, and by the command."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from jararaca import ConfigurationError
from jararaca.cli import main
from jararaca.testing import TestBus, recorded_cases
from jararaca_compiler.listening.heard import HeardMessage, Properties
from jararaca_compiler.observing.contract import observed
from jararaca_compiler.observing.recording.recorder import Recorder
from jararaca_compiler.pipeline.compilation import read_contract
from jararaca_compiler.project.config import read_config
from jararaca_shared.recording import head_line

from examples.shop.app import app

ROOT = Path(__file__).parents[2]
NOW = datetime(2026, 11, 29, tzinfo=UTC)
EXAMPLES = json.loads((ROOT / "generated/shop/examples.json").read_text())


def heard(message: str, topic: str, **values: Any) -> HeardMessage:
    body = {**EXAMPLES[message][0]["payload"], **values}
    properties = Properties(type=message, message_id=f"id-{topic}")
    return HeardMessage("jararaca", topic, json.dumps(body).encode(), NOW, properties)


@pytest.fixture
def day(tmp_path: Path) -> Path:
    """A recording: an order, what was placed in two regions, and one message that is invalid."""
    contract = read_contract(read_config(ROOT), ROOT)
    recorder = Recorder(observed(contract.services, contract.resolver.lookup))
    messages = [
        heard("placeOrder", "shop.order.place"),
        heard("orderPlaced", "shop.eu.order.placed"),
        heard("orderPlaced", "shop.us.order.placed", region="us"),
        heard("refund", "shop.refund", amount="many"),
    ]
    lines = [recorder.line(each) for each in messages]
    file = tmp_path / "day.jsonl"
    file.write_text("\n".join([head_line("amqp://here", "now"), *filter(None, lines)]) + "\n")
    return file


def test_each_handler_gets_its_messages(day: Path) -> None:
    assert [str(case).rsplit("-", 2)[0] for case in recorded_cases(app, day)] == [
        "ShopHandlers.place_order",
        "WarehouseHandlers.reserve_stock",
        "WarehouseHandlers.reserve_stock",
        "ShopHandlers.pay_refund",
    ]
    assert len(recorded_cases(app, day, limit=1)) == 3


async def test_a_recorded_message_is_handled_under_its_topic(day: Path) -> None:
    case = recorded_cases(app, day)[0]
    assert case.message.body["customer"]["email"] != "ada@example.com"
    async with TestBus(app, handlers=["place_order"], patience=60) as bus:
        handled = await case.run(bus)
    assert (handled.outcome, handled.handler) == ("handled", "ShopHandlers.place_order")


def replay(*arguments: str, monkeypatch: pytest.MonkeyPatch) -> int:
    command = ["jararaca", "testing", "replay", *arguments, "--app", "examples.shop.app:app"]
    monkeypatch.setattr("sys.argv", command)
    with pytest.raises(SystemExit) as ended:
        main()
    return int(ended.value.code or 0)


def test_the_command_tells_what_became_of_each(
    day: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert replay(str(day), monkeypatch=monkeypatch) == 1
    told = capsys.readouterr().out
    assert "ShopHandlers.pay_refund: not a valid refund: amount" in told
    assert replay(str(day), "place_order", monkeypatch=monkeypatch) == 0


def test_what_is_no_recording_is_told(tmp_path: Path) -> None:
    (tmp_path / "other.jsonl").write_text("{}\n")
    with pytest.raises(ConfigurationError, match="it is no recording"):
        recorded_cases(app, tmp_path / "other.jsonl")
