"""How far a stream is read, as part of the unit of work that handles what was read."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Progress:
    """From the offset `before` (None: nothing was handled yet) to `after`, stored under `name`.

    `strikes` is how often the message behind `after` has been begun without being got past.
    """

    name: str
    stream: str
    before: int | None
    after: int
    strikes: int = 0


@dataclass(frozen=True, slots=True)
class Place:
    """The offset of the last message that was handled, and the strikes of the one behind it."""

    position: int
    strikes: int = 0


class Offsets(Protocol):
    """Keeps the offset of the last message that was handled of a stream, by a name.

    `in_transaction`: at the commit of a work with `progress` it is there, and `advance` is for what
    nothing was done with.
    """

    in_transaction: bool

    @property
    def place(self) -> str:
        """Where they are, for people."""

    async def load(self, name: str) -> Place | None:
        """The offset; None where nothing was begun. Raises BackendError."""

    async def advance(self, progress: Progress) -> None:
        """Store it. Raises BackendError, and StreamTakenError where another one went on."""
