"""Which messages fail as if a dependency were out, and which of these fail for their own reason."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass
from hashlib import blake2b
from typing import Literal

from jararaca.transport import Delivery

TO_BLAME = 3
"""How often a message fails although others have passed, until the failure is its own."""

KEPT = 1_000
"""Failing messages that are remembered, the latest: where more fail, it is no single message."""


def key_of(delivery: Delivery) -> bytes:
    """What a message is known by when it comes again: its id and its body."""
    named = f"{delivery.properties.message_id}\0{delivery.routing_key}\0".encode(
        errors="surrogatepass"
    )
    return blake2b(named + delivery.body, digest_size=16).digest()


Blamed = Literal["message", "perhaps", "nobody"]
"""Whose fault a failure is: the message's own, or perhaps; or nothing points to it."""


@dataclass(slots=True)
class Failing:
    """One message: when it first failed, and how many had passed at its first and latest failure.

    `strikes` counts its failures after another message had passed.
    """

    since: float
    first: int
    latest: int
    strikes: int = 0


class FailingMessages:
    """The messages of one handler that fail as in an outage.

    Evidence against a message is that others pass while it fails. Where it alone fails, and there
    is nothing to compare it with, time is the only evidence: its limit.
    """

    def __init__(self) -> None:
        self._passed = 0
        self._known: OrderedDict[bytes, Failing] = OrderedDict()
        self._since_pass: set[bytes] = set()

    def passed(self, key: bytes) -> None:
        """A message has passed: the dependency works."""
        self._passed += 1
        self._since_pass.clear()
        self._known.pop(key, None)

    def failed(self, key: bytes, now: float, limit: float | None) -> Blamed:
        """What a failure is put down to; `limit` is in seconds, None for no limit.

        Others that have failed since the last one passed speak for an outage.
        """
        message = self._known.setdefault(key, Failing(now, self._passed, self._passed))
        if len(self._known) > KEPT:
            self._since_pass.discard(self._known.popitem(last=False)[0])
        self._since_pass.add(key)
        alone = self._since_pass == {key}
        overtaken = self._passed > (message.first if alone else message.latest)
        message.strikes += overtaken
        message.latest = self._passed
        expired = limit is not None and now - message.since >= limit
        if alone and (message.strikes >= TO_BLAME or expired):
            self._since_pass.clear()
            return "message"
        return "perhaps" if overtaken else "nobody"
