"""Controllers: classes whose methods handle messages, and the handlers of their instances."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from jararaca.handlers.decorators import MessageHandler, handlers_of
from jararaca.messages.message import Message
from jararaca.messages.received import MessageOf

T = TypeVar("T")
CONTROLLER = "__jararaca_controller__"


@dataclass(frozen=True, slots=True)
class MessageHandlerData:
    """One handler of a controller: the message that it takes, how, and what is called."""

    message_type: type[Message]
    spec: MessageHandler[Any, Any]
    callable: Callable[[MessageOf[Any]], Awaitable[Any]]


MessageBusFactory = Callable[[Any], set[MessageHandlerData]]
"""From an instance of a controller to its handlers."""


class MessageBusController:
    """Marks a class whose methods handle messages.

    `messagebus_factory` says which handlers an instance has; by default they are all its methods
    with a `@MessageHandler`.
    """

    def __init__(self, messagebus_factory: MessageBusFactory | None = None) -> None:
        if isinstance(messagebus_factory, type):
            name = messagebus_factory.__name__
            raise TypeError(f"@MessageBusController() has parentheses: write them above {name}")
        self._messagebus_factory = messagebus_factory or handlers_of_instance

    def __call__(self, controller: type[T]) -> type[T]:
        """Mark the class and give it back."""
        self.register(controller, self)
        return controller

    def get_messagebus_factory(self) -> MessageBusFactory:
        """What gives the handlers of an instance."""
        return self._messagebus_factory

    @staticmethod
    def register(controller: type[Any], messagebus: MessageBusController) -> None:
        """Mark a class, as the decorator does."""
        setattr(controller, CONTROLLER, messagebus)

    @staticmethod
    def get_messagebus(controller: type[Any]) -> MessageBusController | None:
        """What a class was marked with; None where it was not."""
        found = getattr(controller, CONTROLLER, None)
        return found if isinstance(found, MessageBusController) else None


def handlers_of_instance(controller: Any) -> set[MessageHandlerData]:
    """All methods with a `@MessageHandler`, bound to their controller; of a class, as they are.

    A method of several messages is there once for each.
    """
    found = set()
    for method in handlers_of(controller if isinstance(controller, type) else type(controller)):
        handler = MessageHandler.get_message_incoming(method)
        assert handler is not None
        bound = getattr(controller, method.__name__)
        for message in handler.message_types:
            found.add(MessageHandlerData(message, handler, bound))
    return found


def handlers_chosen(controller: Any) -> set[MessageHandlerData]:
    """The handlers of an instance, or of a class, by the factory that the class is marked with."""
    kind = controller if isinstance(controller, type) else type(controller)
    messagebus = MessageBusController.get_messagebus(kind)
    factory = handlers_of_instance if messagebus is None else messagebus.get_messagebus_factory()
    return factory(controller)
