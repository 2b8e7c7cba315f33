"""Ages, sizes and spans of RabbitMQ's arguments, as people say them."""

from __future__ import annotations

from jararaca_compiler.diagnostics.plurals import count

_AGES = {"s": "second", "m": "minute", "h": "hour", "D": "day", "M": "month", "Y": "year"}
_SIZES = {"TB": 10**12, "GB": 10**9, "MB": 10**6, "TiB": 2**40, "GiB": 2**30, "MiB": 2**20}
_SPANS = {"day": 86_400_000, "hour": 3_600_000, "minute": 60_000, "second": 1000}


def counted(number: int, noun: str) -> str:
    """`1 message`, `1,000 messages`."""
    return count(number, noun).replace(str(number), f"{number:,}", 1)


def age(text: str) -> str:
    """`30D` of RabbitMQ: `30 days`."""
    return count(int(text[:-1]), _AGES[text[-1]])


def size(number: int) -> str:
    """In the largest unit that says it without a fraction: `10 GB`."""
    for unit, bytes_ in _SIZES.items():
        if number and number % bytes_ == 0:
            return f"{number // bytes_:,} {unit}"
    return counted(number, "byte")


def span(milliseconds: int) -> str:
    """In the largest unit that says it without a fraction: `10 seconds`."""
    for unit, length in _SPANS.items():
        if milliseconds and milliseconds % length == 0:
            return counted(milliseconds // length, unit)
    return counted(milliseconds, "millisecond")
