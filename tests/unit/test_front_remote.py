"""References to the network are followed on request only, within limits, and pinned."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from jararaca_compiler import ir
from jararaca_compiler.diagnostics.diagnostic import Diagnostic
from jararaca_compiler.lower import lower
from jararaca_compiler.project.config import ConfigError
from jararaca_compiler.reading import remote
from jararaca_compiler.reading.load import load
from jararaca_compiler.reading.remote import LOCK_FILE, Remote, RemoteError, refuse
from jararaca_compiler.references.resolver import Resolver

from .front import codes

MONEY = b"type: object\nproperties: {amount: {$ref: 'parts.json#/Amount'}}\n"
PARTS = b'{"Amount": {"type": "integer"}}'


class Site:
    """What a server answers by path: a body, or where to go instead; and what was asked for."""

    def __init__(self) -> None:
        self.pages: dict[str, bytes | str] = {"/money.yaml": MONEY, "/parts.json": PARTS}
        self.asked: list[str] = []
        self.url = ""


@contextmanager
def serving() -> Iterator[Site]:
    site = Site()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            site.asked.append(self.path)
            page = site.pages.get(self.path)
            if isinstance(page, str):
                self.send_response(302)
                self.send_header("Location", page)
            else:
                self.send_response(404 if page is None else 200)
            self.end_headers()
            if isinstance(page, bytes):
                self.wfile.write(page)

        def log_message(self, format: str, *args: object) -> None:
            """Tests need no log."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    site.url = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield site
    finally:
        server.shutdown()
        server.server_close()


@pytest.fixture
def site() -> Iterator[Site]:
    with serving() as found:
        yield found


def compiled(
    folder: Path, ref: str, fetcher: Remote | None
) -> tuple[ir.Service, tuple[Diagnostic, ...], Resolver]:
    (folder / "shop.yaml").write_text(
        "asyncapi: 3.0.0\ninfo: {title: T, version: '1'}\n"
        f"channels: {{c: {{address: c, messages: {{m: {{payload: {{$ref: '{ref}'}}}}}}}}}}\n"
    )
    documents, _ = load(["shop.yaml"], folder, fetcher)
    resolver = Resolver(documents)
    (service,), found = lower(documents, resolver=resolver)
    return service, found, resolver


def test_nothing_is_fetched_unless_it_is_asked_for(tmp_path: Path, site: Site) -> None:
    _, found, _ = compiled(tmp_path, f"{site.url}/money.yaml", None)
    assert codes(found) == ["remote-ref"]
    assert (found[0].span.path, found[0].span.line) == ("shop.yaml", 3)
    assert site.asked == []


def test_a_remote_document_and_what_it_refers_to_are_read_and_pinned(
    tmp_path: Path, site: Site
) -> None:
    fetcher = Remote(tmp_path)
    service, found, resolver = compiled(tmp_path, f"{site.url}/money.yaml", fetcher)
    assert found == ()
    ref = service.messages[0].payload.schema["$ref"]
    amount = resolver.lookup(ref).value["properties"]["amount"]["$ref"]
    assert resolver.lookup(amount).value == {"type": "integer"}
    assert fetcher.save()
    text = (tmp_path / LOCK_FILE).read_text()
    assert text.count("sha256") == 2
    assert not Remote(tmp_path).save()
    assert (tmp_path / LOCK_FILE).read_text() == text


def test_a_document_that_has_changed_is_an_error_until_it_is_accepted(
    tmp_path: Path, site: Site
) -> None:
    ref = f"{site.url}/money.yaml"
    first = Remote(tmp_path)
    compiled(tmp_path, ref, first)
    first.save()
    site.pages["/money.yaml"] = b"type: string\n"
    _, found, _ = compiled(tmp_path, ref, Remote(tmp_path))
    assert codes(found) == ["changed-ref"]
    accepting = Remote(tmp_path, update=True)
    _, found, _ = compiled(tmp_path, ref, accepting)
    assert found == ()
    assert accepting.save()
    _, found, _ = compiled(tmp_path, ref, Remote(tmp_path))
    assert found == ()


