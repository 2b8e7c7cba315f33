"""Sending: within a unit of work, outside of one, and where there are no WebSockets."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from uuid import uuid4

import pytest
from jararaca import (
    Host,
    Microservice,
    NoWebSocketsError,
    RootModel,
    WebSocketMessage,
    Work,
    use_ws_manager,
)
from jararaca.errors import BackendError, DecodeError
from jararaca.integrations.websockets import WebSockets
from jararaca.integrations.websockets.frames import message_in
from jararaca.transport.connect import transport_for
from pydantic import Field


class Note(WebSocketMessage):
    text: str
    room: str | None = Field(default=None, alias="chatRoom")


class Named(WebSocketMessage):
    MESSAGE_NAME = "chat.named"


class Numbers(WebSocketMessage, RootModel[Any]):
    root: list[int]


class Bench:
    """An application in memory, with a client in the room `a`; `log` is all that happened."""

    def __init__(self, name: str) -> None:
        self.sockets = WebSockets()
        self.log: list[str] = []
        interceptors = [self._session]
        microservice = Microservice(
            name=name, integrations=[self.sockets], interceptors=interceptors
        )
        self.host = Host(microservice, transport_for(f"memory://{uuid4()}"))

    @asynccontextmanager
    async def _session(self, work: Work) -> AsyncIterator[None]:
        async def commit() -> None:
            self.log.append("commit")

        work.on_commit(commit)
        yield

    async def client(self) -> None:
        nobody: Any = None
        await self.sockets.manager.listen()
        connection = self.sockets.manager.add(nobody, ["a"])
        connection.put = self._put  # type: ignore[method-assign]

    def _put(self, frame: str | bytes) -> None:
        self.log.append(json.loads(frame)["payload"]["text"])


@pytest.fixture
async def bench() -> AsyncIterator[Bench]:
    made = Bench(f"test-{uuid4().hex[:8]}")
    await made.host.start()
    await made.client()
    yield made
    await made.host.stop()


def test_the_wire_form_is_the_type_and_the_payload_by_the_schemas_names() -> None:
    assert Note(text="hi", room="x").frame() == (
        '{"type":"Note","payload":{"text":"hi","chatRoom":"x"}}'
    )
    assert Named().frame() == '{"type":"chat.named","payload":{}}'
    assert Numbers([1, 2]).frame() == '{"type":"Numbers","payload":[1,2]}'


async def test_sending_where_there_are_no_websockets_says_what_to_do() -> None:
    with pytest.raises(NoWebSocketsError, match=r"integrations=\[WebSockets\(\)\]"):
        await Note(text="hi").send("a")
    with pytest.raises(NoWebSocketsError):
        use_ws_manager()


async def test_in_a_unit_of_work_a_message_goes_out_after_the_commit(bench: Bench) -> None:
    async with bench.host.unit_of_work():
        await Note(text="told").send("a")
        await asyncio.sleep(0.01)
        bench.log.append("end of the work")
    assert bench.log == ["end of the work", "commit", "told"]


async def test_after_a_failure_nothing_goes_out(bench: Bench) -> None:
    with pytest.raises(ValueError):
        async with bench.host.unit_of_work():
            await Note(text="never").send("a")
            raise ValueError("broken")
    async with bench.host.unit_of_work():
        await Note(text="next").send("a")
    assert bench.log == ["commit", "next"]


async def test_a_message_is_what_it_was_when_it_was_sent(bench: Bench) -> None:
    async with bench.host.unit_of_work():
        note = Note(text="before")
        await note.send("a")
        note.text = "after"
    assert bench.log == ["commit", "before"]


async def test_outside_of_a_unit_of_work_it_goes_at_once(bench: Bench) -> None:
    await bench.sockets.manager.send(Note(text="told"), "a")
    assert bench.log == ["told"]


async def test_who_started_the_application_sends_outside_of_a_unit_of_work() -> None:
    bench = Bench(f"test-{uuid4().hex[:8]}")
    await bench.host.start()
    await bench.client()
    await Note(text="told").send("a")
    assert bench.log == ["told"]
    await bench.host.stop()
    with pytest.raises(NoWebSocketsError):
        await Note(text="late").send("a")


async def test_the_manager_is_found_in_nested_calls_and_tasks(bench: Bench) -> None:
    async def nested() -> None:
        await Note(text="nested").send("a")

    async with bench.host.unit_of_work():
        await asyncio.create_task(nested())
        assert use_ws_manager() is bench.sockets.manager
    assert bench.log == ["commit", "nested"]


async def test_a_task_that_outlives_its_work_sends_at_once(bench: Bench) -> None:
    over = asyncio.Event()

    async def later() -> None:
        await over.wait()
        await Note(text="later").send("a")

    async with bench.host.unit_of_work():
        task = asyncio.create_task(later())
    over.set()
    await task
    assert bench.log == ["commit", "later"]


async def test_a_backend_that_is_away_is_an_error_outside_and_undoes_no_work() -> None:
    sockets = WebSockets(backend_url="redis://127.0.0.1:1/0")
    committed: list[str] = []

    @asynccontextmanager
    async def session(work: Work) -> AsyncIterator[None]:
        async def commit() -> None:
            committed.append("commit")

        work.on_commit(commit)
        yield

    microservice = Microservice(integrations=[sockets], interceptors=[session])
    host = Host(microservice, transport_for(f"memory://{uuid4()}"))
    await host.start()
    async with host.unit_of_work():
        await Note(text="lost").send("a")
    assert committed == ["commit"]
    with pytest.raises(BackendError):
        await Note(text="lost").send("a")
    await host.stop()


async def test_two_hosts_of_one_process_share_the_rooms_until_both_have_stopped() -> None:
    sockets = WebSockets()
    microservice = Microservice(name=f"test-{uuid4().hex[:8]}", integrations=[sockets])
    worker, web = (Host(microservice, transport_for(f"memory://{uuid4()}")) for _ in range(2))
    await worker.start()
    await web.start()
    manager = sockets.manager
    await worker.stop()
    assert sockets.manager is manager and sockets.host is web
    await web.stop()
    await worker.start()
    assert sockets.manager is not manager
    await worker.stop()


KNOWN: dict[str, type[WebSocketMessage]] = {"Note": Note, "Numbers": Numbers}


def test_a_clients_frame_is_read_as_the_message_that_it_names() -> None:
    note = message_in('{"type": "Note", "payload": {"text": "hi", "chatRoom": "x"}}', KNOWN)
    assert note == Note(text="hi", room="x")
    assert message_in(b'{"type": "Numbers", "payload": [1]}', KNOWN) == Numbers([1])


@pytest.mark.parametrize(
    ("frame", "reason"),
    [
        ("hello", "not JSON"),
        ("[" * 100_000, "not JSON"),
        (b"\xff\xfe\xfd", "not JSON"),
        ("[1]", "a frame must be"),
        ('{"type": "Note"}', "a frame must be"),
        ('{"type": "Other", "payload": {}}', "no message of type 'Other'"),
        ('{"type": ["Note"], "payload": {}}', "no message of type"),
        ('{"type": "Note", "payload": {"text": 1}}', "not a valid Note: text"),
    ],
)
def test_what_is_no_message_of_the_contract_is_refused_with_the_reason(
    frame: str | bytes, reason: str
) -> None:
    with pytest.raises(DecodeError, match=reason):
        message_in(frame, KNOWN)
