"""Who is in which room, in this process."""

from __future__ import annotations

from collections.abc import Hashable, Iterable
from typing import Generic, TypeVar

M = TypeVar("M", bound=Hashable)


class Rooms(Generic[M]):
    """Rooms by name and their members; a room is there as long as somebody is in it."""

    def __init__(self) -> None:
        self._members: dict[str, dict[M, None]] = {}
        self._rooms: dict[M, dict[str, None]] = {}

    def join(self, member: M, rooms: Iterable[str]) -> None:
        """Put a member into rooms; it may be in some of them, and joins none just to be known."""
        own = self._rooms.setdefault(member, {})
        for room in rooms:
            own[room] = None
            self._members.setdefault(room, {})[member] = None

    def leave(self, member: M, rooms: Iterable[str]) -> None:
        """Take a member out of rooms; it need not be in them."""
        for room in rooms:
            self._rooms.get(member, {}).pop(room, None)
            members = self._members.get(room, {})
            members.pop(member, None)
            if not members:
                self._members.pop(room, None)

    def forget(self, member: M) -> None:
        """Take a member out of all."""
        self.leave(member, tuple(self._rooms.get(member, ())))
        self._rooms.pop(member, None)

    def of(self, member: M) -> frozenset[str]:
        """The rooms that a member is in."""
        return frozenset(self._rooms.get(member, ()))

    def members(self, rooms: Iterable[str] | None = None) -> tuple[M, ...]:
        """Who is in any of the rooms, each once; without rooms, all that are known."""
        if rooms is None:
            return tuple(self._rooms)
        found: dict[M, None] = {}
        for room in rooms:
            found |= self._members.get(room, {})
        return tuple(found)
