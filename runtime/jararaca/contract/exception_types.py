"""Exceptions and the types that options name; a group is what all that it consists of is."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any


def covers(types: tuple[type[Exception], ...], error: BaseException) -> bool:
    """Whether an exception is of one of the types, itself or by all that its group consists of."""
    if is_a(error, types):
        return True
    if not is_a(error, BaseExceptionGroup):
        return False
    return all(is_a(leaf, types) for leaf in leaves(error))


def is_a(error: BaseException, types: type[Any] | tuple[type[Any], ...]) -> bool:
    """`isinstance`, without asking for the exception's `__class__`, which is its author's code."""
    return issubclass(type(error), types)


def leaves(error: BaseException) -> Iterator[BaseException]:
    """The exceptions that a group consists of, however deep; the exception itself otherwise."""
    if not is_a(error, BaseExceptionGroup):
        yield error
        return
    waiting: list[BaseException] = [error]
    while waiting:
        if is_a(each := waiting.pop(), BaseExceptionGroup):
            waiting += reversed(each.exceptions)  # type: ignore[attr-defined]
        else:
            yield each


MAX_TEXT = 4_000
"""Characters of an exception's text: a handler may put a whole body into it."""


def text_of(error: BaseException) -> str:
    """What an exception says, which is its class's own code: one that fails says that alone."""
    try:
        text = str(error)
    except Exception as failure:
        return f"(its text cannot be had: {type(failure).__name__})"
    return text if len(text) <= MAX_TEXT else f"{text[:MAX_TEXT]}… ({len(text)} characters)"


def described(error: BaseException) -> str:
    """`ValueError: what it says`; the type alone where it says nothing."""
    text = text_of(error)
    return f"{type(error).__name__}: {text}" if text else type(error).__name__
