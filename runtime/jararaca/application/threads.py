"""The threads of handlers that are no coroutines (`def`): a bounded pool of the application."""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from dataclasses import replace
from functools import wraps
from typing import Any

from jararaca.errors import ConfigurationError
from jararaca.handlers import own_thread
from jararaca.handlers.handler_spec import HandlerSpec
from jararaca.printable import logger_named

logger = logger_named("jararaca.work")

MOST_AT_ONCE = 40
"""Threads of one handler that says nothing of its `concurrency`."""


class Threads:
    """Makes coroutines of methods that are none; they run in as many threads as they asked for.

    A thread cannot be ended. At the timeout of its handler that is told, and the message stays
    unsettled until the thread ends; what it has done then counts. When the worker stops it is left
    behind, and its message goes back.
    """

    def __init__(self, stopping: asyncio.Event) -> None:
        self._stopping = stopping
        self._size = 0
        self._pool: ThreadPoolExecutor | None = None

    def awaitable(
        self, controller: type[Any], method: Callable[..., Any], at_once: int
    ) -> Callable[..., Awaitable[Any]]:
        """The method itself where it is a coroutine; else one that runs it in a thread.

        `at_once` is how many of it run at a time. Raises ConfigurationError for what is neither.
        """
        name = f"{controller.__qualname__}.{getattr(method, '__name__', method)}"
        if not runs_in_thread(method):
            return method
        _refuse_others(name, method)
        self._size += at_once

        @wraps(method)
        async def call(*arguments: Any) -> Any:
            returned = await self._returned(name, method, arguments)
            return await returned if inspect.isawaitable(returned) else returned

        return call

    def close(self) -> None:
        """Begin nothing more; what runs is not waited for."""
        if self._pool is not None:
            self._pool.shutdown(wait=False, cancel_futures=True)

    async def _returned(
        self, name: str, method: Callable[..., Any], arguments: tuple[Any, ...]
    ) -> Any:
        loop = asyncio.get_running_loop()
        if self._pool is None:
            self._pool = ThreadPoolExecutor(self._size, thread_name_prefix="jararaca-handler")
        job = self._pool.submit(copy_context().run, _call, loop, method, arguments)
        ended = asyncio.wrap_future(job)
        ended.add_done_callback(_retrieved)
        while True:
            try:
                return await asyncio.shield(ended)
            except asyncio.CancelledError:
                if ended.done():
                    return ended.result()
                if job.cancel() or self._stopping.is_set():
                    raise
                _tell(name)


def runs_in_thread(method: Callable[..., Any]) -> bool:
    """Whether it is no coroutine, nor wraps one as `functools.wraps` does."""
    return not inspect.iscoroutinefunction(inspect.unwrap(method))


def bounded(spec: HandlerSpec, method: Callable[..., Any]) -> HandlerSpec:
    """The options of a handler, which has no more at once than it has threads."""
    if spec.concurrency is not None or spec.ordered or not runs_in_thread(method):
        return spec
    return replace(spec, concurrency=MOST_AT_ONCE)


def _refuse_others(name: str, method: Callable[..., Any]) -> None:
    found = inspect.unwrap(method)
    if inspect.isgeneratorfunction(found) or inspect.isasyncgenfunction(found):
        what = "it yields, and what is yielded goes nowhere"
    elif not inspect.isroutine(method):
        what = f"it is no method but an object ({type(method).__name__})"
    else:
        return
    raise ConfigurationError(f"{name} cannot be called: {what}. Write an `async def` or a `def`")


def _call(
    loop: asyncio.AbstractEventLoop, method: Callable[..., Any], arguments: tuple[Any, ...]
) -> Any:
    """Call it, in its thread."""
    own_thread.enter(loop)
    try:
        return method(*arguments)
    except StopIteration as error:
        # No future can hold it.
        raise RuntimeError(f"StopIteration: {error.value}") from error


def _tell(name: str) -> None:
    logger.error(
        "%s is past its timeout and keeps running: it runs in a thread, which cannot be stopped. "
        "Its message stays unsettled until it ends, and is then settled by its result",
        name,
    )


def _retrieved(ended: asyncio.Future[Any]) -> None:
    """Nobody may wait for it any more, after a stop."""
    if not ended.cancelled():
        ended.exception()
