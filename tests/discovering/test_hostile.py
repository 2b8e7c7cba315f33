"""Of whatever strangers publish, the document lints, compiles, and accepts all that was heard."""

from __future__ import annotations

import importlib
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from jararaca_compiler.discovering.gathering import Gathered
from jararaca_compiler.listening.broker.description import BrokerDescription, Exchange
from jararaca_compiler.listening.heard import HeardMessage
from jararaca_compiler.observing.body import NoJson, json_of
from jararaca_compiler.observing.contract import ObservedContract, observed
from jararaca_compiler.observing.matching import Matcher
from jararaca_compiler.observing.observer import Observer
from jararaca_compiler.observing.report import WRONG, report_of
from jararaca_compiler.pipeline.compilation import read_contract
from jararaca_compiler.project.config import read_config

from tests.discovering.discovered import discovered, heard
from tests.discovering.hostile import traffic


@pytest.fixture(scope="module")
def heard_all() -> list[HeardMessage]:
    return list(traffic())


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory, heard_all: list[HeardMessage]) -> Path:
    """A project with what was found and compiled of it."""
    made = tmp_path_factory.mktemp("hostile")
    found = discovered(heard_all)
    assert found.text is not None
    (made / "found.yaml").write_bytes(found.text.encode())
    linted = run(made, "lint", "--format", "json", "found.yaml")
    codes = {each["code"] for each in json.loads(linted.stdout)}
    assert codes == {"content-type-not-json", "message-without-schema"}  # What is no JSON.
    done = run(made, "codegen", "--output", "hostile_found", "found.yaml")
    assert done.returncode == 0, done.stdout + done.stderr
    return made


def run(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "jararaca.cli", *arguments]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True)


@pytest.fixture(scope="module")
def contract(folder: Path) -> ObservedContract:
    config = read_config(folder).override(sources=("found.yaml",))
    made = read_contract(config, folder)
    assert made.is_sound, made.diagnostics
    return observed(made.services, made.resolver.lookup)


def test_observing_what_was_found_has_no_finding(
    contract: ObservedContract, heard_all: list[HeardMessage]
) -> None:
    observer = Observer(contract)
    for message in heard_all:
        observer.hear(message)
    assert report_of(observer).of(*WRONG) == ()


def test_the_compiled_classes_read_every_body_that_was_heard(
    folder: Path,
    contract: ObservedContract,
    heard_all: list[HeardMessage],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.syspath_prepend(folder)
    [service] = {channel.service for channel in contract.channels}
    module: Any = importlib.import_module(f"hostile_found.{service}.messages")
    classes: dict[str | None, Any] = {
        getattr(each, "MESSAGE_NAME", None): each
        for each in vars(module).values()
        if isinstance(each, type)
    }
    matcher = Matcher(contract)
    read = 0
    for message in {(each.routing_key, each.body): each for each in heard_all}.values():
        body = json_of(message.body, message.properties.content_encoding)
        if isinstance(body, NoJson):
            continue
        type_ = message.properties.type
        found = matcher.match(message.exchange, message.routing_key, type_, body).candidates
        assert found, message.routing_key
        for name in {each.wire_name for _, each in found if each.is_json}:
            is_packed = message.properties.content_encoding is not None
            classes[name].decode(json.dumps(body).encode() if is_packed else message.body)
            read += 1
    assert read > 10_000


def test_every_channel_keeps_all_of_its_messages() -> None:
    """Topics that are one pattern, with other messages on some of them."""
    topics = ["left", "right", "up", "down", "east", "west", "north", "south", "in", "out"]
    found = discovered(
        [heard(topic, {"a": 1}) for topic in topics]
        + [heard(f"{topic}s", b"\xff\xfe") for topic in topics]
    ).document
    channels = found["channels"].values()
    told = {key for channel in channels for key in channel["messages"]}
    assert told == set(found["components"]["messages"])


def test_ten_thousand_topics_are_bounded() -> None:
    gathered = Gathered()
    for number in range(10_000):
        gathered.add(heard(f"t.x{number}y", {"a": number}))
    assert len(gathered.exchanges["x"]) == 2_000
    assert gathered.overlooked == 8_000


def test_a_fanout_exchange_without_routing_keys_has_a_channel_that_is_called_as_it_is() -> None:
    exchange = "Shop:OrderPlaced"
    broker = BrokerDescription("/", (Exchange(exchange, "fanout"),))
    told = [heard("", {"n": 1}, exchange=exchange)] * 3
    [channel] = discovered(told, exchange=exchange, broker=broker).document["channels"].values()
    assert channel["address"] == "shopOrderPlaced"
    assert channel["bindings"]["amqp"]["exchange"]["name"] == exchange
