"""What a handler receives: one delivery of a message, typed by the message's class."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Generic, Protocol, TypeVar

from pydantic import ValidationError

from jararaca.contract.expressions import value_at
from jararaca.contract.headers import FILTER_VALUE
from jararaca.errors import DecodeError
from jararaca.messages.base_message import reasons
from jararaca.messages.message import Headers, Message
from jararaca.messages.model import Model
from jararaca.messages.violation import Violation
from jararaca.transport import Delivery, Properties

M_co = TypeVar("M_co", bound=Message, covariant=True)
ReplyT_co = TypeVar("ReplyT_co", covariant=True)
ModelT = TypeVar("ModelT", bound=Model)
T_co = TypeVar("T_co", covariant=True)
ParametersT = TypeVar("ParametersT")


class MessageClass(Protocol[M_co, ReplyT_co]):
    """A class of messages, for type checkers: what it makes, and what its handlers return."""

    def __call__(self, *args: Any, **kwargs: Any) -> M_co:
        """A message."""

    def decode_reply(self, reply: Any) -> ReplyT_co:
        """The answer in a delivery; None for a message that is no request."""


class Addressed(Protocol[T_co]):
    """A message, for type checkers: what the parameters of its topic are."""

    @property
    def TopicParameters(self) -> Callable[..., T_co]:
        """The class of the parameters, `Message.TopicParameters` or the message's own."""


class _Delivered(Protocol[T_co]):
    """`MessageOf` anything, for type checkers."""

    def payload(self) -> T_co:
        """What was delivered."""


class MessageOf(Generic[M_co]):
    """One delivery of a message, as a handler receives it.

    A `MessageOf[Placed]` is a `MessageOf[Placed | Cancelled]` too: who takes both takes it.
    """

    __slots__ = ("_payload", "attempt", "delivery", "parameters", "violations")

    def __init__(
        self,
        payload: M_co,
        delivery: Delivery,
        parameters: Mapping[str, str],
        attempt: int,
        violations: tuple[Violation, ...] = (),
    ) -> None:
        """`violations` are what is not as the schema says, where `on_invalid="warn"` lets it in."""
        self._payload = payload
        self.delivery = delivery
        self.parameters = parameters  # type: ignore[misc, assignment]
        self.attempt = attempt
        self.violations = violations

    if TYPE_CHECKING:

        @property
        def parameters(self: _Delivered[Addressed[ParametersT]]) -> ParametersT:
            """The values of the topic's parameters: checked, and typed by the message's class."""

    def payload(self) -> M_co:
        """The validated message."""
        return self._payload

    @property
    def topic(self) -> str:
        """The routing key that it was published with."""
        return self.delivery.routing_key

    @property
    def headers(self) -> Headers:
        """The AMQP headers that the publisher gave it; Jararaca's own are left out."""
        theirs = self.delivery.theirs
        if FILTER_VALUE not in theirs:
            return theirs
        return {name: value for name, value in theirs.items() if name != FILTER_VALUE}

    def headers_as(self, model: type[ModelT]) -> ModelT:
        """The headers, typed: `message.headers_as(OrderPlaced.Headers)`. Raises DecodeError."""
        try:
            return model.model_validate(dict(self.headers))
        except ValidationError as error:
            raise DecodeError(reasons(model.__qualname__, error)) from None

    @property
    def correlation_id(self) -> str | None:
        """What it is correlated by: where its document says, else AMQP's `correlation_id`."""
        expression = type(self._payload).MESSAGE_CORRELATION_ID
        found = value_at(expression, self.headers, self.delivery.body)
        return found or self.properties.correlation_id

    @property
    def properties(self) -> Properties:
        """The AMQP basic properties: message id, correlation id, timestamp, ..."""
        return self.delivery.properties
