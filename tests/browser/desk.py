"""A desk for the browser: an application at work in a thread, served as the site looks."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import jararaca_compiler.emit.site
from jararaca import Microservice
from jararaca_compiler.commands.documentation.serve import Preview, address, listen

from tests.desk.running import PATIENCE, Desk, running

ASSETS = Path(jararaca_compiler.emit.site.__file__).parent / "assets"


class Served:
    """The desk's address, and the desk itself, as the application's loop knows it."""

    def __init__(self, desk: Desk, address: str, loop: asyncio.AbstractEventLoop) -> None:
        self.desk = desk
        self.address = f"{address}-/desk"
        self._loop = loop

    def publish(self, message: str, value: Any, **more: Any) -> dict[str, Any]:
        """Publish from elsewhere than the page."""
        sending = self.desk.publish(message, value, **more)
        return asyncio.run_coroutine_threadsafe(sending, self._loop).result(PATIENCE)

    def note(self, entries: list[dict[str, Any]]) -> None:
        """Have a page hear of these."""
        for each in entries:
            self.desk.api._journal.note(each)


@contextmanager
def served(app: Microservice | None = None) -> Iterator[Served]:
    """Run an application, that of `tests.desk.running` unless given, until the block ends."""
    loop = asyncio.new_event_loop()
    threading.Thread(target=loop.run_forever, daemon=True).start()
    started = running(app)
    desk = asyncio.run_coroutine_threadsafe(started.__aenter__(), loop).result(PATIENCE)
    preview = Preview()
    preview.files = {f"assets/{each.name}": each.read_bytes() for each in ASSETS.iterdir()}
    preview.files["assets/search-index.js"] = b"window.jararacaSearch = [];"
    server = listen(preview, 0, desk.api)
    try:
        yield Served(desk, address(server), loop)
    finally:
        server.shutdown()
        asyncio.run_coroutine_threadsafe(started.__aexit__(None, None, None), loop).result(PATIENCE)
        loop.call_soon_threadsafe(loop.stop)
