"""The example shop's own traffic becomes a document that links with the true ones."""

from __future__ import annotations

import json
import random
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from jararaca import Message
from jararaca_compiler.discovering.writing.files import Found
from jararaca_compiler.listening.broker.definitions import description_of_file
from jararaca_compiler.listening.heard import HeardMessage
from jararaca_shared.definitions import definitions

import generated.shop.messages as shop
import generated.warehouse.messages as warehouse
from generated.shop import routes as shop_routes
from generated.warehouse import routes as warehouse_routes
from tests.discovering.discovered import discovered, heard
from tests.discovering.instances import instance

ROOT = Path(__file__).parents[2]
EACH = 1_000
REGIONS = ("eu", "us", "apac")


def kinds() -> dict[str, type[Message]]:
    """Every message that the shop and the warehouse put on the bus, by its name."""
    every = [each for module in (shop, warehouse) for each in vars(module).values()]
    return {
        each.MESSAGE_NAME: each
        for each in every
        if isinstance(each, type) and issubclass(each, Message) and each.MESSAGE_TOPIC
    }


def traffic() -> Iterator[HeardMessage]:
    """A thousand of each, optional fields now and then."""
    luck = random.Random(1)
    for name, kind in kinds().items():
        schema = kind.model_json_schema(by_alias=True)
        for number in range(EACH):
            value = instance(schema, schema, luck)
            if number < 5:
                kind.decode(json.dumps(value).encode())
            topic = kind.MESSAGE_TOPIC.replace("{region}", luck.choice(REGIONS))
            divided = {"x-jararaca-partition": "1/4"} if kind.MESSAGE_PARTITIONS else {}
            yield heard(
                topic, value, exchange="jararaca", type=name, app_id="shop", headers=divided
            )


@pytest.fixture(scope="module")
def found() -> Found:
    services = [shop_routes.SERVICE, warehouse_routes.SERVICE]
    told = json.dumps(definitions(each.topology for each in services))
    broker = description_of_file(told, "/")
    return discovered(traffic(), exchange="jararaca", broker=broker)


def test_every_message_is_found_under_its_own_name_and_topic(found: Found) -> None:
    messages = found.document["components"]["messages"]
    assert {message["name"] for message in messages.values()} == set(kinds())
    topics = {channel["address"] for channel in found.document["channels"].values()}
    assert topics == {kind.MESSAGE_TOPIC for kind in kinds().values()}
    assert found.document["channels"]["shopOrderPlaced"]["parameters"] == {
        "region": {"enum": sorted(REGIONS)}
    }


def test_a_partitioned_queue_is_one_receiver_of_its_messages(found: Found) -> None:
    operation = found.document["operations"]["onShopPayment"]
    assert operation["x-evidence"]["queues"] == ["shop.watch_payments"]
    for name in ("paymentSucceeded", "paymentFailed"):
        headers = found.document["components"]["messages"][name].get("headers", {})
        assert "x-jararaca-partition" not in headers.get("properties", {})


def test_no_field_is_required_that_is_not_and_no_required_one_is_missed(found: Found) -> None:
    shared = found.document["components"]["schemas"]
    for message in found.document["components"]["messages"].values():
        kind = kinds()[message["name"]]
        schema = kind.model_json_schema(by_alias=True)
        told, true = message["payload"], schema.get("items", schema)
        if "$ref" in told:  # The tree of categories.
            told = shared[told["$ref"].rpartition("/")[2]]
        while "$ref" in true:
            true = schema["$defs"][true["$ref"].removeprefix("#/$defs/")]
        assert set(told.get("items", told).get("required", ())) == set(true.get("required", ()))


def test_tasks_are_told_from_events_by_their_queues(found: Found) -> None:
    operations = found.document["operations"].values()
    sent = {
        reference["$ref"].rpartition("/")[2]
        for each in operations
        if each["action"] == "send"
        for reference in each["messages"]
    }
    tasks = {name for name, kind in kinds().items() if kind.MESSAGE_TYPE == "task"}
    # Its queue is not called as its topic, and `place` is no verb that all commands begin with.
    assert sent == tasks - {"placeOrder"}


def test_the_document_lints_compiles_and_links_with_the_true_ones(
    found: Found, tmp_path: Path
) -> None:
    document = dict(found.document)
    document["info"] = {**document["info"], "title": "Found"}
    (tmp_path / "found.asyncapi.yaml").write_text(yaml.safe_dump(document, sort_keys=False))
    for file in (ROOT / "schemas").iterdir():
        shutil.copy(file, tmp_path)
    assert run("lint", "found.asyncapi.yaml", cwd=tmp_path).returncode == 0
    compiled = run("codegen", "found.asyncapi.yaml", cwd=tmp_path)
    assert compiled.returncode == 0, compiled.stdout + compiled.stderr
    linked = json.loads(run("link", ".", "--format", "json", cwd=tmp_path).stdout)
    taken = {each["message"]: each for each in linked["links"] if each["to"] == "found"}
    assert {name for name, kind in kinds().items() if kind.MESSAGE_TYPE != "task"} - {
        "stockCounted"  # Nobody of the example publishes it.
    } == set(taken)
    assert {each["verdict"] for each in taken.values()} == {"proven"}
    # What one asks of the shop may be more than was heard: bounds and patterns cannot be.
    asked = [each for each in linked["links"] if each["from"] == "found"]
    assert {each["message"] for each in asked} >= {"getQuote", "refund", "packOrder"}
    codes = {each["code"] for each in linked["findings"]}
    assert codes <= {"message-refused"}, codes


def run(*arguments: str, cwd: Path) -> subprocess.CompletedProcess[Any]:
    command = [sys.executable, "-m", "jararaca.cli", *arguments]
    return subprocess.run(command, cwd=cwd, capture_output=True, text=True, timeout=120)
