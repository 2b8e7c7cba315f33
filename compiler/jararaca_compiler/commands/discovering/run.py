"""`jararaca discover`: listens, gathers, writes, and says what comes next."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from jararaca_shared.broker_url import BrokerUrl, BrokerUrlError, parse_broker_url
from jararaca_shared.printable import printable

from jararaca_compiler.commands.console.statuses import DONE, FOUND, WRONG
from jararaca_compiler.commands.discovering.live import Live
from jararaca_compiler.diagnostics.plurals import count
from jararaca_compiler.discovering.gathering import Gathered
from jararaca_compiler.discovering.writing.files import (
    MEMORIES,
    Found,
    UnreadableError,
    check_memory,
    found,
)
from jararaca_compiler.listening.broker.describing import describe
from jararaca_compiler.listening.broker.description import BrokerDescription, Exchange
from jararaca_compiler.listening.broker.management import Management
from jararaca_compiler.listening.choosing import choose
from jararaca_compiler.listening.ears import Ears, Listening
from jararaca_compiler.listening.errors import ListeningError
from jararaca_compiler.listening.heard import Counts
from jararaca_compiler.pipeline.write import Change, Disk
from jararaca_compiler.project.config import ConfigError


@dataclass(frozen=True, slots=True)
class Request:
    """What was typed."""

    broker_url: str
    management: str | None
    definitions: Path | None
    seconds: float
    exchanges: tuple[str, ...]
    sample: float
    routed_only: bool
    trace: bool
    output: str
    examples: bool


@dataclass(frozen=True, slots=True)
class Heard:
    """What a listening came to; `unheard` are exchanges with the reason."""

    broker: BrokerDescription
    gathered: Gathered
    counts: Counts
    unheard: tuple[tuple[str, str], ...]


def run_discover(root: Path, request: Request) -> int:
    """The command. Raises ConfigError."""
    _refuse_unwritable(root, request.output)
    try:
        _refuse_unreadable(root, request.output)
        url = parse_broker_url(request.broker_url)
        heard = asyncio.run(_listen(url, request))
        files = _files(Disk(root), request, heard)
    except (BrokerUrlError, ListeningError, UnreadableError) as error:
        raise ConfigError(str(error)) from error
    _tell(heard, files)
    if any(each.unmerged is not None for each in files):
        return WRONG
    return DONE if files else FOUND


def _refuse_unwritable(root: Path, output: str) -> None:
    """Before listening for an hour. Raises ConfigError."""
    place = root / output
    there = next(each for each in (place, *place.parents) if each.exists())
    if not there.is_dir() or not os.access(there, os.W_OK | os.X_OK):
        raise ConfigError(f"--output {output}: nothing can be written to {there}; name another")


def _refuse_unreadable(root: Path, output: str) -> None:
    """What the last run kept, before listening for an hour. Raises UnreadableError, WriteError."""
    disk = Disk(root)
    for place in sorted((root / output).glob(MEMORIES)):
        path = f"{output}/{place.name}"
        check_memory(disk.read(path) or "", path)


async def _listen(url: BrokerUrl, request: Request) -> Heard:
    management = Management.of(url, request.management)
    text = _definitions(request.definitions)
    broker = await describe(
        url, management, definitions=text, exchanges=request.exchanges, trace=request.trace
    )
    choice = choose(broker, request.exchanges, routed_only=request.routed_only, trace=request.trace)
    gathered = Gathered()
    listening = Listening(request.seconds, request.sample)
    asked = management if broker.is_live else None
    if not choice.ears:
        return Heard(broker, gathered, Counts(), choice.unheard)
    async with Ears(url, choice.ears, listening, asked) as ears:
        _stop_at_signals(ears)
        with Live(request.seconds) as live:
            async for message in ears:
                gathered.add(message)
                live.show(gathered, ears.counts)
    refused = tuple(ears.refused.items())
    return Heard(broker, gathered, ears.counts, (*choice.unheard, *refused))


def _stop_at_signals(ears: Ears) -> None:
    """Ctrl-C closes the ears, and what was heard is written; a second one ends the command."""
    loop = asyncio.get_running_loop()

    def stop(number: int) -> None:
        ears.stop()
        loop.remove_signal_handler(number)

    with suppress(NotImplementedError):
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, stop, number)


def _definitions(file: Path | None) -> str | None:
    if file is None:
        return None
    try:
        return file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"--definitions {file} cannot be read: {error}") from error


def _files(disk: Disk, request: Request, heard: Heard) -> list[Found]:
    """Write the document of each exchange that something was heard of."""
    files = [
        found(
            heard.broker.exchange(name) or Exchange(name, "topic" if name else "direct"),
            heard.gathered,
            heard.broker,
            heard.counts,
            disk.read,
            output=request.output,
            examples=request.examples,
        )
        for name in sorted(heard.gathered.exchanges)
    ]
    changes = [
        Change(path, disk.read(path), text)
        for each in files
        for path, text in ((each.path, each.text), (each.memory_path, each.memory))
        if text is not None
    ]
    disk.apply(changes)
    return files


def _tell(heard: Heard, files: list[Found]) -> None:
    dropped = heard.counts.dropped
    missed = "an unknown number" if dropped is None else f"{dropped:,}"
    print(
        f"{count(heard.counts.heard, 'message')} heard, {missed} dropped, "
        f"in {heard.counts.open_seconds:.0f} s",
        flush=True,
    )
    for each in files:
        _tell_file(each)
    for name, reason in heard.unheard:
        _note(f"{name or 'the default exchange'} is not heard: {reason}")
    if heard.counts.deaf_seconds:
        _note(f"{heard.counts.deaf_seconds:.1f} s without a connection are in no count")
    if heard.gathered.overlooked:
        _note(f"{count(heard.gathered.overlooked, 'message')} on further topics were not looked at")
    if not files:
        _note("nothing was heard: listen for longer (--for 10m), or see --trace")
        return
    paths = " ".join(each.path for each in files)
    print(f"Next: jararaca lint {paths}\n      jararaca codegen {paths}", flush=True)


def _tell_file(file: Found) -> None:
    document = file.document
    number = count(len(document["components"]["messages"]), "message")
    channels = count(len(document["channels"]), "channel")
    if file.unmerged is not None:
        _note(f"{file.unmerged}; what was heard is kept, and the next run adds it")
        done = "not merged"
    elif file.merged is None:
        done = "written"
    else:
        done = "merged" if file.text is not None else "nothing new"
    print(f"  {file.path}: {number} on {channels} ({done})", flush=True)
    if file.merged is not None:
        for place in file.merged.kept:
            _note(f"{file.path}: {place} stays as you edited it; this run found something else")


def _note(text: str) -> None:
    print(f"note: {printable(text)}", file=sys.stderr, flush=True)
