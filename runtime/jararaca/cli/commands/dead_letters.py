"""`jararaca dead-letters`: what handlers gave up, and what becomes of it."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from jararaca.cli.commands.letter_counts import counts
from jararaca.cli.console import count, paint, progress, say, say_json, table
from jararaca.cli.help import LOOK, examples, sub_application
from jararaca.cli.letters.letter_filter import EVERY_LETTER, LetterFilter, filtered
from jararaca.cli.letters.letter_lookup import letters_at, replay_of
from jararaca.cli.letters.letter_replay import replay
from jararaca.cli.on_broker import on_broker
from jararaca.cli.options import (
    DEFAULT_BROKER_URL,
    AppOption,
    BrokerUrl,
    Json,
    Limit,
    QueueArgument,
)
from jararaca.errors import ConfigurationError

if TYPE_CHECKING:
    from jararaca.operations.dead_letter import DeadLetter

HEADINGS = ("message id", "message", "topic", "tries", "given up", "reason")
LONGEST_REASON = 80


def register(app: typer.Typer) -> None:
    """Add the group of commands."""
    group = sub_application("Count, list, show, replay, export or purge dead letters.")
    command = "jararaca dead-letters"
    group.command(
        "list", epilog=examples(f"{command} list", f"{command} list shop.place_order --json")
    )(list_)
    group.command(
        epilog=examples(f"{command} counts", f"{command} counts shop.place_order --json")
    )(counts)
    group.command(epilog=examples(f"{command} show shop.place_order 0192d3a8-..."))(show)
    group.command(
        epilog=examples(
            f"{command} replay shop.place_order --reason timeout",
            f"{command} replay shop.place_order --limit 1 --stop-on-failure",
            f"{command} replay shop.place_order --id 0192d3a8-... --edit",
        )
    )(replay)
    group.command(epilog=examples(f"{command} export shop.place_order > letters.jsonl"))(export)
    group.command(epilog=examples(f"{command} purge shop.place_order --until 2026-01-31 --yes"))(
        purge
    )
    app.add_typer(group, name="dead-letters", rich_help_panel=LOOK)


@filtered
def list_(
    queue: Annotated[
        str | None,
        typer.Argument(
            metavar="QUEUE",
            help="The handler's queue. Default: count the dead letters of each queue.",
        ),
    ] = None,
    letters: LetterFilter = EVERY_LETTER,
    limit: Limit = None,
    as_json: Json = False,
    app: AppOption = None,
    broker_url: BrokerUrl = DEFAULT_BROKER_URL,
) -> None:
    """List a queue's dead letters, or count those of every queue.

    The oldest come first. With --json, a list has one object per line, and the counts are one
    object.
    """
    from jararaca.operations.dead_letters import list_dead_letters

    if queue is None:
        _count(app, broker_url, as_json)
        return
    chosen, place = letters.chosen(), letters_at(queue, app)

    async def work(transport: Any) -> list[DeadLetter]:
        return await list_dead_letters(transport, place, chosen, limit)

    found = on_broker(broker_url, work)
    if as_json:
        for letter in found:
            say(letter.as_json())
    elif found:
        say(table([_cells(letter) for letter in found], HEADINGS))
        if (command := replay_of(found, app)) is not None:
            say(f"its stream has what came since: {command}")
    else:
        say(f"{queue} has no such dead letters, apart from any that another command is reading")


def show(
    queue: QueueArgument,
    message_id: Annotated[
        str | None, typer.Argument(metavar="ID", help="The message's id. Default: the oldest.")
    ] = None,
    as_json: Json = False,
    app: AppOption = None,
    broker_url: BrokerUrl = DEFAULT_BROKER_URL,
) -> None:
    """Show one dead letter: reason, traceback and body."""
    from jararaca.operations.dead_letters import Filter, list_dead_letters

    place = letters_at(queue, app)

    async def work(transport: Any) -> list[DeadLetter]:
        ids = () if message_id is None else (message_id,)
        return await list_dead_letters(transport, place, Filter(message_ids=ids), 1)

    letters = on_broker(broker_url, work)
    if not letters:
        wanted = "" if message_id is None else f" with the id {message_id}"
        raise ConfigurationError(f"{queue} has no dead letter{wanted}")
    say(letters[0].as_json() if as_json else _whole(letters[0], replay_of(letters, app)))


@filtered
def export(
    queue: QueueArgument,
    output: Annotated[
        Path | None, typer.Option(metavar="FILE", help="The file to write. Default: stdout.")
    ] = None,
    letters: LetterFilter = EVERY_LETTER,
    app: AppOption = None,
    broker_url: BrokerUrl = DEFAULT_BROKER_URL,
) -> None:
    """Write dead letters as JSON lines, without removing them."""
    from jararaca.operations.dead_letters import list_dead_letters

    chosen, place = letters.chosen(), letters_at(queue, app)

    async def work(transport: Any) -> list[DeadLetter]:
        return await list_dead_letters(transport, place, chosen)

    text = "".join(letter.as_json() + "\n" for letter in on_broker(broker_url, work))
    if output is None:
        say(text, end="")
        return
    try:
        output.write_text(text, encoding="utf-8")
    except OSError as error:
        raise ConfigurationError(f"{output}: {error.strerror}") from error
    say(f"{paint('exported', 'good')} {count(text.count(chr(10)), 'message')} to {output}")


@filtered
def purge(
    queue: QueueArgument,
    letters: LetterFilter = EVERY_LETTER,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask for confirmation.")] = False,
    app: AppOption = None,
    broker_url: BrokerUrl = DEFAULT_BROKER_URL,
) -> None:
    """Delete dead letters permanently, after a confirmation."""
    from jararaca.operations import dead_letters

    chosen, place = letters.chosen(), letters_at(queue, app)
    if not yes:
        which = "every dead letter" if chosen == dead_letters.ALL else "the matching dead letters"
        typer.confirm(f"permanently delete {which} of {queue}?", abort=True)

    done: list[DeadLetter] = []

    async def work(transport: Any) -> int:
        told = progress("purging")
        return await dead_letters.purge(transport, place, chosen, progress=told, told=done.append)

    say(f"{paint('purged', 'good')} {count(on_broker(broker_url, work), 'message')} of {queue}")
    letters.check_all_found(queue, done)


def _count(app: str | None, broker_url: str, as_json: bool) -> None:

    from jararaca.application.loading import load_application
    from jararaca.operations.dead_letters import counts

    topologies = [service.topology for service in load_application(app).services]

    async def work(transport: Any) -> dict[str, int]:
        return await counts(transport, topologies)

    found = on_broker(broker_url, work)
    if as_json:
        say_json(found)
        return
    rows = [[queue, paint(str(n), "bad") if n else "-"] for queue, n in found.items()]
    say(table(rows, ["queue", "dead letters"]))


def _cells(letter: DeadLetter) -> list[str]:
    reason = letter.reason.splitlines()[0] if letter.reason else ""
    if len(reason) > LONGEST_REASON:
        reason = reason[: LONGEST_REASON - 1] + "…"
    return [
        letter.message_id or "-",
        letter.name or "-",
        letter.topic,
        str(letter.attempts or "-"),
        _when(letter.dead_lettered_at),
        reason,
    ]


def _whole(letter: DeadLetter, replaying: str | None) -> str:
    """A dead letter as a person reads it, with the command for the events since."""
    facts = [
        ["message", f"{letter.name or '-'} {letter.message_id or '(no id)'}"],
        ["topic", letter.topic],
        ["queue", letter.queue],
        ["handler", letter.handler or "-"],
        ["tries", str(letter.attempts or "-")],
        ["first failure", _when(letter.first_failure)],
        ["given up", _when(letter.dead_lettered_at)],
        ["reason", letter.reason],
        *([["since then", replaying]] if replaying else []),
    ]
    lines = [table([[paint(name, "dim"), value] for name, value in facts])]
    if letter.traceback:
        lines += ["", letter.traceback.rstrip()]
    return "\n".join([*lines, "", letter.delivery.body.decode(errors="replace")])


def _when(time: datetime | None) -> str:
    return time.astimezone().strftime("%Y-%m-%d %H:%M:%S") if time else "-"
