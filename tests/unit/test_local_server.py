"""The servers of `docs serve` and `dev` answer this machine's own pages, and no page of others."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator, Sequence

import pytest
from jararaca_compiler.commands.documentation.serve import Answer, Preview, address, listen

FRAMES = "Content-Security-Policy: frame-ancestors 'none'"


class Desk:
    """An extension that notes what it is asked to publish."""

    head = ""

    def __init__(self) -> None:
        self.posted: list[bytes] = []

    def get(self, path: str) -> Answer | None:
        """Nothing of its own."""
        return None

    def post(self, path: str, body: bytes) -> Answer:
        """Note it; a body that is nested too deep raises, as a parser does."""
        self.posted.append(body)
        json.loads(body)
        return 200, "application/json", b"{}"

    def wait(self, known: int, seconds: float) -> tuple[int, Sequence[str]]:
        """One event, and no more."""
        return known + 1, ["{}"]


@pytest.fixture
def desk() -> Desk:
    return Desk()


@pytest.fixture
def port(desk: Desk) -> Iterator[int]:
    preview = Preview()
    preview.files = {"index.html": b"<p>hello"}
    server = listen(preview, 0, desk)
    yield int(address(server).rstrip("/").rpartition(":")[2])
    server.shutdown()


def ask(port: int, *lines: str, method: str = "GET / HTTP/1.1", body: bytes = b"") -> str:
    """The answer to a request, as it came over the socket."""
    with socket.create_connection(("127.0.0.1", port), timeout=10) as client:
        head = "\r\n".join((method, *lines, "Connection: close", "", ""))
        client.sendall(head.encode("latin-1") + body)
        return client.makefile("rb").read(65_536).decode("latin-1")


@pytest.mark.parametrize(
    "host", ["localhost", "localhost:8000", "127.0.0.1:1", "[::1]:80", "LOCALHOST"]
)
def test_this_machine_is_answered_by_each_of_its_names(port: int, host: str) -> None:
    answer = ask(port, f"Host: {host}")
    assert answer.startswith("HTTP/1.0 200")
    assert FRAMES in answer
    assert "X-Frame-Options: DENY" in answer


@pytest.mark.parametrize(
    "lines",
    [
        (),
        ("Host: evil.example",),
        ("Host: localhost.evil.example",),
        ("Host: evil.example:8000",),
        ("Host: localhost@evil.example",),
        ("Host: 127.0.0.1.nip.io",),
        ("Host: 0.0.0.0",),
        ("Host: ",),
        ("Host: localhost", "Host: evil.example"),
        ("Host: localhost:1", "Origin: http://evil.example"),
        ("Host: localhost:1", "Origin: null"),
        ("Host: localhost:1", "Origin: http://localhost:2"),
        ("Host: localhost:1", "Origin: http://localhost:1.evil.example"),
        ("Host: localhost:1", "Origin: http://localhost:1", "Origin: http://evil.example"),
    ],
    ids=lambda lines: ", ".join(lines) or "no host",
)
@pytest.mark.parametrize("method", ["GET / HTTP/1.1", "GET /-/events HTTP/1.1", "POST / HTTP/1.1"])
def test_no_other_name_and_no_other_page_is_answered(
    port: int, desk: Desk, lines: tuple[str, ...], method: str
) -> None:
    answer = ask(port, *lines, "X-Jararaca: 1", "Content-Length: 2", method=method, body=b"{}")
    assert answer.startswith("HTTP/1.0 403")
    assert FRAMES in answer
    assert "hello" not in answer
    assert desk.posted == []


def test_a_page_of_its_own_publishes(port: int, desk: Desk) -> None:
    own = ("Host: localhost:1", "Origin: http://localhost:1", "X-Jararaca: 1", "Content-Length: 2")
    assert ask(port, *own, method="POST /-/publish HTTP/1.1", body=b"{}").startswith("HTTP/1.0 200")
    assert desk.posted == [b"{}"]


def test_an_address_without_the_header_of_its_pages_publishes_nothing(
    port: int, desk: Desk
) -> None:
    lines = ("Host: localhost:1", "Content-Length: 2")
    assert "403" in ask(port, *lines, method="POST /-/publish HTTP/1.1", body=b"{}")
    assert desk.posted == []


def test_broken_clients_and_deep_nesting_write_no_traceback(
    port: int, capfd: pytest.CaptureFixture[str]
) -> None:
    deep = b"[" * 200_000
    lines = ("Host: localhost", "X-Jararaca: 1")
    ask(port, *lines, f"Content-Length: {len(deep)}", method="POST / HTTP/1.1", body=deep)
    ask(port, *lines, f"Content-Length: {'9' * 5_000}", method="POST / HTTP/1.1")
    ask(port, *lines, "Content-Length: -1", method="POST / HTTP/1.1")
    ask(port, method="\x00\xff")
    for text in (b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n", b"GET / HT", b"\x16\x03\x01", b""):
        client = socket.create_connection(("127.0.0.1", port), timeout=10)
        client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
        client.sendall(text)
        client.close()
    assert ask(port, "Host: localhost").startswith("HTTP/1.0 200")
    told = capfd.readouterr()
    assert "Traceback" not in told.out + told.err
