"""Where an operator's dead letters are: what the application tells, if there is one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from jararaca.errors import ConfigurationError

if TYPE_CHECKING:
    from jararaca.operations.dead_letter import DeadLetter
    from jararaca.operations.letter_places import Place
    from jararaca.routing.table import Service


def letters_at(queue: str, app: str | None) -> Place:
    """Where the queue's dead letters are; without an application, in a queue of its own."""
    from jararaca.operations.letter_places import place_of

    return place_of(queue, [service.topology for service in _services(app)])


def replay_of(letters: Sequence[DeadLetter], app: str | None) -> str | None:
    """The `jararaca replay` of what came since the letters failed, where a stream keeps it."""
    from jararaca.operations.replay.command import replay_command

    return replay_command(_services(app), letters)


def longest_retries(queue: str, app: str | None) -> float:
    """Seconds that a message of the queue waits for its retries; 0 where no application tells."""
    from jararaca.handlers.decorators import spec_of
    from jararaca.operations.facts import time_between_tries

    specs = (
        spec_of(route.handler)
        for service in _services(app)
        for route in service.routes
        if route.queue == queue
    )
    return max(map(time_between_tries, specs), default=0.0)


def _services(app: str | None) -> Sequence[Service]:
    """The application's; none where no application is named, nor found."""
    from jararaca.application.loading import load_application

    try:
        return load_application(app).services
    except ConfigurationError:
        if app is not None:
            raise
        return ()
