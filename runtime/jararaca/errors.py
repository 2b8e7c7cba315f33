"""Every error that Jararaca raises on purpose, one sentence each."""

from __future__ import annotations


class JararacaError(Exception):
    """The base of every error of ours; its text says what happened and what to do next."""


class ConfigurationError(JararacaError):
    """An application, a flag or an environment variable does not fit; nothing was started."""


class NoApplicationError(ConfigurationError):
    """No application is named anywhere, and nothing is compiled."""


class FormatMismatchError(ConfigurationError):
    """Generated code was written by another version of the compiler: run `jararaca codegen`."""


class NoPublisherError(JararacaError):
    """A message was published where no publisher is active."""


class PublishParameterError(JararacaError, ValueError):
    """What is to be published cannot be sent: its parameters, headers, properties, or size."""


class PublishHeadersError(JararacaError, ValueError):
    """The headers of a publication are not as the document describes them."""


class NoDeliveryError(JararacaError):
    """A settlement was asked for outside of a handler."""


class NotInThreadError(JararacaError):
    """The event loop was to be asked from a thread, by somebody who is in none of a handler's."""


class NoProviderError(JararacaError):
    """Something was asked for that no provider gives here."""


class ShuttingDownError(JararacaError):
    """The application stops, and work was given up for it; a handler's message goes back."""


class AlreadySettledError(JararacaError):
    """A delivery was settled a second time."""


class DecodeError(JararacaError):
    """A body is not JSON, or does not validate against its message class.

    `violations` are what is wrong where it is a value: the message, the place and pydantic's word
    for the reason of each, without any value.
    """

    def __init__(self, message: str, violations: tuple[tuple[str, str, str], ...] = ()) -> None:
        super().__init__(message)
        self.violations = violations


class BackendError(JararacaError):
    """The backend (Redis) could not do what was asked."""


class HandlerCrashedError(JararacaError):
    """A handler ended by what is no Exception (SystemExit, a cancellation of its own): a failure.

    What it raised is the cause.
    """


class NoWebSocketsError(JararacaError):
    """A message to WebSocket clients was sent where no WebSockets are active."""


class NoAmqpError(JararacaError):
    """A channel of AMQP was asked for where there is none."""


class NoSessionError(JararacaError):
    """A database session was requested where there is none."""


class DatabaseUnreachableError(JararacaError):
    """The database could not be connected to, or not be used."""


class BrokerError(JararacaError):
    """The broker could not do what was asked."""


class BrokerUnreachableError(BrokerError):
    """No connection to the broker could be made."""


class UnroutableError(BrokerError):
    """The broker took a mandatory message and had no queue to put it into."""


class PublishNackedError(BrokerError):
    """The broker refused a message (a full queue, or an internal error)."""


class NoHandlerError(UnroutableError):
    """A request has no queue to go to: nobody handles it."""


class RequestTimeoutError(JararacaError, TimeoutError):
    """No answer to a request came in time; it may still be handled."""


class RequestFailedError(JararacaError):
    """The handler of a request gave it up: `reason` says why, `handler` who, where it is known."""

    def __init__(self, message: str, reason: str, handler: str | None = None) -> None:
        super().__init__(message)
        self.reason = reason
        self.handler = handler


class NotAnsweredError(JararacaError):
    """The handler of a request returned something else than one of its answers."""


class PublishTimeoutError(BrokerError):
    """The broker did not confirm a message before the deadline; it may or may not have it."""


class TopologyMismatchError(BrokerError):
    """A queue or exchange exists on the broker with other settings than the compiled ones."""


class AccessRefusedError(BrokerError):
    """The broker refused the account, or what it wanted to do."""


class NoSuchLetterError(JararacaError):
    """There is no dead letter with the requested id."""


class ReplayStoppedError(JararacaError):
    """A message has come among the dead letters while others were replayed; nothing is lost."""


class ManagementError(JararacaError):
    """RabbitMQ's management API cannot be asked."""


class StreamTakenError(JararacaError):
    """Another worker has gone on with a stream meanwhile: what was done here does not last."""


class QueueNotFoundError(BrokerError):
    """A queue that is needed does not exist on the broker."""
