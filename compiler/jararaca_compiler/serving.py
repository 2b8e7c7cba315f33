"""`jararaca docs serve`: the pages on localhost, made anew when a document is saved."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Mapping
from functools import partial
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import unquote, urlsplit

from jararaca_compiler.config import PYPROJECT, Config, ConfigError
from jararaca_compiler.publishing import Site, build
from jararaca_compiler.terminal import Progress, count

HOST = "127.0.0.1"
LOOK_SECONDS = 0.25
ALIVE_SECONDS = 15.0
MOST_SHOWN = 3
RELOAD, EVENTS = "/-/reload.js", "/-/events"
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
HEAD = f'<script src="{RELOAD}"></script>\n</head>'
POLICY = "default-src 'none'"
SERVED_POLICY = "default-src 'none'; connect-src 'self'"


class Shown:
    """The pages that are shown now, and what is wrong with the documents since."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self.files: Mapping[str, bytes] = {}
        self.broken = ""
        self.version = 0

    def show(self, site: Site) -> None:
        """Show these pages; where a document has an error, the last good ones with it."""
        with self._changed:
            if site.contract.is_sound:
                self.files = {page.path: _served(page.path, page.source) for page in site.pages}
                self.broken = ""
                self.version += 1
            else:
                self.broken = _shortened(site.complaints("text"))
            self._changed.notify_all()

    def state(self) -> dict[str, object]:
        """What a browser is told."""
        return {"version": self.version, "broken": self.broken}

    def wait(self, known: dict[str, object]) -> dict[str, object]:
        """The state once it differs from the known one, or after a while."""
        with self._changed:
            self._changed.wait_for(lambda: self.state() != known, timeout=ALIVE_SECONDS)
            return self.state()


def _shortened(text: str) -> str:
    """The first diagnostics: what follows is often their consequence."""
    blocks = text.strip().split("\n\n")
    more = len(blocks) - MOST_SHOWN
    told = "\n\n".join(blocks[:MOST_SHOWN])
    return f"{told}\n\nand {more} more: see `jararaca codegen`" if more > 0 else told


def serve(root: Path, config: Config, port: int, since: str | None) -> int:
    """Serve until interrupted. Raises ConfigError, for a port that is taken too."""
    shown = Shown()
    _make(shown, root, config, since)
    try:
        server = ThreadingHTTPServer((HOST, port), partial(Handler, shown))
    except OSError as error:
        raise ConfigError(
            f"port {port} cannot be used ({error.strerror}): choose with --port"
        ) from error
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    print(f"serving http://{HOST}:{server.server_address[1]}/ until Ctrl-C", flush=True)
    try:
        watch(shown, root, config, since)
    except KeyboardInterrupt:
        print("\nstopped", flush=True)
    finally:
        server.shutdown()
    return 0


def watch(shown: Shown, root: Path, config: Config, since: str | None) -> None:
    """Make the pages anew after each change of a document, for ever."""
    known = _stamps(root, config)
    while True:
        time.sleep(LOOK_SECONDS)
        found = _stamps(root, config)
        if found != known:
            known = found
            _make(shown, root, config, since)


def _make(shown: Shown, root: Path, config: Config, since: str | None) -> None:
    started = time.perf_counter()
    with Progress() as progress:
        site = build(root, config, since, progress)
    shown.show(site)
    if site.contract.is_sound:
        spent = time.perf_counter() - started
        print(f"{count(len(site.pages), 'file')} made in {spent:.2f} s", flush=True)
    else:
        print(shown.broken, flush=True)


def _stamps(root: Path, config: Config) -> dict[str, tuple[int, int]]:
    """What tells that a document may have changed: all that could be one, near the sources."""
    folders = {root / source for source in config.sources}
    folders |= {folder.parent for folder in folders if folder.is_file()}
    files = [root / PYPROJECT]
    for folder in folders:
        for place, names, found in os.walk(folder):
            names[:] = [name for name in names if not name.startswith((".", "__"))]
            files += [Path(place, name) for name in found if not name.endswith((".py", ".pyc"))]
    return {str(file): stamp for file in files if (stamp := _stamp(file))}


def _stamp(file: Path) -> tuple[int, int] | None:
    try:
        stat = file.stat()
    except OSError:
        return None
    return stat.st_mtime_ns, stat.st_size


def _served(path: str, text: str) -> bytes:
    """A page as it is served: it hears of changes; nothing else differs from the one on disk."""
    if path.endswith(".html"):
        text = text.replace("</head>", HEAD, 1).replace(POLICY, SERVED_POLICY, 1)
    return text.encode()


class Handler(BaseHTTPRequestHandler):
    """Answers from memory: pages, the script that listens, and the changes that it hears of."""

    def __init__(self, shown: Shown, *arguments: object) -> None:
        self._shown = shown
        super().__init__(*arguments)  # type: ignore[arg-type]

    def do_GET(self) -> None:
        path = unquote(urlsplit(self.path).path)
        if path == EVENTS:
            self._tell_changes()
        elif path == RELOAD:
            self._send(SCRIPT.encode(), TYPES[".js"])
        else:
            name = path.lstrip("/")
            name = f"{name}index.html" if not name or name.endswith("/") else name
            body = self._shown.files.get(name)
            if body is None:
                self.send_error(HTTPStatus.NOT_FOUND)
            else:
                self._send(body, TYPES.get(Path(name).suffix, "text/plain; charset=utf-8"))

    def log_message(self, format: str, *arguments: object) -> None:
        """Requests are not told: the terminal is for the documents."""

    def _send(self, body: bytes, content_type: str) -> None:
        self.send_response(HTTPStatus.OK)
        self.send_header("Content-Type", content_type)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Cache-Control", "no-store")
        self.send_header("X-Content-Type-Options", "nosniff")
        self.end_headers()
        self.wfile.write(body)

    def _tell_changes(self) -> None:
        import json

        self.send_response(HTTPStatus.OK)
        self.send_header("Content-Type", "text/event-stream")
        self.send_header("Cache-Control", "no-store")
        self.end_headers()
        state = self._shown.state()
        try:
            while True:
                self.wfile.write(f"data: {json.dumps(state)}\n\n".encode())
                self.wfile.flush()
                state = self._shown.wait(state)
        except (BrokenPipeError, ConnectionResetError):
            return
