"""Workers: one that consumes a queue for each handler, and one that consumes a service's queue."""

from jararaca.handlers.bus_message_controller import BusMessageController
from jararaca.handlers.controllers import MessageHandlerData
from jararaca.messagebus.worker.callback import MessageHandlerCallback
from jararaca.messagebus.worker.config import AioPikaWorkerConfig
from jararaca.messagebus.worker.consumer import AioPikaMicroserviceConsumer
from jararaca.messagebus.worker.context import (
    Container,
    MessageBusAppContext,
    UnitOfWorkContextProvider,
)
from jararaca.messagebus.worker.message_bus_worker import MessageBusWorker
from jararaca.messagebus.worker.prefetch import prefetch_of
from jararaca.messagebus.worker.worker import DEFAULT_PREFETCH, Worker

__all__ = [
    "DEFAULT_PREFETCH",
    "AioPikaMicroserviceConsumer",
    "AioPikaWorkerConfig",
    "BusMessageController",
    "Container",
    "MessageBusAppContext",
    "MessageBusWorker",
    "MessageHandlerCallback",
    "MessageHandlerData",
    "UnitOfWorkContextProvider",
    "Worker",
    "prefetch_of",
]
