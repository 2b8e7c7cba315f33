"""The fast lane: deliveries, acks and publications straight from and to the socket's frames."""

from jararaca.transport.amqp.fast.transport import FastTransport

__all__ = ["FastTransport"]
