"""The desk over HTTP: for this machine's own pages alone, whatever it does more than read."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator

import httpx
import pytest
import pytest_asyncio
from jararaca.dev.page_api import ASSETS, DESK
from jararaca_compiler.commands.documentation.serve import Preview, address, listen

from tests.desk.running import running

POSTS = ("publish", "check", "letters", "replay")
OURS = {"X-Jararaca": "dev"}


@pytest_asyncio.fixture
async def client() -> AsyncIterator[httpx.AsyncClient]:
    async with running() as desk:
        server = listen(Preview(), 0, desk.api)
        async with httpx.AsyncClient(base_url=address(server)) as client:
            yield client
        server.shutdown()


async def test_what_does_more_than_read_needs_the_header_of_its_own_pages(
    client: httpx.AsyncClient,
) -> None:
    for name in POSTS:
        assert (await client.post(f"/-/{name}", content=b"{}")).status_code == 403
        assert (await client.get(f"/-/{name}", headers=OURS)).status_code == 404
        own = await client.post(f"/-/{name}", content=b"{}", headers=OURS)
        assert own.status_code == 200 and own.headers["content-type"].startswith("application/json")


@pytest.mark.parametrize(
    "lines",
    [{"Host": "evil.example"}, {"Origin": "http://evil.example"}, {"Origin": "null"}],
    ids=str,
)
async def test_no_other_host_or_page_is_answered_by_any_of_its_addresses(
    client: httpx.AsyncClient, lines: dict[str, str]
) -> None:
    for path in (*ASSETS, "/-/messages", "/-/message/shop/Placed", "/-/body/x", "/-/live"):
        answer = await client.get(path, headers={**OURS, **lines})
        assert answer.status_code == 403, path
        assert answer.headers["x-frame-options"] == "DENY"
    for name in POSTS:
        answer = await client.post(f"/-/{name}", content=b"{}", headers={**OURS, **lines})
        assert answer.status_code == 403, name


async def test_the_page_allows_no_script_of_others_and_no_frame(client: httpx.AsyncClient) -> None:
    answer = await client.get(DESK)
    assert "default-src 'none'" in answer.text
    assert "unsafe-inline" not in answer.text
    assert "script-src 'self'" in answer.text
    for inline in ("onclick", "style=", "<script>", "javascript:"):
        assert inline not in answer.text
    assert answer.headers["content-security-policy"] == "frame-ancestors 'none'"


async def test_each_of_its_files_is_there_and_nothing_beside_them(
    client: httpx.AsyncClient,
) -> None:
    for path in ASSETS:
        assert (await client.get(path)).status_code == 200, path
    for path in ("/-/page_api.py", "/-/../page_api.py", "/-/desk.html", "/-/message/", "/-/body/"):
        assert (await client.get(path)).status_code == 404, path


async def test_messages_are_listed_and_described_by_their_ids(client: httpx.AsyncClient) -> None:
    listed = (await client.get("/-/messages")).json()
    for each in listed:
        told = (await client.get(f"/-/message/{each['id'].replace('/', '%2F')}")).json()
        assert told["variants"], each


async def test_the_stream_tells_what_was_published(client: httpx.AsyncClient) -> None:
    asked = {"message": "shop/Paused", "body": "{}", "parameters": {}, "headers": {}}
    await client.post("/-/publish", content=json.dumps(asked).encode(), headers=OURS)
    async with client.stream("GET", "/-/live") as answer:
        async for line in answer.aiter_lines():
            if line:
                assert json.loads(line.removeprefix("data: "))["name"] == "Paused"
                break
