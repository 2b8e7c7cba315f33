"""RabbitMQ: the only package that imports an AMQP client (aiormq)."""

from jararaca.transport.amqp.transport import AmqpTransport

__all__ = ["AmqpTransport"]