def test_accepting_a_change_keeps_the_pins_of_what_other_commands_read(
    tmp_path: Path, site: Site
) -> None:
    neighbour, ref = f"{site.url}/amount.yaml", f"{site.url}/money.yaml"
    site.pages["/amount.yaml"] = b"type: integer\n"
    linking = Remote(tmp_path)
    linking.fetch(neighbour, None)
    linking.save()
    pinned = (tmp_path / LOCK_FILE).read_text()
    site.pages["/money.yaml"] = b"type: string\n"
    accepting = Remote(tmp_path, update=True)
    compiled(tmp_path, ref, accepting)
    accepting.save()
    assert neighbour in (tmp_path / LOCK_FILE).read_text()
    assert pinned.count("sha256") == 1


@pytest.mark.parametrize(
    ("page", "to", "reason"),
    [
        ("/gone.yaml", None, "404"),
        ("/there.yaml", "file:///etc/hostname", "not allowed"),
        ("/there.yaml", "ftp://127.0.0.1/x", "only http and https"),
        ("/loop.yaml", "/loop.yaml", "redirect"),
    ],
)
def test_a_document_that_is_not_to_be_had_is_told_at_the_reference(
    tmp_path: Path, site: Site, page: str, to: str | None, reason: str
) -> None:
    if to is not None:
        site.pages[page] = to
    _, found, _ = compiled(tmp_path, site.url + page, Remote(tmp_path))
    assert codes(found) == ["unreachable-ref"]
    assert reason in found[0].message
    assert found[0].span.line == 3


def test_a_server_does_not_send_us_to_another_private_host(tmp_path: Path, site: Site) -> None:
    with serving() as other:
        site.pages["/there.yaml"] = f"{other.url}/money.yaml"
        _, found, _ = compiled(tmp_path, f"{site.url}/there.yaml", Remote(tmp_path))
        assert "private host" in found[0].message
        site.pages["/refers.yaml"] = f"$ref: {other.url}/money.yaml".encode()
        _, found, _ = compiled(tmp_path, f"{site.url}/refers.yaml", Remote(tmp_path))
        assert "private host" in found[0].message
        assert other.asked == []


def test_a_remote_document_never_leads_to_a_local_file(tmp_path: Path, site: Site) -> None:
    (tmp_path / "secret.yaml").write_text("type: string\n")
    site.pages["/refers.yaml"] = b"$ref: ../../../../../../secret.yaml\n"
    _, found, _ = compiled(tmp_path, f"{site.url}/refers.yaml", Remote(tmp_path))
    assert codes(found) == ["unreachable-ref"]
    assert "/secret.yaml" in site.asked
    site.pages["/refers.yaml"] = f"$ref: 'file://{tmp_path}/secret.yaml'\n".encode()
    _, found, _ = compiled(tmp_path, f"{site.url}/refers.yaml", Remote(tmp_path))
    assert codes(found) == ["unreachable-ref"]


def test_a_gigantic_document_is_refused(
    tmp_path: Path, site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(remote, "MAX_BYTES", 1_000)
    site.pages["/big.yaml"] = b"#" * 1_001
    _, found, _ = compiled(tmp_path, f"{site.url}/big.yaml", Remote(tmp_path))
    assert "larger than 1,000 bytes" in found[0].message


@pytest.mark.parametrize(
    ("url", "referrer"),
    [
        ("http://user:secret@example.com/a", None),
        ("gopher://example.com/a", None),
        ("http:///a", None),
        ('http://example.com/"\n[x]', None),
        ("http://127.0.0.1/a", "https://127.0.0.1/b"),
        ("http://169.254.169.254/latest", "http://8.8.8.8/b"),
        ("http://[::1]/a", "http://8.8.8.8/b"),
    ],
)
def test_what_is_never_fetched(url: str, referrer: str | None) -> None:
    with pytest.raises(RemoteError):
        refuse(url, referrer)


def test_a_broken_lock_file_is_told(tmp_path: Path) -> None:
    (tmp_path / LOCK_FILE).write_text("document = 5")
    with pytest.raises(ConfigError, match="not a lock file"):
        Remote(tmp_path)
