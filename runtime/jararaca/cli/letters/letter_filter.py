"""The options that say which dead letters are meant: each command that is `filtered` has them."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Any

import typer

from jararaca.cli.options import id_option
from jararaca.errors import NoSuchLetterError

if TYPE_CHECKING:
    from jararaca.operations.dead_letter import DeadLetter
    from jararaca.operations.dead_letters import Filter


@dataclass(frozen=True, slots=True)
class LetterFilter:
    """What the options say. Each field is an option; times without a zone are local."""

    ids: Annotated[list[str] | None, id_option()] = None
    message: Annotated[
        str | None, typer.Option(metavar="NAME", help="Only messages with this name.")
    ] = None
    reason: Annotated[
        str | None, typer.Option(metavar="TEXT", help="Only if the reason contains this.")
    ] = None
    handler: Annotated[str | None, typer.Option(metavar="TEXT", help="Only from this handler.")] = (
        None
    )
    since: Annotated[
        datetime | None,
        typer.Option(metavar="TIME", help="Only dead-lettered at this time or later."),
    ] = None
    until: Annotated[
        datetime | None, typer.Option(metavar="TIME", help="Only dead-lettered before this time.")
    ] = None

    def chosen(self) -> Filter:
        """The filter that they mean."""
        from jararaca.operations.dead_letters import Filter

        start, end = (None if time is None else _aware(time) for time in (self.since, self.until))
        return Filter(tuple(self.ids or ()), self.message, self.reason, self.handler, start, end)

    def check_all_found(self, queue: str, done: list[DeadLetter], limit: int | None = None) -> None:
        """Raises NoSuchLetterError for an id that no dead letter has."""
        missing = dict.fromkeys(self.ids or ()).keys() - {letter.message_id for letter in done}
        if missing and (limit is None or len(done) < limit):
            raise NoSuchLetterError(
                f"{queue} has no such dead letter: {', '.join(sorted(missing))}"
            )


def _aware(time: datetime) -> datetime:
    """The time in the zone of this machine, where it has none; the first and last are UTC's."""
    try:
        return time.astimezone()
    except (OverflowError, ValueError):
        return time.replace(tzinfo=UTC)


EVERY_LETTER = LetterFilter()


def filtered(command: Callable[..., None]) -> Callable[..., None]:
    """The command with the options of a LetterFilter in the place of its parameter `letters`.

    Typer reads the options of a command from its signature, and so this writes one.
    """
    own = inspect.signature(command, eval_str=True)
    options = inspect.signature(LetterFilter, eval_str=True).parameters

    def run(**given: Any) -> None:
        letters = LetterFilter(**{name: given.pop(name) for name in options})
        command(**given, letters=letters)

    parameters = [
        each
        for parameter in own.parameters.values()
        for each in (options.values() if parameter.name == "letters" else (parameter,))
    ]
    run.__name__, run.__doc__ = command.__name__, command.__doc__
    run.__signature__ = own.replace(parameters=parameters)  # type: ignore[attr-defined]
    return run
