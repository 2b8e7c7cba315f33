"""The fast transport: deliveries, acks and publications, frame by frame."""

from jararaca.transport.amqp.fast.transport import FastTransport

__all__ = ["FastTransport"]
