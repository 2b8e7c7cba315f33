"""Jararaca: messages described once, as documents, and handled as typed Python.

The public names are those of `jararaca.public`. Each is imported at its first use, from where it
lives: an application that only publishes starts without what handles messages.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from jararaca.public import *  # noqa: F403
    from jararaca.public import __all__ as __all__
else:
    _MODULES = {
        "typing_extensions": "TypeAliasType",
        "application.amqp": "use_amqp",
        "application.host": "Host",
        "application.injection": "use",
        "application.integration": "Integration",
        "application.lifecycle": "AppLifecycle",
        "application.microservice": "Microservice",
        "application.sessions": "use_session",
        "application.shutdown": "is_shutting_down shutdown_race",
        "application.unit_of_work": "HandledBeforeError Interceptor Work",
        "contract.retry_policy": "RetryPolicy",
        "contract.topology": (
            "Exchange ExchangeBinding PartitionedQueue Queue QueueBinding Topology"
        ),
        "errors": (
            "AccessRefusedError AlreadySettledError BackendError BrokerError "
            "BrokerUnreachableError ConfigurationError DatabaseUnreachableError DecodeError "
            "FormatMismatchError HandlerCrashedError JararacaError NoAmqpError "
            "NoDeliveryError NoHandlerError NoProviderError NoPublisherError NoSessionError "
            "NotAnsweredError NotInThreadError NoWebSocketsError PublishHeadersError "
            "PublishNackedError PublishParameterError PublishTimeoutError QueueNotFoundError "
            "RequestFailedError RequestTimeoutError ShuttingDownError TopologyMismatchError "
            "UnroutableError"
        ),
        "handlers.controllers": "MessageBusController",
        "handlers.decorators": "MessageHandler stub",
        "handlers.own_thread": "run_in_loop",
        "handlers.stream_start": "From",
        "handlers.settlement": "ack fail nack reject retry retry_later",
        "messagebus.worker": "Worker",
        "messages.binary": "BinaryMessage Encoding",
        "messages.values.discriminated": "Discriminated",
        "messages.values.formats": "Email Uri",
        "messages.message": "Headers Kind Message use_publisher",
        "messages.model": "JsonDefault Model Omittable",
        "messages.received": "MessageOf",
        "messages.root_model": "RootMessage RootModel",
        "messages.values.schema_check": "JsonSchema",
        "messages.websocket_message": "WebSocketMessage use_ws_manager",
        "publishing.carried_headers": "implicit_headers",
        "publishing.publisher": "Publisher",
        "routing.schedules": "Schedule ScheduledAction ScheduledRun",
        "routing.table": "FORMAT Route Service route",
        "scheduling.clock": "Clock",
        "scheduling.embedded": "EmbeddedScheduler",
        "scheduling.scheduler": "Scheduler",
        "transport": "Delivery Properties",
    }
    """Where `jararaca.public` has its names from."""

    _MODULE_OF = {name: module for module, names in _MODULES.items() for name in names.split()}

    def __getattr__(name):
        from importlib import import_module
        from importlib.util import find_spec

        if name == "__all__":
            return list(_MODULE_OF)
        if name not in _MODULE_OF:
            # `from jararaca import topics` asks here before it imports the module.
            if name.islower() and find_spec(f"jararaca.{name}"):
                return import_module(f"jararaca.{name}")
            raise AttributeError(f"module 'jararaca' has no attribute {name!r}")
        module = _MODULE_OF[name]
        place = import_module(module if module == "typing_extensions" else f"jararaca.{module}")
        value = globals()[name] = getattr(place, name)
        return value
