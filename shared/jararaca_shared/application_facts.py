"""What an application consists of, for those who deploy it: plain values, without its classes.

The runtime knows them once the application is loaded; the compiler writes manifests of them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class HandlerFacts:
    """A handler of one queue; of several messages in it, the names have commas between.

    `name` is the one that metrics have. Times are in seconds; `retrying` is how long all of a
    message's retries take at most, their delays and timeouts together. `stub` is not consumed.
    `ordered` is a queue that one worker at a time has; `partitions` are what it is divided into.
    """

    name: str
    queue: str
    dead_letters: str
    messages: str
    is_task: bool
    timeout: float | None
    max_retries: int
    retrying: float
    ordered: bool
    partitions: tuple[str, ...]
    idempotent: bool
    stub: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ScheduleFacts:
    """A schedule; `longest_gap` is the longest time in seconds between two occurrences."""

    name: str
    when: str
    longest_gap: float


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountFacts:
    """The rights of an account on RabbitMQ: `topics` are exchange, write and read."""

    configure: str
    write: str
    read: str
    topics: tuple[tuple[str, str, str], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ApplicationFacts:
    """All of an application that its operator has to know.

    `target` is what APP_PATH says; None: what pyproject.toml says. `extras` are those of our
    distribution that it needs. `outbox` without `relay_inside` needs a relay of its own, and
    schedules without `scheduler_inside` a scheduler. The ports are None where there are no probes,
    or no metrics. `shared` says whether processes have something in common besides the broker.
    `deploying` is for `topology apply`, `running` for all others.
    """

    name: str
    target: str | None
    extras: tuple[str, ...]
    handlers: tuple[HandlerFacts, ...]
    schedules: tuple[ScheduleFacts, ...]
    scheduler_inside: bool
    outbox: bool
    relay_inside: bool
    web_sockets: bool
    shared: bool
    health_port: int | None
    metrics_port: int | None
    definitions: Mapping[str, list[dict[str, Any]]]
    deploying: AccountFacts
    running: AccountFacts
