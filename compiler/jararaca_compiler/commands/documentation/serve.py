"""`jararaca docs serve`: the pages on localhost, made anew when a document is saved."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Mapping, Sequence
from functools import partial
from http import HTTPStatus
from pathlib import Path
from typing import Protocol
from urllib.parse import unquote, urlsplit

from jararaca_compiler.commands.console.terminal import Progress
from jararaca_compiler.commands.documentation.build import Site, build
from jararaca_compiler.commands.documentation.local_server import LocalHandler, LocalServer
from jararaca_compiler.diagnostics.plurals import count
from jararaca_compiler.importing.sources import documented
from jararaca_compiler.project.config import Config, ConfigError, read_config
from jararaca_compiler.project.file_watch import watch

HOST = "127.0.0.1"
ALIVE_SECONDS = 15.0
MOST_SHOWN = 3
RELOAD, EVENTS, LIVE = "/-/reload.js", "/-/events", "/-/live"
OURS = "X-Jararaca"
MOST_POSTED = 16 * 1024 * 1024
DIGITS = 9
"""Of a length: more are no number that anybody means."""

BEAT = "null"
TYPES = {
    ".html": "text/html; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".json": "application/json; charset=utf-8",
    ".yaml": "application/yaml; charset=utf-8",
}
SCRIPT = """\
const events = new EventSource("/-/events");
let first = null;
events.onmessage = (event) => {
  const told = JSON.parse(event.data);
  first ??= told.version;
  if (told.version !== first) return location.reload();
  let bar = document.getElementById("broken");
  if (!told.broken) return bar?.remove();
  if (!bar) {
    bar = document.createElement("pre");
    bar.id = "broken";
    bar.setAttribute("role", "alert");
    document.body.prepend(bar);
  }
  bar.textContent = told.broken;
};
"""
HEAD = f'<script src="{RELOAD}"></script>\n'
POLICY = "default-src 'none'"
SERVED_POLICY = "default-src 'none'; connect-src 'self'"


Answer = tuple[int, str, bytes]
"""A status, a content type, and a body."""


class Extension(Protocol):
    """What `jararaca dev` adds to the pages: a desk to publish from, and what was handled."""

    head: str

    def get(self, path: str) -> Answer | None:
        """What is at a path of its own; None for another."""

    def post(self, path: str, body: bytes) -> Answer:
        """What becomes of a request that a page of ours has made."""

    def wait(self, known: int, seconds: float) -> tuple[int, Sequence[str]]:
        """What has happened after the first `known` events, as soon as there is something."""


class Preview:
    """The pages that are shown now, and what is wrong with the documents since."""

    def __init__(self, head: str = "") -> None:
        self._changed = threading.Condition()
        self._head = head
        self.files: Mapping[str, bytes] = {}
        self.broken = ""
        self.version = 0

    def show(self, site: Site) -> None:
        """Show these pages; where a document has an error, the last good ones with it."""
        with self._changed:
            if site.contract.is_sound:
                head = HEAD + self._head
                self.files = {
                    page.path: _with_reload_script(page.path, page.source, head)
                    for page in site.pages
                }
                self.broken = ""
                self.version = time.time_ns()
            else:
                self.broken = _shortened(site.complaints("text"))
            self._changed.notify_all()

    def state(self) -> dict[str, object]:
        """What a browser is sent."""
        return {"version": str(self.version), "broken": self.broken}

    def wait(self, known: dict[str, object]) -> dict[str, object]:
        """The state once it differs from the known one, or after a while."""
        with self._changed:
            self._changed.wait_for(lambda: self.state() != known, timeout=ALIVE_SECONDS)
            return self.state()


def serve(root: Path, config: Config, port: int, since: str | None) -> int:
    """Serve until interrupted. Raises ConfigError, for a port that is taken too."""
    preview = Preview()
    rebuild = partial(_rebuild, preview, root, config, since)
    rebuild()
    server = listen(preview, port)
    print(f"serving {address(server)} until Ctrl-C", flush=True)
    try:
        watch(root, config, rebuild)
    except KeyboardInterrupt:
        print("\nstopped", flush=True)
    finally:
        server.shutdown()
    return 0


def pages(root: Path, port: int, extension: Extension, app: str | None) -> str:
    """Serve the project's pages with an extension, from threads of this process; their address.

    Without documents they are of the application `app`. Raises ConfigError.
    """
    config = documented(root, read_config(root).override(app=app))
    preview = Preview(extension.head)
    rebuild = partial(_rebuild, preview, root, config, None, quiet=True)
    rebuild()
    server = listen(preview, port, extension)
    threading.Thread(target=watch, args=(root, config, rebuild), daemon=True).start()
    return address(server)


def listen(preview: Preview, port: int, extension: Extension | None = None) -> LocalServer:
    """Answer requests from threads. Raises ConfigError for a port that cannot be used."""
    try:
        server = LocalServer((HOST, port), partial(Handler, preview, extension))
    except OSError as error:
        raise ConfigError(
            f"port {port} cannot be used ({error.strerror}): choose with --port"
        ) from error
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server


def address(server: LocalServer) -> str:
    """Where a browser finds the pages."""
    return f"http://{HOST}:{server.server_address[1]}/"


def _shortened(text: str) -> str:
    """The first diagnostics: what follows is often their consequence."""
    blocks = text.strip().split("\n\n")
    more = len(blocks) - MOST_SHOWN
    first = "\n\n".join(blocks[:MOST_SHOWN])
    return f"{first}\n\nand {more} more: see `jararaca codegen`" if more > 0 else first


def _rebuild(
    preview: Preview, root: Path, config: Config, since: str | None, *, quiet: bool = False
) -> None:
    started = time.perf_counter()
    with Progress() as progress:
        site = build(root, config, since, progress, fetch=False)
    preview.show(site)
    if quiet:
        return
    if site.contract.is_sound:
        spent = time.perf_counter() - started
        print(f"{count(len(site.pages), 'file')} made in {spent:.2f} s", flush=True)
    else:
        print(preview.broken, flush=True)


def _with_reload_script(path: str, text: str, head: str) -> bytes:
    """A page as it is served: it hears of changes; nothing else differs from the one on disk."""
    if path.endswith(".html"):
        text = text.replace("</head>", f"{head}</head>", 1).replace(POLICY, SERVED_POLICY, 1)
    return text.encode()


class Handler(LocalHandler):
    """Answers from memory: pages, the script that listens, and the changes that it hears of."""

    def __init__(self, preview: Preview, extension: Extension | None, *arguments: object) -> None:
        self._preview = preview
        self._extension = extension
        super().__init__(*arguments)  # type: ignore[arg-type]

    def do_GET(self) -> None:
        path = unquote(urlsplit(self.path).path)
        if path == EVENTS:
            self._stream_changes()
        elif path == LIVE and self._extension is not None:
            self._stream_events(self._extension)
        elif path == RELOAD:
            self._send((HTTPStatus.OK, TYPES[".js"], SCRIPT.encode()))
        elif (answer := self._page(path)) is not None:
            self._send(answer)
        else:
            self.send_error(HTTPStatus.NOT_FOUND)

    def do_POST(self) -> None:
        # A page of somebody else's cannot send this header without asking first.
        if self._extension is None or self.headers.get(OURS) is None:
            self.send_error(HTTPStatus.FORBIDDEN)
            return
        length = self.headers.get("Content-Length", "")
        if not length.isdecimal() or len(length) > DIGITS or int(length) > MOST_POSTED:
            self.send_error(HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
            return
        self._send(self._extension.post(self.path, self.rfile.read(int(length))))

    def _page(self, path: str) -> Answer | None:
        if self._extension is not None and (answer := self._extension.get(path)) is not None:
            return answer
        name = path.lstrip("/")
        name = f"{name}index.html" if not name or name.endswith("/") else name
        body = self._preview.files.get(name)
        kind = TYPES.get(Path(name).suffix, "text/plain; charset=utf-8")
        return None if body is None else (HTTPStatus.OK, kind, body)

    def _send(self, answer: Answer) -> None:
        status, content_type, body = answer
        self.send_response(status)
        self.send_header("Content-Type", content_type)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Cache-Control", "no-store")
        self.end_headers()
        self.wfile.write(body)

    def _stream_changes(self) -> None:
        self._begin_stream()
        state = self._preview.state()
        while self._send_event(json.dumps(state)):
            state = self._preview.wait(state)

    def _stream_events(self, extension: Extension) -> None:
        self._begin_stream()
        known = 0
        while True:
            known, events = extension.wait(known, ALIVE_SECONDS)
            if not all(self._send_event(event) for event in events or (BEAT,)):
                return

    def _begin_stream(self) -> None:
        self.send_response(HTTPStatus.OK)
        self.send_header("Content-Type", "text/event-stream")
        self.send_header("Cache-Control", "no-store")
        self.end_headers()

    def _send_event(self, data: str) -> bool:
        """Send one event; False once the browser has gone."""
        try:
            self.wfile.write(f"data: {data}\n\n".encode())
            self.wfile.flush()
        except OSError:
            return False
        return True
