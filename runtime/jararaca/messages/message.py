"""Messages as typed values: the classes that schemas compile to, and what a handler receives."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, ClassVar, Generic, Literal, Protocol, TypeVar

from pydantic import ValidationError

from jararaca.contract.headers import PREFIX
from jararaca.errors import DecodeError
from jararaca.handlers.context import use_publisher
from jararaca.messages.model import Model, RootModel, forget_class_variables
from jararaca.messages.named_model import NamedModel, reasons
from jararaca.transport import Delivery, Properties, Terms

Headers = Mapping[str, Any]
Kind = Literal["event", "task"]
NO_TERMS = Terms()
M = TypeVar("M", bound="Message")
M_co = TypeVar("M_co", bound="Message", covariant=True)
ReplyT_co = TypeVar("ReplyT_co", covariant=True)
REQUEST_TIMEOUT = 30.0
"""Seconds that a request waits for its answer by default."""
ModelT = TypeVar("ModelT", bound=Model)
RootT = TypeVar("RootT")


class Message(NamedModel):
    """A message of the contract: subclass it, or let `jararaca codegen` do so.

    MESSAGE_TOPIC is the channel's address (a `{parameter}` is given to `publish`), MESSAGE_TYPE
    "event" (everyone who listens) or "task" (done once), MESSAGE_NAME the AMQP `type` property.
    MESSAGE_EXCHANGE None is the service's own exchange. MESSAGE_MANDATORY makes a publication
    without a queue an error; unset, it holds for tasks. MESSAGE_PRIORITY (0 to 255) and
    MESSAGE_REPLY_TO are the AMQP properties of those names; None leaves them out.
    MESSAGE_REPLIES are the MESSAGE_NAMEs of the answers to a request; others have none.
    MESSAGE_EXPIRATION is in milliseconds (a delayed message has none), MESSAGE_PERSISTENT False
    lets a message go with a restart of the broker, MESSAGE_USER_ID is the account that publishes.
    """

    MESSAGE_TOPIC: ClassVar[str] = ""
    MESSAGE_TYPE: ClassVar[Kind] = "event"
    MESSAGE_NAME: ClassVar[str] = "Message"
    MESSAGE_EXCHANGE: ClassVar[str | None] = None
    MESSAGE_MANDATORY: ClassVar[bool | None] = None
    MESSAGE_CONTENT_TYPE: ClassVar[str] = "application/json"
    MESSAGE_PRIORITY: ClassVar[int | None] = None
    MESSAGE_REPLY_TO: ClassVar[str | None] = None
    MESSAGE_REPLIES: ClassVar[tuple[str, ...]] = ()
    MESSAGE_EXPIRATION: ClassVar[int | None] = None
    MESSAGE_PERSISTENT: ClassVar[bool] = True
    MESSAGE_USER_ID: ClassVar[str | None] = None
    MESSAGE_TERMS: ClassVar[Terms | None] = None

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        terms = Terms(cls.MESSAGE_EXPIRATION, cls.MESSAGE_PERSISTENT, cls.MESSAGE_USER_ID)
        cls.MESSAGE_TERMS = None if terms == NO_TERMS else terms

    async def publish(
        self, *, headers: Headers | Model | None = None, message_id: str | None = None
    ) -> None:
        """Publish and wait for the broker's confirm; inside a handler, once it has succeeded.

        Raises NoPublisherError outside of one, UnroutableError where a queue is expected.
        """
        await self._publish({}, headers, message_id)

    async def delay(
        self,
        seconds: float,
        *,
        idempotency_key: str | None = None,
        parameters: Mapping[str, str] | None = None,
        headers: Headers | None = None,
    ) -> None:
        """Publish after so many seconds (0.1 or more, 310 days at most); the broker keeps it.

        The same `idempotency_key` gives the same message id: an idempotent handler does it once.
        Raises PublishParameterError for a longer delay, and what `publish` raises.
        """
        from jararaca.publishing.publisher import once

        await use_publisher().publish(
            self,
            parameters=parameters,
            headers=headers,
            message_id=once(self, idempotency_key),
            delay=seconds,
        )

    async def schedule(
        self,
        when: datetime,
        *,
        idempotency_key: str | None = None,
        parameters: Mapping[str, str] | None = None,
        headers: Headers | None = None,
    ) -> None:
        """Publish at a time, which carries its time zone; a time that is past is now.

        Raises PublishParameterError for a time without a zone, and what `delay` raises.
        """
        from jararaca.publishing.publisher import seconds_until

        await self.delay(
            seconds_until(when),
            idempotency_key=idempotency_key,
            parameters=parameters,
            headers=headers,
        )

    async def _publish(
        self,
        parameters: Mapping[str, str],
        headers: Headers | Model | None,
        message_id: str | None,
    ) -> None:
        await use_publisher().publish(
            self, parameters=parameters, headers=_plain(headers), message_id=message_id
        )

    async def _request(
        self, parameters: Mapping[str, str], headers: Headers | Model | None, timeout: float
    ) -> Delivery:
        """Publish at once, also inside a handler, and wait for the answer, `timeout` seconds.

        Raises RequestTimeoutError, NoHandlerError, RequestFailedError, and what `publish` raises.
        """
        return await use_publisher().request(
            self, parameters=parameters, headers=_plain(headers), timeout=timeout
        )

    @classmethod
    def decode_reply(cls, reply: Any) -> None:
        """The answer in a delivery; a message that is no request has none.

        A request says here which classes its answers are: its handlers return just these.
        """

    @staticmethod
    def _one_of(reply: Delivery, *kinds: type[M]) -> M:
        """The answer, of the class that its AMQP `type` names. Raises DecodeError."""
        name = reply.properties.type
        for kind in kinds:
            if name == kind.MESSAGE_NAME or (name is None and len(kinds) == 1):
                return kind.decode(reply.body)
        known = " or ".join(kind.MESSAGE_NAME for kind in kinds)
        raise DecodeError(f"the answer is of type {name!r}, and {known} was expected")


forget_class_variables(Message)


class MessageClass(Protocol[M_co, ReplyT_co]):
    """A class of messages, for type checkers: what it makes, and what its handlers return."""

    def __call__(self, *args: Any, **kwargs: Any) -> M_co:
        """A message."""

    def decode_reply(self, reply: Any) -> ReplyT_co:
        """The answer in a delivery; None for a message that is no request."""


class RootMessage(Message, RootModel[RootT], Generic[RootT]):
    """A message whose body is no object: `RootMessage[list[float]]`; the value is `.root`."""


class MessageOf(Generic[M]):
    """One delivery of a message, as a handler receives it."""

    __slots__ = ("_payload", "attempt", "delivery", "parameters")

    def __init__(
        self, payload: M, delivery: Delivery, parameters: Mapping[str, str], attempt: int
    ) -> None:
        self._payload = payload
        self.delivery = delivery
        self.parameters = parameters
        self.attempt = attempt

    def payload(self) -> M:
        """The validated message."""
        return self._payload

    @property
    def topic(self) -> str:
        """The routing key that it was published with."""
        return self.delivery.routing_key

    @property
    def headers(self) -> Headers:
        """The AMQP headers, Jararaca's own (`x-jararaca-...`) included."""
        return self.delivery.headers

    def headers_as(self, model: type[ModelT]) -> ModelT:
        """The headers, typed: `message.headers_as(OrderPlaced.Headers)`; Jararaca's own left out.

        Raises DecodeError.
        """
        try:
            return model.model_validate(
                {k: v for k, v in self.delivery.headers.items() if not k.startswith(PREFIX)}
            )
        except ValidationError as error:
            raise DecodeError(reasons(model.__qualname__, error)) from None

    @property
    def properties(self) -> Properties:
        """The AMQP basic properties: message id, correlation id, timestamp, ..."""
        return self.delivery.properties


def _plain(headers: Headers | Model | None) -> Headers | None:
    if isinstance(headers, Model):
        return headers.model_dump(mode="json", by_alias=True, exclude_unset=True)
    return headers
