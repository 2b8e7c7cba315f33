"""Messages as typed values: the classes that schemas compile to, and how each is published."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import (
    TYPE_CHECKING,
    Any,
    ClassVar,
    Literal,
    TypeVar,
    get_args,
    get_origin,
    get_type_hints,
)

from jararaca.contract.message_ids import message_id_for
from jararaca.errors import DecodeError, NoPublisherError, PublishParameterError
from jararaca.messages.base_message import BaseMessage
from jararaca.messages.model import Model, forget_class_variables, json_value
from jararaca.transport import Delivery, Publication, Terms

Headers = Mapping[str, Any]
Kind = Literal["event", "task"]
_KINDS = get_args(Kind)
OnInvalid = Literal["dead-letter", "warn"]
NO_TERMS = Terms()
M = TypeVar("M", bound="Message")
REQUEST_TIMEOUT = 30.0
"""Seconds that a request waits for its answer by default."""


class Message(BaseMessage):
    """A message of the contract: subclass it, or let `jararaca codegen` do so.

    MESSAGE_TOPIC is the channel's address (a `{parameter}` is given to `publish`), MESSAGE_TYPE
    "event" (everyone who listens) or "task" (done once), MESSAGE_NAME the AMQP `type` property.
    MESSAGE_EXCHANGE None is the service's own exchange. MESSAGE_MANDATORY makes a publication
    without a queue an error; unset, it holds for tasks. MESSAGE_PRIORITY (0 to 255) and
    MESSAGE_REPLY_TO are the AMQP properties of those names; None leaves them out.
    MESSAGE_REPLIES are the MESSAGE_NAMEs of the answers to a request; others have none.
    MESSAGE_EXPIRATION is in milliseconds (a delayed message has none), MESSAGE_PERSISTENT False
    lets a message go with a restart of the broker, MESSAGE_USER_ID is the account that publishes.
    MESSAGE_QUEUE is a queue that is published to straight, whatever the topic.
    MESSAGE_PARAMETERS are the values that a parameter of the topic may have, MESSAGE_LOCATIONS
    where in the message its value is. MESSAGE_CORRELATION_ID says where the id is, such as
    `$message.header#/id`. A class `Headers` within is what the headers must be to be published.
    MESSAGE_ON_INVALID says what becomes of a received one that violates its schema, where its
    handler does not: `MessageHandler` explains `on_invalid`.
    MESSAGE_PARTITIONS is how many queues each receiver of the channel has, where it is partitioned.
    MESSAGE_FILTER_BY is where it has the value that readers of its stream choose by, such as
    `$message.payload#/customerId`.
    They are read at the class's first publication, and stay.
    A TypedDict `TopicParameters` within types `message.parameters`; what it has as `Literal`
    are the MESSAGE_PARAMETERS.
    """

    MESSAGE_TOPIC: ClassVar[str] = ""
    MESSAGE_TYPE: ClassVar[Kind] = "event"
    MESSAGE_NAME: ClassVar[str] = "Message"
    MESSAGE_EXCHANGE: ClassVar[str | None] = None
    MESSAGE_QUEUE: ClassVar[str | None] = None
    MESSAGE_MANDATORY: ClassVar[bool | None] = None
    MESSAGE_CONTENT_TYPE: ClassVar[str] = "application/json"
    MESSAGE_PRIORITY: ClassVar[int | None] = None
    MESSAGE_REPLY_TO: ClassVar[str | None] = None
    MESSAGE_REPLIES: ClassVar[tuple[str, ...]] = ()
    MESSAGE_EXPIRATION: ClassVar[int | None] = None
    MESSAGE_PERSISTENT: ClassVar[bool] = True
    MESSAGE_USER_ID: ClassVar[str | None] = None
    MESSAGE_TERMS: ClassVar[Terms | None] = None
    MESSAGE_CORRELATION_ID: ClassVar[str | None] = None
    MESSAGE_PARAMETERS: ClassVar[Mapping[str, Sequence[str]]] = {}
    MESSAGE_LOCATIONS: ClassVar[Mapping[str, str]] = {}
    MESSAGE_HEADERS: ClassVar[type[Model] | None] = None
    MESSAGE_ON_INVALID: ClassVar[OnInvalid] = "dead-letter"
    MESSAGE_PARTITIONS: ClassVar[int | None] = None
    MESSAGE_FILTER_BY: ClassVar[str | None] = None

    if TYPE_CHECKING:

        class TopicParameters(Mapping[str, str]):
            """The parameters of a topic of which nothing more is said."""

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        if cls.MESSAGE_TYPE not in _KINDS:
            raise TypeError(
                f'{cls.__qualname__}.MESSAGE_TYPE is "event" or "task", got {cls.MESSAGE_TYPE!r}'
            )
        if cls.MESSAGE_ON_INVALID not in get_args(OnInvalid):
            raise TypeError(
                f'{cls.__qualname__}.MESSAGE_ON_INVALID is "dead-letter" or "warn", '
                f"got {cls.MESSAGE_ON_INVALID!r}"
            )
        terms = Terms(cls.MESSAGE_EXPIRATION, cls.MESSAGE_PERSISTENT, cls.MESSAGE_USER_ID)
        cls.MESSAGE_TERMS = None if terms == NO_TERMS else terms
        headers = cls.__dict__.get("Headers")
        if isinstance(headers, type) and issubclass(headers, Model):
            cls.MESSAGE_HEADERS = headers
        parameters = cls.__dict__.get("TopicParameters")
        if parameters is not None and "MESSAGE_PARAMETERS" not in cls.__dict__:
            cls.MESSAGE_PARAMETERS = _listed(parameters)

    def __partition_key__(self, headers: Mapping[str, Any]) -> object:
        """What a partitioned message is kept in order by; a generated class knows where it is."""
        raise PublishParameterError(f"{self.MESSAGE_NAME} has no partition key: generate its class")

    async def publish(
        self,
        *,
        parameters: Mapping[str, str] | None = None,
        headers: Headers | Model | None = None,
        message_id: str | None = None,
    ) -> None:
        """Publish and wait for the broker's confirm; inside a handler, once it has succeeded.

        `parameters` are the topic's, by name; the `publish` of a generated message names them.

        Raises NoPublisherError outside of one, PublishParameterError where a parameter is missing,
        UnroutableError where a queue is expected.
        """
        await self._publish(parameters or {}, headers, message_id)

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
        await use_publisher().publish(
            self,
            parameters=parameters,
            headers=headers,
            message_id=message_id_for(self.MESSAGE_NAME, idempotency_key),
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
        await self.delay(
            _seconds_until(when),
            idempotency_key=idempotency_key,
            parameters=parameters,
            headers=headers,
        )

    def _publish(
        self,
        parameters: Mapping[str, str | None],
        headers: Headers | Model | None,
        message_id: str | None,
    ) -> Awaitable[None]:
        return use_publisher().publish(
            self, parameters=_given(parameters), headers=_plain(headers), message_id=message_id
        )

    async def _request(
        self, parameters: Mapping[str, str | None], headers: Headers | Model | None, timeout: float
    ) -> Delivery:
        """Publish at once, also inside a handler, and wait for the answer, `timeout` seconds.

        Raises RequestTimeoutError, NoHandlerError, RequestFailedError, and what `publish` raises.
        """
        return await use_publisher().request(
            self, parameters=_given(parameters), headers=_plain(headers), timeout=timeout
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
        raise DecodeError(f"the reply has the type {name!r}, expected {known}")


forget_class_variables(Message)


class MessagePublisher(ABC):
    """What publishes messages: directly, or as part of a handler's unit of work."""

    publication_of: ClassVar[Callable[..., Publication]]
    """Makes the publication of a message from the arguments of `publish`, in their order."""

    app_id: str | None = None
    """Who publishes, as AMQP's property of that name tells it."""

    async def publish(
        self,
        message: Message,
        *,
        parameters: Mapping[str, str] | None = None,
        headers: Mapping[str, Any] | None = None,
        message_id: str | None = None,
        delay: float = 0.0,
    ) -> None:
        """Publish one message, after `delay` seconds; `parameters` are the topic's.

        A connected publisher waits for the broker's confirm. A handler's publisher encodes the
        message at once and sends it once the handler has succeeded.

        Raises PublishParameterError and PublishHeadersError, and where it is sent at once
        UnroutableError, PublishNackedError and PublishTimeoutError.
        """
        await self._send(
            self.publication_of(message, parameters, headers, message_id, delay, app_id=self.app_id)
        )

    async def request(
        self,
        message: Message,
        *,
        timeout: float,
        parameters: Mapping[str, str] | None = None,
        headers: Mapping[str, Any] | None = None,
    ) -> Delivery:
        """Publish one message at once, and wait for its answer, `timeout` seconds at most.

        A handler's publisher sends it at once too: otherwise the request would wait for the
        handler, and the handler for its answer. Raises RequestTimeoutError, NoHandlerError,
        RequestFailedError, and what `publish` raises.
        """
        publication = self.publication_of(message, parameters, headers, app_id=self.app_id)
        return await self._answer(publication, timeout)

    @abstractmethod
    def _send(self, publication: Publication) -> Awaitable[None]:
        """Send a publication, or keep it until it is to be sent."""

    @abstractmethod
    async def _answer(self, publication: Publication, timeout: float) -> Delivery:
        """Send a request, and wait for its answer."""


