"""What is around a handler of the message bus: its delivery, and what an application adds to it."""

from __future__ import annotations

from contextlib import AbstractAsyncContextManager, nullcontext
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from jararaca.application.unit_of_work import Interceptor, Work
from jararaca.handlers.bus_message_controller import BusMessageController
from jararaca.messages.received import MessageOf

if TYPE_CHECKING:
    from dishka import Provider


@dataclass(frozen=True, slots=True)
class MessageBusAppContext:
    """The delivery that is being handled: its message, its topic, its handler, and its settling."""

    message: MessageOf[Any]
    topic: str
    handler: str
    controller: BusMessageController


class UnitOfWorkContextProvider:
    """What stands around each handler besides the application's own: override `__call__`.

    The context is entered before the handler begins and left after its work was committed or has
    failed; a failure is raised inside.
    """

    def __call__(self, context: MessageBusAppContext) -> AbstractAsyncContextManager[Any]:
        """The context for one delivery."""
        return nullcontext()

    def interceptor(self) -> Interceptor:
        """The same as an interceptor of a Microservice; what is no delivery goes on without it."""

        def around(work: Work) -> AbstractAsyncContextManager[Any]:
            if work.message is None:
                return nullcontext()
            return self(context_of(work.message, work.name))

        return around


class Container:
    """What gives controllers their constructors' arguments, before the application's providers.

    `providers` are dishka's; they win over the application's own.
    """

    def __init__(self, *providers: Provider) -> None:
        self.providers = providers


def context_of(message: MessageOf[Any], handler: str) -> MessageBusAppContext:
    """The context of a delivery."""
    return MessageBusAppContext(message, message.topic, handler, BusMessageController())
