"""`jararaca dead-letters replay`: back into the queue, edited first, or out of the broker."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from jararaca.cli.console import complain, count, paint, progress, say
from jararaca.cli.letters.letter_filter import EVERY_LETTER, LetterFilter, filtered
from jararaca.cli.letters.letter_lookup import letters_at, longest_retries
from jararaca.cli.on_broker import on_broker
from jararaca.cli.options import DEFAULT_BROKER_URL, AppOption, BrokerUrl, Limit, QueueArgument
from jararaca.errors import ConfigurationError

if TYPE_CHECKING:
    from jararaca.operations.dead_letter import DeadLetter
    from jararaca.operations.dead_letters import Told, Watch

WAIT, LONGEST_WAIT = 5.0, 300.0


@filtered
def replay(
    queue: QueueArgument,
    letters: LetterFilter = EVERY_LETTER,
    limit: Limit = None,
    stop_on_failure: Annotated[
        bool,
        typer.Option(
            "--stop-on-failure", help="Stop, with exit status 1, once a message is given up again."
        ),
    ] = False,
    wait: Annotated[
        float | None,
        typer.Option(
            min=0,
            metavar="SECONDS",
            help="How long --stop-on-failure looks after each message. Default: 5, and after the "
            "last one as long as the retries of the queue's handlers wait, at most 300.",
        ),
    ] = None,
    edit: Annotated[
        bool,
        typer.Option("--edit", help="Open each body in $EDITOR, and validate what comes back."),
    ] = False,
    to_file: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE", help="Move the letters into this file, as `export` writes them."
        ),
    ] = None,
    believe: Annotated[
        bool,
        typer.Option(
            "--believe-topics", help="Restore topics even if nobody vouches for who wrote them."
        ),
    ] = False,
    app: AppOption = None,
    broker_url: BrokerUrl = DEFAULT_BROKER_URL,
) -> None:
    """Send dead letters back to their queue, to be handled again.

    Messages keep their ids. The broker confirms each message before it leaves the dead letters, so
    you can interrupt this command and run it again. A message gets its original topic back if the
    account in the broker URL, or one of its `trusted_users`, wrote that topic.

    Exit status: 0; 1 if a message cannot be sent again or was given up again, or an id is not
    there.
    """
    from jararaca.cli.letters.letter_editing import Editor
    from jararaca.operations import dead_letters

    if to_file is not None and (edit or stop_on_failure):
        raise ConfigurationError("--to-file sends nothing: leave --edit and --stop-on-failure out")
    chosen, place = letters.chosen(), letters_at(queue, app)
    done: list[DeadLetter] = []
    refused: list[str] = []
    shown = None if edit else progress("replaying" if to_file is None else "moving")
    editor = Editor.of(app) if edit else None
    watch = _watch(queue, app, wait) if stop_on_failure else None

    async def work(transport: Any) -> int:
        return await dead_letters.replay(
            transport,
            place,
            chosen,
            limit=limit,
            progress=shown,
            believe=believe,
            told=done.append,
            edit=editor,
            watch=watch,
            refused=lambda letter, error: refused.append(f"{letter.message_id or '-'}: {error}"),
        )

    async def move(transport: Any) -> int:
        assert to_file is not None
        with _appending(to_file) as kept:
            return await dead_letters.purge(
                transport, place, chosen, limit=limit, progress=shown, told=done.append, kept=kept
            )

    if to_file is not None:
        number = count(on_broker(broker_url, move), "message")
        say(f"{paint('moved', 'good')} {number} of {queue} to {to_file}")
    else:
        number = count(on_broker(broker_url, work), "message")
        say(f"{paint('replayed', 'good')} {number} into {queue}")
        _tell_unvouched(done, believe=believe)
    for each in refused:
        complain(f"it stays where it is, since it cannot be sent again: {each}")
    if refused:
        raise typer.Exit(1)
    if not edit:
        letters.check_all_found(queue, done, limit)


def _watch(queue: str, app: str | None, wait: float | None) -> Watch:
    """As long as is asked for, or as the retries of the queue's handlers wait."""
    from jararaca.operations.dead_letters import Watch

    if wait is not None:
        return Watch(wait, wait)
    last = longest_retries(queue, app) + WAIT
    if last > LONGEST_WAIT:
        complain(
            f"a message may be given up again after {last:,.0f} s, and is looked for during "
            f"{LONGEST_WAIT:g} s after the last one (--wait)",
            label="note:",
        )
    return Watch(WAIT, min(last, LONGEST_WAIT))


def _tell_unvouched(done: list[DeadLetter], *, believe: bool) -> None:
    unvouched = sum(not letter.is_vouched_for for letter in done)
    if unvouched and not believe:
        complain(
            f"{count(unvouched, 'message')} went without the topic that they name: the broker "
            "does not vouch for who wrote it (trusted_users= in the broker URL, --believe-topics)",
            label="note:",
        )


@contextmanager
def _appending(file: Path) -> Iterator[Told]:
    """Writes each letter so that it is on the disk before it leaves the broker."""
    try:
        with file.open("a", encoding="utf-8") as output:

            def keep(letter: DeadLetter) -> None:
                output.write(letter.as_json() + "\n")
                output.flush()
                os.fsync(output.fileno())

            yield keep
    except OSError as error:
        raise ConfigurationError(f"{file}: {error.strerror}") from error
