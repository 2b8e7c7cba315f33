"""Where an operator's dead letters are: what the application tells, if there is one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from jararaca.errors import ConfigurationError

if TYPE_CHECKING:
    from jararaca.operations.letter_places import Place


def letters_at(queue: str, app: str | None) -> Place:
    """Where the queue's dead letters are; without an application, in a queue of its own."""
    from jararaca.application.loading import load_application
    from jararaca.operations.letter_places import place_of

    try:
        services = load_application(app).services
    except ConfigurationError:
        if app is not None:
            raise
        services = ()
    return place_of(queue, [service.topology for service in services])
