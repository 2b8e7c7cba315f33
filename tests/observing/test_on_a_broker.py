"""The command against a real broker: twenty planted violations are found, and no other."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

import aio_pika
import pytest
from jararaca.testing import TestBus
from jararaca_compiler.listening.heard import HeardMessage, Properties
from jararaca_compiler.observing.contract import observed
from jararaca_compiler.observing.observer import Observer
from jararaca_compiler.observing.report import WRONG, Finding, report_of
from jararaca_compiler.pipeline.compilation import read_contract
from jararaca_compiler.project.config import read_config

from tests.observing.planted import CLEAN, DOCUMENT, PLANTED, Sent

ROOT = Path(__file__).parents[2]
PATIENCE = 60
NOW = datetime.now(UTC)


async def observing(
    folder: Path, url: str, *options: str
) -> tuple[asyncio.subprocess.Process, Path]:
    """The command, which listens until it is told to stop, and the lines that it writes."""
    (folder / "shop.yaml").write_text(DOCUMENT)
    lines = folder / "observed.jsonl"
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "jararaca.cli", "observe", url, "--schemas", "shop.yaml"),
        *("--json", str(lines), *options),
        cwd=folder,
        env={**os.environ, "COLUMNS": "200"},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    return process, lines


async def publish(exchange: aio_pika.abc.AbstractExchange, sent: Sent) -> None:
    message = aio_pika.Message(
        sent.body,
        type=sent.type,
        app_id=sent.app_id,
        content_encoding=sent.encoding,
        headers=dict(sent.headers),
    )
    await exchange.publish(message, sent.key)


def last_line(lines: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(lines.read_text().splitlines()[-1])
    return found


def count_of(lines: Path) -> int:
    return lines.read_text().count("\n") if lines.exists() else 0


async def told(lines: Path, count: int, process: asyncio.subprocess.Process) -> None:
    """Wait until so many findings were written."""
    async with asyncio.timeout(PATIENCE):
        while count_of(lines) < count:
            assert process.returncode is None, await process.communicate()
            await asyncio.sleep(0.05)


@pytest.mark.broker
async def test_planted_violations_are_found_on_a_broker_and_no_other(
    tmp_path: Path, scratch_broker_url: str
) -> None:
    name = f"planted-{uuid4().hex[:8]}"
    connection = await aio_pika.connect(scratch_broker_url)
    async with connection, connection.channel() as channel:
        exchange = await channel.declare_exchange(name, "topic", auto_delete=False)
        process, lines = await observing(tmp_path, f"{scratch_broker_url}?exchange={name}")
        first = Sent("a.stranger", b"{}", None)
        # The first message that is told says that the ears are open.
        async with asyncio.timeout(PATIENCE):
            while not count_of(lines):
                assert process.returncode is None, await process.communicate()
                await publish(exchange, first)
                await asyncio.sleep(0.1)
        for sent in [*CLEAN, *(sent for sent, _ in PLANTED)]:
            await publish(exchange, sent)
        await told(lines, len(PLANTED) + 1, process)
        process.send_signal(signal.SIGINT)
        output, _ = await asyncio.wait_for(process.communicate(), PATIENCE)
        await exchange.delete()
    assert process.returncode == 1, output.decode()
    report = last_line(lines)["report"]
    found = {Finding(**each) for each in report["findings"] if each["kind"] in WRONG}
    expected = {
        replace(finding, place=name) if finding.kind == "undeclared-topic" else finding
        for _, finding in PLANTED
    }
    assert {each for each in found if each.subject != "a.stranger"} == expected
    assert report["dropped"] == 0
    assert "findings: 21;" in output.decode()


async def test_what_the_example_shop_publishes_has_no_finding() -> None:
    """All that its handlers publish for each example, as the ears would hear it."""
    from jararaca.testing import contract_cases

    from examples.shop.app import app

    contract = read_contract(read_config(ROOT), ROOT)
    observer = Observer(observed(contract.services, contract.resolver.lookup))
    own = observer.contract.exchanges[0]
    async with TestBus(app, patience=PATIENCE) as bus:
        for case in contract_cases(app):
            await case.run(bus)
        for each in bus.publications:
            if each.exchange != "" and not each.headers.get("x-jararaca-queue"):
                properties = Properties(
                    type=each.properties.type, content_encoding=each.properties.content_encoding
                )
                observer.hear(
                    HeardMessage(
                        each.exchange or own,
                        each.routing_key,
                        each.body,
                        NOW,
                        properties,
                        dict(each.headers),
                    )
                )
    report = report_of(observer)
    assert report.heard > 5
    assert report.of(*WRONG) == ()
