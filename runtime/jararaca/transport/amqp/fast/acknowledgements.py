"""The settlements of a channel: many acks of one loop tick become few frames."""

from __future__ import annotations

import struct
from collections.abc import Callable

ACK = b"\x00\x3c\x00\x50"
NACK = b"\x00\x3c\x00\x78"
REJECT = b"\x00\x3c\x00\x5a"
MULTIPLE = 1
REQUEUE = {NACK: 2, REJECT: 1}
"""Gives a delivery back: the bit of each method's flags."""

_SETTLE = struct.Struct(">BHI4sQBB")
_SIZE = 13


class Acknowledgements:
    """What is open on one channel, what was settled, and the frames that tell the broker.

    Delivery tags count up on a channel. The acks below the lowest open tag become one with
    `multiple`; those above it are acked one by one. `dirty` is called at the first settlement
    after each `collect`, unless acks are gathered. A tag that is not open is not settled again, so
    that after `close` nothing is: the tags belong to a channel that is gone, and the broker
    delivers again.
    """

    __slots__ = ("_acked", "_channel", "_dirty", "_later", "_open", "_refused", "_together")

    def __init__(self, channel: int, dirty: Callable[[Acknowledgements], None]) -> None:
        self._channel = channel
        self._dirty = self._later = dirty
        self._together = 1
        self._open: dict[int, bool] = {}
        self._acked: list[int] = []
        self._refused: list[tuple[int, bytes]] = []

    @property
    def open(self) -> int:
        """How many deliveries are not settled."""
        return len(self._open)

    def holds(self, tag: int) -> bool:
        """Whether a delivery is still to be settled here."""
        return tag in self._open

    def gather(self, number: int, later: Callable[[Acknowledgements], None]) -> None:
        """Have so many acks wait for one another; `later` is called at the first of them.

        For a stream, whose acks are no more than credit.
        """
        self._together, self._later = max(1, number), later

    def delivered(self, tag: int) -> None:
        """A delivery has come; tags come in ascending order."""
        self._open[tag] = True

    def ack(self, tag: int) -> None:
        """Settle for good."""
        if self._open.pop(tag, False):
            self._acked.append(tag)
            if self._refused:
                return
            if len(self._acked) == self._together:
                self._dirty(self)
            elif len(self._acked) == 1:
                self._later(self)

    def requeue(self, tag: int, *, failed: bool = False) -> None:
        """Give back to the queue; what `failed` counts towards the queue's delivery limit."""
        if self._open.pop(tag, False):
            if len(self._acked) < self._together and not self._refused:
                self._dirty(self)
            self._refused.append((tag, REJECT if failed else NACK))

    def close(self) -> None:
        """The channel is gone: forget what is open and what was not sent."""
        self._open.clear()
        self._acked.clear()
        self._refused.clear()

    def collect(self) -> bytes:
        """The frames for everything settled since the last call; nacks first.

        A nack must reach the broker before an ack with `multiple` that passes over its tag.
        """
        frames = [self._frame(how, tag, REQUEUE[how]) for tag, how in self._refused]
        lowest = next(iter(self._open), None)
        if lowest is None:
            below, above = self._acked, []
        else:
            below = [tag for tag in self._acked if tag < lowest]
            above = [tag for tag in self._acked if tag > lowest]
        if below:
            frames.append(self._frame(ACK, max(below), MULTIPLE))
        frames.extend(self._frame(ACK, tag, 0) for tag in above)
        self._acked, self._refused = [], []
        return b"".join(frames)

    def _frame(self, method: bytes, tag: int, bits: int) -> bytes:
        return _SETTLE.pack(1, self._channel, _SIZE, method, tag, bits, 0xCE)