current_publisher: ContextVar[MessagePublisher | None] = ContextVar(
    "jararaca_publisher", default=None
)


def use_publisher() -> MessagePublisher:
    """The publisher of this context: a handler's unit of work, or the connected one.

    Raises NoPublisherError outside of both.
    """
    publisher = current_publisher.get()
    if publisher is None:
        raise NoPublisherError(
            "no publisher is active here: publish from a handler, or inside "
            "`async with Publisher.connect(broker_url):`"
        )
    return publisher


def _listed(parameters: type) -> Mapping[str, Sequence[str]]:
    """The values of the parameters that a TypedDict has as `Literal`."""
    if not any("Literal" in str(kind) for kind in parameters.__annotations__.values()):
        return {}  # To read annotations costs more than the class, and most say no more than `str`.
    found = get_type_hints(parameters)
    return {name: get_args(kind) for name, kind in found.items() if get_origin(kind) is Literal}


def _given(parameters: Mapping[str, str | None]) -> Mapping[str, str]:
    """Those with a value: one that the message has itself may be left out."""
    if not parameters:
        return {}
    return {name: value for name, value in parameters.items() if value is not None}


def _plain(headers: Headers | Model | None) -> Headers | None:
    if headers is not None and isinstance(headers, Model):
        plain: Headers = json_value(headers)
        return plain
    return headers


def _seconds_until(when: datetime) -> float:
    """Seconds from now. Raises PublishParameterError for a time without a time zone."""
    if when.tzinfo is None:
        raise PublishParameterError(
            f"{when.isoformat()} has no time zone: add one, such as datetime(..., tzinfo=UTC)"
        )
    return max(0.0, (when - datetime.now(UTC)).total_seconds())
