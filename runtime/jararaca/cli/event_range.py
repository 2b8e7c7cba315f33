"""Which events of a stream: `--since`, `--until` and `--where`, as they are typed."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated

import typer

from jararaca.errors import ConfigurationError

Since = Annotated[str | None, typer.Option(metavar="TIME", help="Only published then or later.")]
Until = Annotated[str | None, typer.Option(metavar="TIME", help="Only published before.")]
Where = Annotated[
    list[str] | None,
    typer.Option(metavar="FIELD=VALUE", help="Only if the body has this value. Can be repeated."),
]


def times(since: str | None, until: str | None) -> tuple[datetime | None, datetime | None]:
    """Both times. Raises ConfigurationError for what is none, and where nothing is between them."""
    start, end = _time("--since", since), _time("--until", until)
    if start is not None and end is not None and start >= end:
        raise ConfigurationError(
            f"nothing is published from {since} on and before {until}: --since takes the earlier "
            "time, --until the later one"
        )
    return start, end


def pairs(where: Sequence[str] | None) -> tuple[tuple[str, str], ...]:
    """Fields with their values. Raises ConfigurationError for what is none."""
    return tuple(map(_pair, where or ()))


def _time(option: str, text: str | None) -> datetime | None:
    try:
        return datetime.fromisoformat(text).astimezone() if text is not None else None
    except (ValueError, OverflowError):
        raise ConfigurationError(
            f"{option} takes a time such as 2026-11-01 or 2026-11-01T14:30:00+01:00: {text}"
        ) from None


def _pair(text: str) -> tuple[str, str]:
    field, is_pair, value = text.partition("=")
    if not is_pair or not field:
        raise ConfigurationError(f"--where takes FIELD=VALUE, such as customer.country=PT: {text}")
    return field, value
