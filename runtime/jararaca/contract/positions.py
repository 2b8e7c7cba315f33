"""The queue whose one message says how far a stream was read, and whose turn it is to read on."""

from __future__ import annotations

from jararaca.contract.topology import Queue

SUFFIX = ".position"
KEPT_DELIVERIES = 1_000_000
"""How often the message may come back: unasked, RabbitMQ 4 drops it after 20 lost workers."""


def position_queue(name: str) -> str:
    """The queue of an offset that is stored under `name`."""
    return name + SUFFIX


def bootstrap_name(queue: str) -> str:
    """What it is stored under how far a queue was filled with the history that it asked for."""
    return f"{queue}.bootstrap"


def declared(queue: str) -> Queue:
    """How it is declared: RabbitMQ gives what is in it to one consumer at a time."""
    return Queue(
        queue,
        arguments={
            "x-queue-type": "quorum",
            "x-single-active-consumer": True,
            "x-delivery-limit": KEPT_DELIVERIES,
        },
    )
