"""Every public name of the runtime, and where it lives; `jararaca` hands them on."""

from jararaca.app import Microservice
from jararaca.context import ack, nack, reject, retry, retry_later, use_publisher
from jararaca.errors import (
    AccessRefusedError,
    AlreadySettledError,
    BackendError,
    BrokerError,
    BrokerUnreachableError,
    ConfigurationError,
    DecodeError,
    FormatMismatchError,
    JararacaError,
    NoDeliveryError,
    NoPublisherError,
    PublishNackedError,
    PublishParameterError,
    PublishTimeoutError,
    QueueNotFoundError,
    TopologyMismatchError,
    UnroutableError,
)
from jararaca.handlers import MessageBusController, MessageHandler, stub
from jararaca.message import Headers, Kind, Message, MessageOf, RootMessage
from jararaca.model import Email, Model, Omittable, RootModel, Uri
from jararaca.policy import RetryPolicy
from jararaca.publisher import Publisher
from jararaca.routing import FORMAT, Route, Service, route
from jararaca.schemacheck import JsonSchema
from jararaca.topology import Exchange, Queue, QueueBinding, Topology
from jararaca.transport import Delivery, Properties
from jararaca.worker import Worker

__all__ = [
    "AccessRefusedError",
    "AlreadySettledError",
    "BackendError",
    "BrokerError",
    "BrokerUnreachableError",
    "ConfigurationError",
    "DecodeError",
    "Delivery",
    "Email",
    "Exchange",
    "FORMAT",
    "FormatMismatchError",
    "Headers",
    "JararacaError",
    "JsonSchema",
    "Kind",
    "Message",
    "MessageBusController",
    "MessageHandler",
    "MessageOf",
    "Microservice",
    "Model",
    "NoDeliveryError",
    "NoPublisherError",
    "Omittable",
    "Properties",
    "PublishNackedError",
    "PublishParameterError",
    "PublishTimeoutError",
    "Publisher",
    "Queue",
    "QueueNotFoundError",
    "QueueBinding",
    "RetryPolicy",
    "RootMessage",
    "RootModel",
    "Route",
    "Service",
    "Topology",
    "TopologyMismatchError",
    "UnroutableError",
    "Uri",
    "Worker",
    "ack",
    "nack",
    "reject",
    "retry",
    "retry_later",
    "route",
    "stub",
    "use_publisher",
]
