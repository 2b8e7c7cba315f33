"""Probes: alive while the process answers, ready while deliveries come."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from uuid import uuid4

import pytest
from jararaca import Integration
from jararaca.integrations.health import Health
from jararaca.observability import http_server
from jararaca.observability.http_server import Answer, SmallServer

from tests.support.nodes import free_port
from tests.telemetry.shop import fetch, running


class Sulking(Integration):
    """Not ready while it has a reason."""

    reason: str | None = None

    async def unready(self) -> str | None:
        return self.reason


async def test_a_worker_is_ready_once_it_has_started_and_says_why_it_is_not() -> None:
    health, sulking = Health(port=0, host="127.0.0.1"), Sulking()
    async with running(f"memory://{uuid4()}", health, sulking) as (worker, _):
        assert await fetch(health.port, "/live") == (200, '{"live": true}\n')
        status, body = await fetch(health.port, "/ready")
        assert (status, json.loads(body)) == (200, {"ready": True, "reasons": []})
        sulking.reason = "the database does not answer"
        status, body = await fetch(health.port, "/ready")
        assert status == 503
        assert json.loads(body)["reasons"] == ["the database does not answer"]
        sulking.reason = None
        worker.host.stopping.set()
        status, body = await fetch(health.port, "/ready")
        assert status == 503
        assert json.loads(body)["reasons"] == ["it is shutting down"]
        assert (await fetch(health.port, "/live"))[0] == 200


async def test_a_client_that_says_nothing_is_cut_off_and_harms_nobody() -> None:
    health = Health(port=0, host="127.0.0.1")
    async with running(f"memory://{uuid4()}", health):
        _, silent = await asyncio.open_connection("127.0.0.1", health.port)
        reader, long = await asyncio.open_connection("127.0.0.1", health.port)
        long.write(b"GET /" + b"x" * 100_000)
        assert await reader.read() == b""
        assert (await fetch(health.port, "/live"))[0] == 200
        silent.close()
        long.close()


async def test_a_client_that_takes_no_answer_is_cut_off(monkeypatch: pytest.MonkeyPatch) -> None:
    async def much(_: Mapping[str, str]) -> Answer:
        return Answer(b"x" * 50_000_000)

    monkeypatch.setattr(http_server, "PATIENCE", 0.2)
    server = SmallServer({"/": much}, "127.0.0.1", 0)
    await server.start()
    reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
    writer.transport.pause_reading()  # type: ignore[attr-defined]
    writer.write(b"GET / HTTP/1.1\r\n\r\n")
    await asyncio.sleep(0.5)
    writer.transport.resume_reading()  # type: ignore[attr-defined]
    with suppress(ConnectionError):
        assert len(await asyncio.wait_for(reader.read(), 30)) < 50_000_000
    writer.close()
    await server.stop()


async def status_of(port: int, *hosts: str) -> int:
    """How a request with these `Host`s is answered."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    lines = "".join(f"Host: {each}\r\n" for each in hosts)
    writer.write(f"GET /ready HTTP/1.1\r\n{lines}\r\n".encode())
    answer = await reader.read()
    writer.close()
    return int(answer.split()[1])


async def test_a_web_page_whose_name_leads_to_this_machine_reads_nothing() -> None:
    health = Health(port=0)
    async with running(f"memory://{uuid4()}", health):
        for own in ((), (f"localhost:{health.port}",), ("127.0.0.1",), ("[::1]:1",)):
            assert await status_of(health.port, *own) == 200
        for other in (("evil.example",), ("localhost.evil.example",), ("localhost", "evil")):
            assert await status_of(health.port, *other) == 403


async def test_a_server_for_other_machines_answers_by_every_name() -> None:
    health = Health(port=0, host="0.0.0.0")
    async with running(f"memory://{uuid4()}", health):
        assert await status_of(health.port, "shop.example") == 200


@pytest.mark.broker
async def test_each_process_of_several_answers_on_a_port_of_its_own(
    tmp_path: Path, scratch_broker_url: str
) -> None:
    port = free_port()
    (tmp_path / "probed.py").write_text(PROBED.format(port=port))
    command = [sys.executable, "-m", "jararaca.cli", "worker", "probed:app", "--workers", "2"]
    environment = {**os.environ, "BROKER_URL": scratch_broker_url}
    process = await asyncio.create_subprocess_exec(*command, cwd=tmp_path, env=environment)
    try:
        for each in (port, port + 1):
            async with asyncio.timeout(60):
                while not await ready(each):
                    await asyncio.sleep(0.1)
    finally:
        process.terminate()
        assert await asyncio.wait_for(process.wait(), 30) == 0


async def ready(port: int) -> bool:
    try:
        return (await fetch(port, "/ready"))[0] == 200
    except OSError:
        return False


PROBED = """
from jararaca import Microservice
from jararaca.integrations.health import Health

app = Microservice(integrations=[Health(port={port}, host="127.0.0.1")], name="probed")
"""
