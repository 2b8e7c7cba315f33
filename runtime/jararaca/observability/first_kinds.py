"""Kinds of something that strangers name, told once each and never more than a number of them."""

from __future__ import annotations

from collections.abc import Hashable
from typing import Generic, Literal, TypeVar

K = TypeVar("K", bound=Hashable)


class FirstKinds(Generic[K]):
    """Remembers the first `most` kinds; all further ones are one kind."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._known: set[K] = set()
        self._full = False

    def meet(self, kind: K) -> Literal["new", "known", "last", "other"]:
        """Whether a kind is new; `last` is said once, of the first that there is no room for."""
        if kind in self._known:
            return "known"
        if len(self._known) < self._most:
            self._known.add(kind)
            return "new"
        if self._full:
            return "other"
        self._full = True
        return "last"
