"""Whose pages may open a WebSocket: browsers let any page try, with the user's cookies."""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import urlsplit

DEFAULT_PORTS = {"http": 80, "https": 443, "ws": 80, "wss": 443}


def allowed(origin: str | None, host: str, origins: Sequence[str]) -> bool:
    """Whether a page of this origin may connect to this host.

    Its own pages may, those of the listed origins (`https://shop.example`, or `*` for any), and
    what is no browser: it sends no origin.
    """
    if origin is None or "*" in origins or origin in origins:
        return True
    try:
        parts = urlsplit(origin)
        if not parts.hostname:
            return False
        port = parts.port or DEFAULT_PORTS.get(parts.scheme)
        here = urlsplit(f"//{host}")
        return parts.hostname == here.hostname and port in (here.port, *_implied(here.port))
    except ValueError:
        return False


def _implied(port: int | None) -> tuple[int, ...]:
    """The ports that a Host header without one may stand for: TLS may end before this server."""
    return (80, 443) if port is None else ()
