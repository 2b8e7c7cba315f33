"""Every public name. Each can be imported from `jararaca`."""

from typing_extensions import TypeAliasType

from jararaca.application.amqp import use_amqp
from jararaca.application.host import Host
from jararaca.application.injection import use
from jararaca.application.integration import Integration
from jararaca.application.lifecycle import AppLifecycle
from jararaca.application.microservice import Microservice
from jararaca.application.sessions import use_session
from jararaca.application.shutdown import is_shutting_down, shutdown_race
from jararaca.application.unit_of_work import HandledBeforeError, Interceptor, Work
from jararaca.contract.retry_policy import RetryPolicy
from jararaca.contract.topology import (
    Exchange,
    ExchangeBinding,
    PartitionedQueue,
    Queue,
    QueueBinding,
    Topology,
)
from jararaca.errors import (
    AccessRefusedError,
    AlreadySettledError,
    BackendError,
    BrokerError,
    BrokerUnreachableError,
    ConfigurationError,
    DatabaseUnreachableError,
    DecodeError,
    FormatMismatchError,
    HandlerCrashedError,
    JararacaError,
    NoAmqpError,
    NoDeliveryError,
    NoHandlerError,
    NoProviderError,
    NoPublisherError,
    NoSessionError,
    NotAnsweredError,
    NotInThreadError,
    NoWebSocketsError,
    PublishHeadersError,
    PublishNackedError,
    PublishParameterError,
    PublishTimeoutError,
    QueueNotFoundError,
    RequestFailedError,
    RequestTimeoutError,
    ShuttingDownError,
    TopologyMismatchError,
    UnroutableError,
)
from jararaca.handlers.controllers import MessageBusController
from jararaca.handlers.decorators import MessageHandler, stub
from jararaca.handlers.own_thread import run_in_loop
from jararaca.handlers.settlement import ack, fail, nack, reject, retry, retry_later
from jararaca.handlers.stream_start import From
from jararaca.messagebus.worker import Worker
from jararaca.messages.binary import BinaryMessage, Encoding
from jararaca.messages.message import Headers, Kind, Message, use_publisher
from jararaca.messages.model import JsonDefault, Model, Omittable
from jararaca.messages.received import MessageOf
from jararaca.messages.root_model import RootMessage, RootModel
from jararaca.messages.values.discriminated import Discriminated
from jararaca.messages.values.formats import Email, Uri
from jararaca.messages.values.schema_check import JsonSchema
from jararaca.messages.websocket_message import WebSocketMessage, use_ws_manager
from jararaca.publishing.carried_headers import implicit_headers
from jararaca.publishing.publisher import Publisher
from jararaca.routing.schedules import Schedule, ScheduledAction, ScheduledRun
from jararaca.routing.table import FORMAT, Route, Service, route
from jararaca.scheduling.clock import Clock
from jararaca.scheduling.embedded import EmbeddedScheduler
from jararaca.scheduling.scheduler import Scheduler
from jararaca.transport import Delivery, Properties

__all__ = [
    "AccessRefusedError",
    "AlreadySettledError",
    "AppLifecycle",
    "BackendError",
    "BinaryMessage",
    "BrokerError",
    "BrokerUnreachableError",
    "Clock",
    "ConfigurationError",
    "DatabaseUnreachableError",
    "DecodeError",
    "Delivery",
    "Discriminated",
    "Email",
    "EmbeddedScheduler",
    "Encoding",
    "Exchange",
    "ExchangeBinding",
    "FORMAT",
    "FormatMismatchError",
    "From",
    "HandledBeforeError",
    "HandlerCrashedError",
    "Headers",
    "Host",
    "Integration",
    "Interceptor",
    "JararacaError",
    "JsonDefault",
    "JsonSchema",
    "Kind",
    "Message",
    "MessageBusController",
    "MessageHandler",
    "MessageOf",
    "Microservice",
    "Model",
    "NoAmqpError",
    "NoDeliveryError",
    "NoHandlerError",
    "NoProviderError",
    "NoPublisherError",
    "NotAnsweredError",
    "NotInThreadError",
    "NoSessionError",
    "NoWebSocketsError",
    "Omittable",
    "PartitionedQueue",
    "Properties",
    "PublishNackedError",
    "PublishHeadersError",
    "PublishParameterError",
    "PublishTimeoutError",
    "Publisher",
    "Queue",
    "QueueBinding",
    "QueueNotFoundError",
    "RequestFailedError",
    "RequestTimeoutError",
    "RetryPolicy",
    "RootMessage",
    "RootModel",
    "Route",
    "Schedule",
    "ScheduledAction",
    "ScheduledRun",
    "Scheduler",
    "Service",
    "ShuttingDownError",
    "Topology",
    "TopologyMismatchError",
    "UnroutableError",
    "TypeAliasType",
    "Uri",
    "WebSocketMessage",
    "Work",
    "Worker",
    "ack",
    "fail",
    "implicit_headers",
    "is_shutting_down",
    "nack",
    "reject",
    "retry",
    "retry_later",
    "route",
    "run_in_loop",
    "shutdown_race",
    "stub",
    "use",
    "use_amqp",
    "use_publisher",
    "use_session",
    "use_ws_manager",
]
