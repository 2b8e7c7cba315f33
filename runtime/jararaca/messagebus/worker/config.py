"""One queue for a whole service: what it is called, and which topics come to it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from jararaca.contract.topology import DEFAULT_EXCHANGE


@dataclass(frozen=True, slots=True)
class AioPikaWorkerConfig:
    """Where a `MessageBusWorker` consumes from.

    `url` is the broker's, `exchange` the service's own. All handlers of the application share
    `queue`, but for a second one of the same event, which has a queue beside it. `binding_keys` are
    the queue's: `*` is one word of a topic, `#` any number; none binds the topics of the handlers.
    `prefetch` bounds the unsettled deliveries; `backend_url` names what workers share (Redis), None
    is this process's memory.
    """

    url: str
    exchange: str = DEFAULT_EXCHANGE
    queue: str = "jararaca"
    binding_keys: Sequence[str] = field(default_factory=tuple)
    prefetch: int = 200
    backend_url: str | None = None
