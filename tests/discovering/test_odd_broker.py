"""The command against a broker with odd names and no rest: what is found so far is written."""

from __future__ import annotations

import asyncio
import base64
import json
import os
import signal
import sys
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import aio_pika
import pytest
import yaml

from tests.support.nodes import Node

pytestmark = pytest.mark.broker
PATIENCE = 120
ODD = ("\x01\x1b[31m\x07", "Bücher (alt)", "注文", "../../etc/passwd", "shop.events", "Shop-Events")
LONG = "n" * 120


@pytest.fixture
def odd(managed_node: Node) -> Iterator[Node]:
    """A virtual host with exchanges and queues whose names somebody has not thought about."""
    managed_node.control("add_vhost", "odd")
    managed_node.control("set_permissions", "-p", "odd", "guest", ".*", ".*", ".*")
    for name in (*ODD, LONG):
        exchange = {"type": "topic", "durable": True}
        told(managed_node, f"exchanges/odd/{quote(name, safe='')}", exchange, "PUT")
    queue = quote("queue \x1b[2J\n", safe="")
    told(managed_node, f"queues/odd/{queue}", {"durable": True}, "PUT")
    binding = {"routing_key": "#\x1b[2J"}
    told(managed_node, f"bindings/odd/e/{quote(ODD[0], safe='')}/q/{queue}", binding, "POST")
    yield managed_node
    managed_node.control("delete_vhost", "odd")


def told(node: Node, path: str, what: dict[str, Any], method: str) -> None:
    """Tell the management API, which takes any name."""
    account = base64.b64encode(b"guest:guest").decode()
    headers = {"Authorization": f"Basic {account}", "Content-Type": "application/json"}
    url = f"{node.management_url}/api/{path}"
    request = urllib.request.Request(url, json.dumps(what).encode(), headers, method=method)
    with urllib.request.urlopen(request, timeout=PATIENCE):
        pass


def publish(node: Node, exchange: str, key: str, body: str) -> None:
    sent = {"routing_key": key, "payload": body, "payload_encoding": "string", "properties": {}}
    told(node, f"exchanges/odd/{quote(exchange, safe='')}/publish", sent, "POST")


async def discovering(node: Node, folder: Path, *options: str) -> asyncio.subprocess.Process:
    """The command, once its ears are open."""
    before = ears(node)
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "jararaca.cli", "discover", f"{node.url}odd"),
        *("--management", node.management_url, "--for", "10m", *options),
        cwd=folder,
        env={**os.environ, "COLUMNS": "200"},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    async with asyncio.timeout(PATIENCE):
        while ears(node) < before + len(ODD) + 1:
            assert process.returncode is None, await process.communicate()
            await asyncio.sleep(0.2)
    return process


def ears(node: Node) -> int:
    listed = node.control("list_bindings", "-p", "odd", "source_name", "destination_name")
    return sum("jararaca.ear." in line and line[:1] not in "\t\n" for line in listed.splitlines())


async def ended(process: asyncio.subprocess.Process) -> str:
    process.send_signal(signal.SIGINT)
    async with asyncio.timeout(PATIENCE):
        output, _ = await process.communicate()
    return output.decode()


async def test_odd_names_are_heard_written_apart_and_harmless_on_a_terminal(
    odd: Node, tmp_path: Path
) -> None:
    first = await discovering(odd, tmp_path)
    (tmp_path / "other").mkdir()
    second = await discovering(odd, tmp_path / "other")
    for name in (*ODD, LONG):
        publish(odd, name, "made", '{"a": 1}')
    await asyncio.sleep(1)
    outputs = [await ended(first), await ended(second)]
    for process, output, folder in zip(
        (first, second), outputs, (tmp_path, tmp_path / "other"), strict=True
    ):
        assert process.returncode == 0, output
        assert f"{len(ODD) + 1} messages heard, 0 dropped" in output
        assert all(letter.isprintable() or letter == "\n" for letter in output)
        files = sorted((folder / "schemas").glob("*.yaml"))
        assert len(files) == len(ODD) + 1
        documents = [yaml.safe_load(each.read_text()) for each in files]
        names = {
            channel["bindings"]["amqp"]["exchange"]["name"]
            for document in documents
            for channel in document["channels"].values()
        }
        assert names == {*ODD, LONG}
    assert not any(each.name == "passwd" for each in tmp_path.parent.rglob("*"))


async def test_what_was_heard_before_and_after_a_restart_of_the_broker_is_written(
    odd: Node, tmp_path: Path
) -> None:
    process = await discovering(odd, tmp_path)
    publish(odd, "shop.events", "before", '{"a": 1}')
    await asyncio.sleep(1)
    await asyncio.to_thread(odd.control, "stop_app")
    await asyncio.to_thread(odd.control, "start_app")
    async with asyncio.timeout(PATIENCE):
        while ears(odd) < len(ODD) + 1:
            await asyncio.sleep(0.5)
    connection = await aio_pika.connect(f"{odd.url}odd")
    async with connection, connection.channel() as channel:
        exchange = await channel.get_exchange("shop.events", ensure=False)
        await exchange.publish(aio_pika.Message(b'{"a": 2}'), "after")
    await asyncio.sleep(1)
    output = await ended(process)
    assert process.returncode == 0, output
    assert "without a connection are in no count" in output
    [file] = (tmp_path / "schemas").glob("*.yaml")
    channels = yaml.safe_load(file.read_text())["channels"].values()
    assert {channel["address"] for channel in channels} == {"before", "after"}
