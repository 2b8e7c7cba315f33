"""The unit of work around one delivery: running the handler, and what it asked for."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from jararaca.application.ended_work import as_failure, ended_from_outside
from jararaca.application.unit_of_work import HandledBeforeError, Work, WorkHost
from jararaca.contract import headers
from jararaca.contract.exception_types import is_a, leaves
from jararaca.errors import ShuttingDownError
from jararaca.handlers.current_work import current_work
from jararaca.handlers.own_thread import is_own_thread
from jararaca.handlers.settlement import Ack, HandlerStopped, SettlementRequest, already_settled
from jararaca.handling.bound_handler import BoundHandler
from jararaca.handling.handler_result import (
    Failed,
    HandledBefore,
    HandlerResult,
    NotSettledError,
    Returned,
    ShutDown,
    succeeded,
)
from jararaca.messages.message import current_publisher
from jararaca.messages.received import MessageOf
from jararaca.printable import logger_named
from jararaca.publishing import replies
from jararaca.publishing.carried_headers import carried, implicit_headers
from jararaca.publishing.staged import StagedPublisher
from jararaca.transport import Transport

logger = logger_named("jararaca.worker")

RETURNED = Returned(settled=False)


class DeliveryWork(Work):
    """One try of a handler: its delivery's settlement, and what it publishes.

    `remember`, if given, is awaited once the publications are confirmed, before what follows.
    """

    __slots__ = (
        "_task",
        "acknowledged",
        "handler",
        "interrupted",
        "message",
        "remember",
        "requested",
        "transport",
    )

    kind = "delivery"
    source = None
    transport: Transport
    handler: BoundHandler
    message: MessageOf[Any]
    remember: Callable[[], Awaitable[None]] | None
    requested: SettlementRequest | None
    acknowledged: bool
    interrupted: bool
    _task: asyncio.Task[Any] | None

    def __init__(
        self,
        transport: Transport,
        host: WorkHost | None,
        handler: BoundHandler,
        message: MessageOf[Any],
    ) -> None:
        # One is made for each delivery: a dataclass's own, called by keywords, takes 2.5 times as
        # long, and so this is none. That no field is forgotten here is tested.
        self.transport = transport
        self.publisher = StagedPublisher(transport, None if host is None else host.app_id)
        if headers.QUIET in message.delivery.ours:
            self.publisher.quiet = True
        self.host = host
        self.handler = handler
        self.name = handler.name
        self.message = message
        self.once = self.progress = self.remember = self.requested = self._task = None
        self.commits = self.endings = self.rollbacks = None
        self.ended = self.acknowledged = self.interrupted = False

    @property
    def headers(self) -> Mapping[str, Any]:  # type: ignore[override]
        """What came along with the delivery: looked for once somebody asks."""
        return self.message.delivery.theirs

    def settle_as(self, settlement: SettlementRequest) -> None:
        """Record how the handler wants the delivery settled. Raises AlreadySettledError."""
        if self.requested is not None:
            raise already_settled()
        self.requested = settlement

    async def acknowledge(self) -> None:
        """Commit, send the staged publications, do what is to follow, then the ack."""
        await self.commit()
        await self.publisher.flush()
        await self.finish()
        await self.transport.ack(self.message.delivery)
        self.acknowledged = True

    def interrupt(self) -> None:
        """End the handler's task when another task or a thread has settled for it.

        In the thread of its own that a handler has, what is raised there ends it.
        """
        if is_own_thread():
            return
        try:
            running = asyncio.current_task()
        except RuntimeError:
            if (task := self._task) is not None:
                task.get_loop().call_soon_threadsafe(self._cancel_handler)
            return
        if running is not self._task:
            self._cancel_handler()

    async def run(self) -> HandlerResult:
        """Run the handler in this context; how it ended, and what it asked for.

        Raises CancelledError only where the worker itself is ending.
        """
        self._task = asyncio.current_task()
        working = current_work.set(self)
        publishing = current_publisher.set(self.publisher)
        try:
            if headers.CARRIED in self.message.delivery.ours:
                with implicit_headers(**carried(self.message.delivery)):
                    return await self._run()
            if self.host is None or self.host.around is None:
                return self._final(await self._call())
            return await self._run()
        finally:
            current_work.reset(working)
            current_publisher.reset(publishing)
            if self.interrupted and self._task is not None:
                self._task.uncancel()
            self._task = None

    async def _run(self) -> HandlerResult:
        """Run it inside the integrations and interceptors."""
        around = self.host.around if self.host else None
        if around is None:
            return self._final(await self._call())
        result: HandlerResult | None = None
        committed = False
        try:
            async with around(self):
                ended = await self._call()
                result = self._final(ended)
                if isinstance(ended, Failed) or not succeeded(self.handler.spec, result):
                    raise _signal(ended if isinstance(result, Ack) else result)
                await self.commit()
                committed = True
        except HandledBeforeError:
            return HandledBefore()
        except BaseException as error:
            return self._after(error, result, committed=committed)
        assert result is not None
        return result

    def _after(
        self, error: BaseException, result: HandlerResult | None, *, committed: bool
    ) -> HandlerResult:
        """The result where what is around the handler raises: its own error, or what it was told.

        Raises CancelledError where the worker is ending.
        """
        failure = self._failure(error)
        if result is None:
            return self._final(Failed(failure))
        if _is_signal(error):
            return result
        if committed or self.acknowledged:
            logger.error("%s: an error after the commit", self.name, exc_info=failure)
        elif succeeded(self.handler.spec, result):
            return self._final(Failed(failure))
        elif not isinstance(result, Failed) or result.error is not error:
            logger.error("%s: an error during the rollback", self.name, exc_info=failure)
        return result

    async def _call(self) -> HandlerResult:
        """Call the handler itself, and its exception handler where it fails."""
        handler, message = self.handler, self.message
        try:
            returned = await handler.call(message)
            if handler.replies:
                self._answer(returned)
        except ShuttingDownError as error:
            # What is acked cannot go back; and raised by hand it is an error like any other.
            stopping = self.requested is None and self._is_stopping
            return ShutDown() if stopping else await self._failed(error)
        except BaseException as error:
            failure = self._failure(error)
            return Failed(failure) if _is_signal(error) else await self._failed(failure)
        return RETURNED

    @property
    def _is_stopping(self) -> bool:
        return self.host is not None and self.host.stopping.is_set()

    def _answer(self, returned: object) -> None:
        """Stage the answer to a request; it goes out with all else that was published."""
        request = self.handler.route.message
        queues = self.host.reply_queues if self.host else ()
        publication = replies.answer(
            *(self.message.delivery, request, self.name, returned, queues),
            app_id=self.publisher.app_id,
        )
        if publication is not None:
            self.publisher.stage(publication)

    async def _failed(self, error: Exception) -> HandlerResult:
        """What the exception handler makes of a failure, where there is one."""
        exception_handler = self.handler.spec.exception_handler
        if exception_handler is None or self.requested is not None:
            return Failed(error)
        try:
            await self.roll_back()
            await exception_handler(self.message, error)
        except BaseException as another:
            return Failed(self._failure(another))
        return Failed(error) if self.requested is None else Returned(settled=self.acknowledged)

    def _failure(self, error: BaseException) -> Exception:
        """What the handler failed with. Raises the error where it ends the worker's task instead.

        Only a worker that stops cancels its tasks: a handler that cancels its own has failed.
        """
        if (task := self._task) is not None and ended_from_outside(error):
            others = task.cancelling() - int(self.interrupted)
            ending = others > 0 and (self.host is None or self._is_stopping)
            if ending or isinstance(error, GeneratorExit):
                raise error
            for _ in range(others):
                task.uncancel()
        return as_failure(self.name, error)

    def _final(self, result: HandlerResult) -> HandlerResult:
        """What the handler asked for wins over how it ended, but for a failure before its ack."""
        if self.requested is None:
            return result
        if isinstance(self.requested, Ack) and isinstance(result, Failed):
            if not self.acknowledged:
                return result
            logger.error("%s failed after its ack()", self.name, exc_info=result.error)
            self.drop()
        return self.requested

    def _cancel_handler(self) -> None:
        if self._task is not None:
            self.interrupted = True
            self._task.cancel()


def _is_signal(error: BaseException) -> bool:
    """Whether it only ends a handler that has settled, alone or out of a task group."""
    return any(is_a(each, HandlerStopped) for each in leaves(error))


def _signal(result: HandlerResult) -> BaseException:
    """What is raised inside the interceptors of work that is not to last."""
    match result:
        case Failed(error):
            return error
        case Returned():
            return NotSettledError("the handler returned without ack(), and auto_ack is off")
        case _:
            return HandlerStopped()
