"""Every public name of the runtime, and where it lives; `jararaca` hands them on."""

from jararaca.app import Microservice
from jararaca.carrying import implicit_headers
from jararaca.context import ack, nack, reject, retry, retry_later, use_publisher
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
    JararacaError,
    NoDeliveryError,
    NoHandlerError,
    NoProviderError,
    NoPublisherError,
    NoSessionError,
    NotAnsweredError,
    NoWebSocketsError,
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
from jararaca.handlers import MessageBusController, MessageHandler, stub
from jararaca.host import Host
from jararaca.injection import use
from jararaca.integration import AppLifecycle, Integration
from jararaca.message import Headers, Kind, Message, MessageOf, RootMessage
from jararaca.model import Email, Model, Omittable, RootModel, Uri
from jararaca.policy import RetryPolicy
from jararaca.publisher import Publisher
from jararaca.routing import FORMAT, Route, Service, route
from jararaca.scheduling.clock import Clock
from jararaca.scheduling.embedded import EmbeddedScheduler
from jararaca.scheduling.schedule import Schedule, ScheduledAction, ScheduledRun
from jararaca.scheduling.scheduler import Scheduler
from jararaca.schemacheck import JsonSchema
from jararaca.sessions import use_session
from jararaca.stopping import is_shutting_down, shutdown_race
from jararaca.topology import Exchange, Queue, QueueBinding, Topology
from jararaca.transport import Delivery, Properties
from jararaca.websocket import WebSocketMessage, use_ws_manager
from jararaca.work import HandledBeforeError, Interceptor, Work
from jararaca.worker import Worker

__all__ = [
    "AccessRefusedError",
    "AlreadySettledError",
    "AppLifecycle",
    "BackendError",
    "BrokerError",
    "BrokerUnreachableError",
    "Clock",
    "ConfigurationError",
    "DatabaseUnreachableError",
    "DecodeError",
    "Delivery",
    "Email",
    "EmbeddedScheduler",
    "Exchange",
    "FORMAT",
    "FormatMismatchError",
    "HandledBeforeError",
    "Headers",
    "Host",
    "Integration",
    "Interceptor",
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
    "NoHandlerError",
    "NoProviderError",
    "NoPublisherError",
    "NotAnsweredError",
    "NoSessionError",
    "NoWebSocketsError",
    "Omittable",
    "Properties",
    "PublishNackedError",
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
    "Uri",
    "WebSocketMessage",
    "Work",
    "Worker",
    "ack",
    "implicit_headers",
    "is_shutting_down",
    "nack",
    "reject",
    "retry",
    "retry_later",
    "route",
    "shutdown_race",
    "stub",
    "use",
    "use_publisher",
    "use_session",
    "use_ws_manager",
]
