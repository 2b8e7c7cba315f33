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
    waiting: list[BaseException] = [error]
    while waiting:
        if isinstance(each := waiting.pop(), BaseExceptionGroup):
            waiting += reversed(each.exceptions)
        else:
            yield each


def text_of(error: BaseException) -> str:
    """What an exception says, which is its class's own code: one that fails says that alone."""
    try:
        return str(error)
    except Exception as failure:
        return f"(its text cannot be had: {type(failure).__name__})"


def described(error: BaseException) -> str:
    """`ValueError: what it says`; the type alone where it says nothing."""
    text = text_of(error)
    return f"{type(error).__name__}: {text}" if text else type(error).__name__
