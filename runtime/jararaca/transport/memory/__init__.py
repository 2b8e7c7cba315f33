"""A broker inside the process: what RabbitMQ promises, without RabbitMQ."""

from jararaca.transport.memory.broker import MemoryBroker, broker_named
from jararaca.transport.memory.transport import MemoryTransport

__all__ = ["MemoryBroker", "MemoryTransport", "broker_named"]
