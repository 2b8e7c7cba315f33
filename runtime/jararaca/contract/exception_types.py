"""Exceptions and the types that options name; a group is what all that it consists of is."""

from __future__ import annotations

from collections.abc import Iterator


def covers(types: tuple[type[Exception], ...], error: BaseException) -> bool:
    """Whether an exception is of one of the types, itself or by all that its group consists of."""
    if isinstance(error, types):
        return True
    if not isinstance(error, BaseExceptionGroup):
        return False
    return all(isinstance(leaf, types) for leaf in leaves(error))


def leaves(error: BaseException) -> Iterator[BaseException]:
    """The exceptions that a group consists of, however deep; the exception itself otherwise."""
    if not isinstance(error, BaseExceptionGroup):
        yield error
        return
    for each in error.exceptions:
        yield from leaves(each)
