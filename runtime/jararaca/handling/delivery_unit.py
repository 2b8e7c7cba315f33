"""The unit of work around one delivery: running the handler, and what it asked for."""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass
from typing import Any

from jararaca.application.unit_of_work import HandledBeforeError, Work
from jararaca.contract import headers
from jararaca.errors import ShuttingDownError
from jararaca.handlers.current_work import WorkKind, current_work
from jararaca.handlers.settlement import Ack, Asked, HandlerStopped, already_settled
from jararaca.handling.bound_route import BoundRoute
from jararaca.handling.settlement_policy import (
    Failed,
    HandledBefore,
    NotSettledError,
    Outcome,
    Returned,
    ShutDown,
    succeeded,
)
from jararaca.messages.message import current_publisher
from jararaca.messages.received import MessageOf
from jararaca.publishing import replies
from jararaca.publishing.carried_headers import carried, implicit_headers
from jararaca.transport import Delivery, Transport

logger = logging.getLogger("jararaca.worker")

STUBBORN_SECONDS = 5.0
"""How long a handler may tidy up after it was cancelled before it is reported."""
RETURNED = Returned(settled=False)
STOPPED = (HandlerStopped, asyncio.CancelledError, BaseExceptionGroup)


@dataclass(slots=True, kw_only=True)
class UnitOfWork(Work):
    """One delivery's settlement and its staged publications; a handler's context."""

    transport: Transport
    delivery: Delivery
    kind: WorkKind = "delivery"
    asked: Asked | None = None
    acknowledged: bool = False
    interrupted: bool = False
    _task: asyncio.Task[Any] | None = None

    def ask(self, settlement: Asked) -> None:
        """Record how the handler wants the delivery settled. Raises AlreadySettledError."""
        if self.asked is not None:
            raise already_settled()
        self.asked = settlement

    async def acknowledge(self) -> None:
        """Commit, send the staged publications, do what is to follow, then the ack."""
        await self.commit()
        await self.publisher.flush()
        await self.finish()
        await self.transport.ack(self.delivery)
        self.acknowledged = True

    def interrupt(self) -> None:
        """End the handler's task when another task or a thread has settled for it."""
        try:
            running = asyncio.current_task()
        except RuntimeError:
            if (task := self._task) is not None:
                task.get_loop().call_soon_threadsafe(self._cancel_handler)
            return
        if running is not self._task:
            self._cancel_handler()

    async def run(self, row: BoundRoute, message: MessageOf[Any]) -> Outcome:
        """Run the handler in this context; its outcome, with what it asked for.

        Raises CancelledError only where the worker itself is ending.
        """
        self._task = asyncio.current_task()
        self.name, self.message, self.headers = row.name, message, self.delivery.theirs
        working = current_work.set(self)
        publishing = current_publisher.set(self.publisher)
        try:
            if headers.CARRIED in self.delivery.ours:
                with implicit_headers(**carried(self.delivery)):
                    return await self._run(row, message)
            if self.host is None or self.host.around is None:
                return self._final(row, await self._outcome(row, message))
            return await self._run(row, message)
        finally:
            current_work.reset(working)
            current_publisher.reset(publishing)
            if self.interrupted and self._task is not None:
                self._task.uncancel()
            self._task = None

    async def _run(self, row: BoundRoute, message: MessageOf[Any]) -> Outcome:
        around = self.host.around if self.host else None
        if around is None:
            return self._final(row, await self._outcome(row, message))
        outcome: Outcome | None = None
        committed = False
        try:
            async with around(self):
                ended = await self._outcome(row, message)
                outcome = self._final(row, ended)
                if isinstance(ended, Failed) or not succeeded(row.spec, outcome):
                    raise _signal(ended if isinstance(outcome, Ack) else outcome)
                await self.commit()
                committed = True
        except HandledBeforeError:
            return HandledBefore()
        except Exception as error:
            if committed or (outcome is not None and self.acknowledged):
                logger.exception("%s: an error after its commit", row.name)
            elif outcome is None or succeeded(row.spec, outcome):
                return self._final(row, Failed(error))
            elif not isinstance(outcome, Failed) or outcome.error is not error:
                logger.exception("%s: an error while it was rolled back", row.name)
        except STOPPED as stopped:
            if outcome is None:
                return self._final(row, self._stopped(row, stopped))
            if isinstance(stopped, asyncio.CancelledError):
                raise
        assert outcome is not None
        return outcome

    async def _outcome(self, row: BoundRoute, message: MessageOf[Any]) -> Outcome:
        try:
            call = row.call(message) if row.spec.timeout is None else _timed(row, message)
            returned = await call
            if row.route.message.MESSAGE_REPLIES:
                self._answer(row, returned)
        except ShuttingDownError as error:
            # What is acked cannot go back; and raised by hand it is an error like any other.
            stopping = self.asked is None and self.host is not None and self.host.stopping.is_set()
            return ShutDown() if stopping else await self._failed(row, message, error)
        except Exception as error:
            return await self._failed(row, message, error)
        except STOPPED as stopped:
            return self._stopped(row, stopped)
        return RETURNED

    def _answer(self, row: BoundRoute, returned: object) -> None:
        """Stage the answer to a request; it goes out with all else that was published."""
        queues = self.host.reply_queues if self.host else ()
        publication = replies.answer(self.delivery, row.route.message, row.name, returned, queues)
        if publication is not None:
            self.publisher.stage(publication)

    async def _failed(self, row: BoundRoute, message: MessageOf[Any], error: Exception) -> Outcome:
        """What the exception handler makes of a failure, where there is one."""
        if row.spec.exception_handler is None or self.asked is not None:
            return Failed(error)
        try:
            await self.roll_back()
            await row.spec.exception_handler(message, error)
        except Exception as another:
            return Failed(another)
        except STOPPED as stopped:
            return self._stopped(row, stopped)
        return Failed(error) if self.asked is None else Returned(settled=self.acknowledged)

    def _stopped(self, row: BoundRoute, stopped: BaseException) -> Outcome:
        """The outcome of a handler that ended by a signal rather than an error."""
        ending = self._task is not None and self._task.cancelling() > int(self.interrupted)
        if ending and isinstance(stopped, asyncio.CancelledError):
            raise stopped
        failure = RuntimeError(f"{row.name} was cancelled from within")
        failure.__cause__ = stopped
        return Failed(failure)

    def _final(self, row: BoundRoute, outcome: Outcome) -> Outcome:
        """What the handler asked for wins over how it ended, but for a failure before its ack."""
        if self.asked is None:
            return outcome
        if isinstance(self.asked, Ack) and isinstance(outcome, Failed):
            if not self.acknowledged:
                return outcome
            logger.error("%s failed after its ack()", row.name, exc_info=outcome.error)
            self.drop()
        return self.asked

    def _cancel_handler(self) -> None:
        if self._task is not None:
            self.interrupted = True
            self._task.cancel()


def _signal(outcome: Outcome) -> BaseException:
    """What is raised inside the interceptors of work that is not to last."""
    match outcome:
        case Failed(error):
            return error
        case Returned():
            return NotSettledError("the handler returned without ack(), and auto_ack is off")
        case _:
            return HandlerStopped()


async def _timed(row: BoundRoute, message: MessageOf[Any]) -> Any:
    timeout = row.spec.timeout
    assert timeout is not None
    deadline = asyncio.timeout(timeout)
    loop = asyncio.get_running_loop()
    report = loop.call_later(timeout + STUBBORN_SECONDS, _report_stubborn, row, timeout)
    try:
        async with deadline:
            return await row.call(message)
    except TimeoutError:
        if not deadline.expired():
            raise
        raise TimeoutError(f"{row.name} took longer than {timeout:g} s") from None
    finally:
        report.cancel()


def _report_stubborn(row: BoundRoute, timeout: float) -> None:
    logger.error(
        "%s was cancelled at its timeout of %g s and goes on: it catches CancelledError, and its "
        "message stays unsettled until it ends",
        row.name,
        timeout,
    )
