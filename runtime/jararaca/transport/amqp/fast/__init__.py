"""The fast lane: deliveries, acks and publications straight from and to the socket's frames."""

from typing import Any

__all__ = ["FastTransport"]


def __getattr__(name: str) -> Any:
    """The transport, at its first use: the plain one needs part of what is here."""
    if name != "FastTransport":
        raise AttributeError(name)
    from jararaca.transport.amqp.fast.transport import FastTransport

    return FastTransport
