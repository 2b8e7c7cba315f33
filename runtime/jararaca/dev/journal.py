"""What has happened at the desk, for pages that are open: the last entries, and no more of them."""

from __future__ import annotations

import json
import threading
from collections import OrderedDict, deque
from collections.abc import Callable, Sequence
from itertools import islice
from secrets import token_hex
from typing import Any

MOST_ENTRIES = 2_000
MOST_CHARACTERS = 8_000_000
"""Of all entries together: a page gets them all when it is opened."""

MOST_OF_A_BODY = 20_000
"""Characters of a body that an entry has; the whole one is kept apart, for a while."""

MOST_BODIES = 32_000_000


class Journal:
    """Entries as JSON, numbered; written by the event loop, read by the threads of the pages.

    An entry's `run` is this process's: after another start the numbers begin anew.
    """

    def __init__(self) -> None:
        self._run = token_hex(4)
        self._entries: deque[str] = deque()
        self._count = self._characters = 0
        self._bodies: OrderedDict[str, str] = OrderedDict()
        self._in_bodies = 0
        self._told = threading.Condition()
        self.share: Callable[[dict[str, Any]], None] | None = None

    def note(self, entry: dict[str, Any], *, is_own: bool = True) -> None:
        """Keep an entry, and forget the oldest; `share` is told of this process's own."""
        if is_own and self.share is not None:
            self.share(entry)
        with self._told:
            text = json.dumps({"run": self._run, "n": self._count, **entry}, default=str)
            self._entries.append(text)
            self._count += 1
            self._characters += len(text)
            while len(self._entries) > MOST_ENTRIES or self._characters > MOST_CHARACTERS:
                self._characters -= len(self._entries.popleft())
            self._told.notify_all()

    def wait(self, known: int, seconds: float) -> tuple[int, Sequence[str]]:
        """The entries after the first `known` ones, as soon as there is one."""
        with self._told:
            self._told.wait_for(lambda: self._count > known, seconds)
            old = len(self._entries) - min(self._count - known, len(self._entries))
            return self._count, tuple(islice(self._entries, old, None))

    def shortened(self, id: str, body: str) -> str:
        """A body as an entry has it; a longer one is kept to be asked for by the message's id."""
        if len(body) <= MOST_OF_A_BODY:
            return body
        with self._told:
            self._in_bodies += len(body) - len(self._bodies.pop(id, ""))
            self._bodies[id] = body
            while self._in_bodies > MOST_BODIES:
                self._in_bodies -= len(self._bodies.popitem(last=False)[1])
        return body[:MOST_OF_A_BODY]

    def body(self, id: str) -> str | None:
        """The whole body of a message whose entry is short of it; None once it is forgotten."""
        with self._told:
            return self._bodies.get(id)
