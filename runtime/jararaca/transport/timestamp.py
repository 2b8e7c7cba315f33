"""A time that no calendar reaches, as strangers write it: it is kept as it came."""

from __future__ import annotations


class Timestamp(int):
    """An AMQP timestamp that no calendar reaches: 64 bits, and written again as they were."""
