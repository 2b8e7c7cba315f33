"""Values that are made by the thousand in a second: frozen to type checkers alone.

To make a frozen dataclass takes three to four times as long, since each of its fields is set past
the guard. Nobody changes one of these either: `mypy` says where somebody would.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

T = TypeVar("T")

if TYPE_CHECKING:
    from dataclasses import dataclass as quick_dataclass
else:

    def quick_dataclass(*, frozen: bool, slots: bool) -> Callable[[type[T]], type[T]]:
        """A dataclass that can be hashed as a frozen one can."""
        return dataclass(slots=slots, unsafe_hash=frozen)


__all__ = ["quick_dataclass"]
