"""RabbitMQ: the only package that imports an AMQP client (aio-pika)."""

from jararaca.transport.amqp.transport import AmqpTransport

__all__ = ["AmqpTransport"]
