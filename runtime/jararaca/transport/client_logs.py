"""How much is heard of the AMQP client's own logs."""

from __future__ import annotations

import logging

LEVELS = {"aio_pika": logging.ERROR, "aiormq": logging.ERROR, "aiormq.connection": logging.CRITICAL}
"""What a connection goes through has log lines of ours, which theirs would only repeat. An error in
an application's own consumer, on the channel of `use_amqp()`, they alone can tell."""


def quieten() -> None:
    """Set these levels, but not where the application has set one itself."""
    for name, level in LEVELS.items():
        if (theirs := logging.getLogger(name)).level == logging.NOTSET:
            theirs.setLevel(level)
