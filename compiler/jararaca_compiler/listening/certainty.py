"""Whether a bounded queue can have dropped anything, from what arrived and what was left: pure.

A queue that drops is full at that moment. What fills it then arrives later, or is there still. So
if less than a full queue has arrived since the queue was last seen empty, nothing was dropped.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(slots=True)
class Certainty:
    """Counts since the queue was last seen empty; `is_certain` stays False once it is."""

    max_messages: int
    max_bytes: int
    messages: int = 0
    bytes: int = 0
    is_certain: bool = True

    def arrived(self, size: int) -> None:
        """A message has arrived."""
        self.messages += 1
        self.bytes += size

    @property
    def wants_look(self) -> bool:
        """Whether it is time to ask how many messages are left."""
        return self.messages >= self.max_messages // 4 or self.bytes >= self.max_bytes // 8

    def left(self, number: int) -> None:
        """So many messages were ready just now."""
        # Half of the bytes: the last message that came may be as large as what it pushed out.
        if self.messages + number >= self.max_messages or self.bytes >= self.max_bytes // 2:
            self.is_certain = False
        if number == 0:
            self.messages = self.bytes = 0
