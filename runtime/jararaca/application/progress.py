"""How far a stream is read, as part of the unit of work that handles what was read."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Progress:
    """From the offset `before` (None: nothing was handled yet) to `after`, stored under `name`."""

    name: str
    stream: str
    before: int | None
    after: int


class Offsets(Protocol):
    """Keeps the offset of the last message that was handled of a stream, by a name.

    `in_transaction`: at the commit of a work with `progress` it is there, and `advance` is for what
    nothing was done with.
    """

    in_transaction: bool

    @property
    def place(self) -> str:
        """Where they are, for people."""

    async def load(self, name: str) -> int | None:
        """The offset; None where nothing was handled. Raises BackendError."""

    async def advance(self, progress: Progress) -> None:
        """Store it. Raises BackendError, and StreamTakenError where another one went on."""
