"""The unit of work around a batch: one call of the handler, one commit, and what is published."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from contextlib import AbstractAsyncContextManager, nullcontext
from typing import Any

from jararaca.application.ended_work import as_failure, ended_from_outside
from jararaca.application.unit_of_work import NO_HEADERS, Work, WorkHost
from jararaca.errors import ShuttingDownError
from jararaca.handlers.current_work import WorkKind, current_work
from jararaca.handling.bound_handler import BoundHandler
from jararaca.handling.handler_result import Failed, HandlerResult, Returned, ShutDown
from jararaca.messages.message import current_publisher
from jararaca.messages.received import MessageOf
from jararaca.printable import logger_named
from jararaca.publishing.staged import StagedPublisher
from jararaca.transport import Transport

logger = logger_named("jararaca.worker")


class BatchWork(Work):
    """One call of a handler with a batch. `failures` are the messages that it gave up itself.

    `committed`: what it did has lasted, whatever followed.
    """

    __slots__ = ("_batch", "_handler", "committed", "failures")

    def __init__(
        self,
        transport: Transport,
        host: WorkHost | None,
        handler: BoundHandler,
        batch: Sequence[MessageOf[Any]],
    ) -> None:
        kind: WorkKind = "batch"
        super().__init__(
            publisher=StagedPublisher(transport, None if host is None else host.app_id),
            host=host,
            kind=kind,
            name=handler.name,
            headers=NO_HEADERS,
        )
        self._handler = handler
        self._batch = tuple(batch)
        self.committed = False
        self.failures: dict[int, Exception] = {}

    @property
    def messages(self) -> Sequence[MessageOf[Any]]:
        """The messages of the batch, in the order in which they came."""
        return self._batch

    def fail(self, message: MessageOf[Any], error: Exception) -> None:
        """Note that one message has failed. Raises ValueError for one of no batch of this work."""
        if not any(message is each for each in self._batch):
            raise ValueError("fail() takes a message of the batch that is being handled")
        self.failures[id(message)] = error

    async def run(self) -> HandlerResult:
        """Call the handler, commit, and send what it published; how that ended.

        Raises CancelledError only where the worker itself is ending.
        """
        working = current_work.set(self)
        publishing = current_publisher.set(self.publisher)
        try:
            result = await self._called()
        finally:
            current_work.reset(working)
            current_publisher.reset(publishing)
            self.end()
        if isinstance(result, Returned):
            return await self._published()
        self.drop()
        return result

    async def _called(self) -> HandlerResult:
        around = self.host.around if self.host else None
        surroundings: AbstractAsyncContextManager[None] = nullcontext()
        try:
            if around is not None:
                surroundings = around(self)
            async with surroundings:
                await self._handler.call(list(self._batch))
                if self.failures and self.progress is not None:
                    # Of a stream nothing may last beyond what has failed.
                    raise next(iter(self.failures.values()))
                await self.commit()
                self.committed = True
        except ShuttingDownError as error:
            return ShutDown() if self._is_stopping else Failed(error)
        except BaseException as error:
            failure = self._failure(error)
            if not self.committed:
                return Failed(failure)
            logger.error("%s: an error after the commit", self.name, exc_info=failure)
        return Returned(settled=True)

    @property
    def _is_stopping(self) -> bool:
        return self.host is not None and self.host.stopping.is_set()

    def _failure(self, error: BaseException) -> Exception:
        """What the handler failed with. Raises the error where it ends the worker's task instead.

        Only a worker that stops cancels its tasks: a handler that cancels its own has failed.
        """
        if ended_from_outside(error):
            task = asyncio.current_task()
            if task is None or self.host is None or self._is_stopping:
                raise error
            while task.uncancel():
                pass
        return as_failure(self.name, error)

    async def _published(self) -> HandlerResult:
        try:
            await self.publisher.flush()
        except Exception as failure:
            return Failed(failure)
        await self.finish()
        return Returned(settled=True)
