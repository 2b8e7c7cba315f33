"""Whether an error says that a channel or a connection has gone."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager


def is_lost(error: BaseException) -> bool:
    """Whether it is the broker's or the network's, and no fault of ours.

    aiormq passes a CancelledError on to those who wait on a channel that it closes.
    """
    from aiormq.exceptions import AMQPError, ChannelInvalidStateError

    if isinstance(error, asyncio.CancelledError):
        task = asyncio.current_task()
        return task is None or not task.cancelling()
    if type(error) is RuntimeError:
        return "closed" in str(error)
    return isinstance(error, AMQPError | ChannelInvalidStateError | OSError | EOFError)


@contextmanager
def unless_lost() -> Iterator[None]:
    """Goes on behind what could not be done because channel or connection had gone."""
    try:
        yield
    except BaseException as error:
        if not is_lost(error):
            raise
