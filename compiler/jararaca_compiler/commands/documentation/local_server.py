"""An HTTP server for this machine's browsers alone: no other web page reaches it or frames it."""

from __future__ import annotations

from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from jararaca_shared.local_hosts import is_local_host

PATIENCE = 60.0
"""Seconds that a client may take to send its request."""

HEADERS = {
    "Content-Security-Policy": "frame-ancestors 'none'",
    "X-Frame-Options": "DENY",
    "Cross-Origin-Resource-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
}


class LocalServer(ThreadingHTTPServer):
    """Its clients may break off at any time, which is nobody's error."""

    daemon_threads = True

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Log nothing: the terminal is for the documents."""


class LocalHandler(BaseHTTPRequestHandler):
    """Answers requests that name this machine and come from a page of its own, or from no page."""

    timeout = PATIENCE

    def parse_request(self) -> bool:
        """Whether the request is to be answered; what is not has got its refusal."""
        if not super().parse_request():
            return False
        if self._is_local():
            return True
        self.close_connection = True
        self.send_error(HTTPStatus.FORBIDDEN)
        return False

    def end_headers(self) -> None:
        """Every answer says that no page may frame it."""
        for name, value in HEADERS.items():
            self.send_header(name, value)
        super().end_headers()

    def log_message(self, format: str, *arguments: object) -> None:
        """Do not log requests: the terminal is for the documents."""

    def _is_local(self) -> bool:
        """Whether its `Host` is this machine, and its `Origin`, if it has one, the same."""
        hosts = self.headers.get_all("Host") or []
        origins = self.headers.get_all("Origin") or []
        if not is_local_host(hosts):
            return False
        own = hosts[0].lower()
        return all(each.lower() in (f"http://{own}", f"https://{own}") for each in origins)
