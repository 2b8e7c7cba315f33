"""Which pages may open a WebSocket."""

from __future__ import annotations

import pytest
from jararaca.integrations.websockets.origins import allowed


@pytest.mark.parametrize(
    ("origin", "host", "origins"),
    [
        (None, "shop.example", ()),
        ("https://shop.example", "shop.example", ()),
        ("http://localhost:8000", "localhost:8000", ()),
        ("https://shop.example", "shop.example:443", ()),
        ("http://SHOP.example", "shop.EXAMPLE", ()),
        ("https://other.example", "shop.example", ("https://other.example",)),
        ("null", "shop.example", ("*",)),
        ("http://[::1]:8000", "[::1]:8000", ()),
    ],
)
def test_own_pages_listed_ones_and_what_is_no_browser_may(
    origin: str | None, host: str, origins: tuple[str, ...]
) -> None:
    assert allowed(origin, host, origins)


@pytest.mark.parametrize(
    ("origin", "host"),
    [
        ("https://evil.example", "shop.example"),
        ("https://shop.example.evil.example", "shop.example"),
        ("http://localhost:9000", "localhost:8000"),
        ("https://shop.example:8443", "shop.example"),
        ("null", "shop.example"),
        ("", "shop.example"),
        ("https://[broken", "shop.example"),
        ("https://shop.example:port", "shop.example"),
    ],
)
def test_pages_of_others_may_not(origin: str, host: str) -> None:
    assert not allowed(origin, host, ())
