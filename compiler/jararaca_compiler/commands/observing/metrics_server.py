"""The metrics of an observation over HTTP: what was counted a moment ago."""

from __future__ import annotations

import os
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

from jararaca_shared.local_hosts import is_local_host

from jararaca_compiler.observing.metrics import CONTENT_TYPE
from jararaca_compiler.project.config import ConfigError

LISTEN_HOST = "LISTEN_HOST"
LOOPBACK = ("localhost", "127.0.0.1", "::1")


class Server(ThreadingHTTPServer):
    """Its clients may break off at any time, which is nobody's error."""

    daemon_threads = True

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Log nothing: the terminal is for what was found."""


class MetricsServer:
    """Serves `text` at /metrics from a thread of its own; the observation replaces it.

    On this machine alone it answers requests that name this machine: a web page that has its own
    name lead here reads nothing.
    """

    def __init__(self, port: int) -> None:
        self.text = ""
        host = os.environ.get(LISTEN_HOST) or "127.0.0.1"
        try:
            self._server = Server((host, port), self._handler(host))
        except (OSError, OverflowError) as error:
            raise ConfigError(f"--metrics-port {port}: {error}") from error
        self._thread = Thread(target=self._server.serve_forever, daemon=True)
        self._thread.start()

    @property
    def port(self) -> int:
        """The port that it listens on."""
        return int(self._server.server_address[1])

    def close(self) -> None:
        """Listen no longer."""
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def _handler(self, host: str) -> type[BaseHTTPRequestHandler]:
        served = self

        class Handler(BaseHTTPRequestHandler):
            timeout = 10

            def do_GET(self) -> None:
                asked = self.headers.get_all("Host") or []
                if host in LOOPBACK and asked and not is_local_host(asked):
                    self.send_error(HTTPStatus.FORBIDDEN)
                    return
                if self.path.split("?")[0] != "/metrics":
                    self.send_error(HTTPStatus.NOT_FOUND)
                    return
                body = served.text.encode("utf-8", "replace")
                self.send_response(HTTPStatus.OK)
                self.send_header("Content-Type", CONTENT_TYPE)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, format: str, *arguments: Any) -> None:
                """Do not log scrapes."""

        return Handler
