"""One unit of work, for a delivery, a request or a scheduled run, and what is around it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Protocol

from jararaca.application.ended_work import ended_from_outside
from jararaca.application.progress import Progress
from jararaca.handlers.current_work import WorkKind
from jararaca.messages.received import MessageOf
from jararaca.printable import logger_named
from jararaca.publishing.staged import StagedPublisher
from jararaca.transport import Transport

logger = logger_named("jararaca.work")

NO_HEADERS: Mapping[str, Any] = MappingProxyType({})


class WorkHost(Protocol):
    """The application that a unit of work runs in: a `Host`, as far as the work goes."""

    @property
    def transport(self) -> Transport:
        """The broker."""

    @property
    def backend_url(self) -> str | None:
        """What the application's processes share besides the broker."""

    @property
    def reply_queues(self) -> Sequence[str]:
        """The queues that replies may go to besides the usual ones."""

    @property
    def app_id(self) -> str | None:
        """Who publishes, as AMQP's property of that name tells it."""

    @property
    def stopping(self) -> asyncio.Event:
        """Set once the application begins to stop."""

    @property
    def around(self) -> Callable[[Work], AbstractAsyncContextManager[None]] | None:
        """The integrations and interceptors as one; None where there is none."""

    def unit_of_work(self, work: Work | None = None) -> AbstractAsyncContextManager[Work]:
        """Another unit of work, beside this one."""


class HandledBeforeError(Exception):
    """Ends a unit of work whose message was handled already: it is acked, and nothing is done."""


@dataclass(slots=True, kw_only=True)
class Work:
    """One unit of work, as interceptors and integrations see it.

    `name` is the handler's, the endpoint's or the schedule's; `headers` are what came along with
    the delivery or the request; `message` is the delivery's, `source` what else began it (the HTTP
    request, the scheduled occurrence). `once` is what an idempotent handler's message is
    remembered by, `progress` how far its stream is read once it has succeeded. `publisher` keeps
    what is published until the work has succeeded.
    """

    publisher: StagedPublisher
    host: WorkHost | None = None
    kind: WorkKind = "call"
    name: str = ""
    headers: Mapping[str, Any] = field(default_factory=lambda: NO_HEADERS)
    message: MessageOf[Any] | None = None
    source: Any = None
    once: str | None = None
    progress: Progress | None = None
    commits: list[Callable[[], Awaitable[None]]] | None = None
    endings: list[Callable[[], Awaitable[None]]] | None = None
    ended: bool = False
    rollbacks: list[Callable[[], Awaitable[None]]] | None = None

    @property
    def messages(self) -> Sequence[MessageOf[Any]]:
        """The messages that are handled: one, or those of a batch, whose `message` is None."""
        return () if self.message is None else (self.message,)

    def on_commit(self, commit: Callable[[], Awaitable[None]]) -> None:
        """Have `commit` awaited when the work has succeeded, before anything is published.

        With `ack()` in a handler it is awaited at the ack, and again at the end.
        """
        if self.commits is None:
            self.commits = []
        self.commits.append(commit)

    def on_rollback(self, rollback: Callable[[], Awaitable[None]]) -> None:
        """Have `rollback` awaited between a failure and the handler's own exception handler.

        What that one does may be committed by its `ack()`: what failed before it must not be.
        """
        if self.rollbacks is None:
            self.rollbacks = []
        self.rollbacks.append(rollback)

    async def commit(self) -> None:
        """Make lasting what was done, in the order in which it was opened."""
        for commit in self.commits or ():
            await commit()

    def on_done(self, ending: Callable[[], Awaitable[None]]) -> None:
        """Have `ending` awaited once, after the commits and the publications; not after a failure.

        An error in it is logged and changes nothing: what the work did has lasted. With `ack()` in
        a handler it is awaited at the ack.
        """
        if self.endings is None:
            self.endings = []
        self.endings.append(ending)

    async def finish(self) -> None:
        """Do what was to be done at the end, in order."""
        endings, self.endings = self.endings or (), None
        for ending in endings:
            try:
                await ending()
            except BaseException as error:
                if ended_from_outside(error):
                    raise
                logger.exception("%s: an error in work.on_done(), after the commit", self.name)

    def end(self) -> None:
        """Nothing more is part of the work: what tasks that go on ask for is done at once."""
        self.ended = self.publisher.ended = True

    def drop(self) -> None:
        """Forget what is staged: the work failed."""
        self.publisher.drop()
        self.endings = None

    async def roll_back(self) -> None:
        """Undo what was done and is not committed, and forget what is staged."""
        self.drop()
        for rollback in self.rollbacks or ():
            await rollback()


Interceptor = Callable[[Work], AbstractAsyncContextManager[Any]]
"""Wraps a unit of work: entered before it begins, left after it was committed or has failed.

A failure is raised inside, so that `except` and `finally` see it; it ends the work even where the
interceptor swallows it. What `reject()`, `retry()` and their like raise is no Exception.
"""

Surrounding = Callable[[Work], AbstractAsyncContextManager[Any] | None]


def surrounded(
    surroundings: Sequence[Surrounding],
) -> Callable[[Work], AbstractAsyncContextManager[None]] | None:
    """All of them as one, entered in their order and left in reverse; None where there is none."""
    if not surroundings:
        return None

    @asynccontextmanager
    async def around(work: Work) -> AsyncIterator[None]:
        async with AsyncExitStack() as stack:
            for surrounding in surroundings:
                if (entered := surrounding(work)) is not None:
                    await stack.enter_async_context(entered)
            yield

    return around
