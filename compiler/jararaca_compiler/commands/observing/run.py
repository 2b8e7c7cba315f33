"""An observation from the command's options to its exit status."""

from __future__ import annotations

import asyncio
import signal
import sys
from collections.abc import Callable
from contextlib import ExitStack, closing, suppress
from dataclasses import dataclass
from pathlib import Path

from jararaca_shared.broker_url import BrokerUrl, BrokerUrlError, parse_broker_url
from jararaca_shared.columns import room_on

from jararaca_compiler.commands.console.findings import print_findings
from jararaca_compiler.commands.console.statuses import DONE, FOUND, WRONG
from jararaca_compiler.commands.console.terminal import Progress
from jararaca_compiler.commands.observing.amounts import seconds_of, share_of
from jararaca_compiler.commands.observing.lines import JsonLines
from jararaca_compiler.commands.observing.live import screen, text_of
from jararaca_compiler.commands.observing.metrics_server import MetricsServer
from jararaca_compiler.commands.observing.record_file import RecordFile
from jararaca_compiler.listening.broker.describing import describe
from jararaca_compiler.listening.broker.management import Management
from jararaca_compiler.listening.choosing import Choice, choose
from jararaca_compiler.listening.ears import Ears, Listening
from jararaca_compiler.listening.errors import ListeningError
from jararaca_compiler.listening.heard import HeardMessage
from jararaca_compiler.observing.contract import observed
from jararaca_compiler.observing.metrics import exposition
from jararaca_compiler.observing.observer import Observer
from jararaca_compiler.observing.recording.recorder import Recorder
from jararaca_compiler.observing.report import KINDS, Hearing, Report, report_of
from jararaca_compiler.observing.site import site_observation
from jararaca_compiler.pipeline.compilation import Contract, read_contract
from jararaca_compiler.project.config import Config, ConfigError, read_config, working_folder

SILENCE = "silence"
LOOK_SECONDS = 1.0
"""How often what was heard so far is shown, written and served."""


@dataclass(frozen=True, slots=True)
class Request:
    """What was asked for, as it was typed."""

    broker_url: str
    schemas: tuple[str, ...]
    seconds: str | None
    sample: str
    report: Path | None
    json_lines: str | None
    metrics_port: int | None
    fail_on: str
    record: Path | None
    exchanges: tuple[str, ...]
    management: str | None
    trace: bool = False


def run_observe(request: Request) -> int:
    """Observe, and print: 1 where a finding is one of `fail_on`. Raises ConfigError."""
    failing = _kinds(request.fail_on)
    duration = None if request.seconds is None else seconds_of(request.seconds)
    listening = Listening(duration, share_of(request.sample))
    root = working_folder(list(request.schemas))
    config = documents_of(root, request.schemas)
    contract = read_contract(config, root)
    if not contract.is_sound:
        print_findings(contract.diagnostics, "text", contract.documents.text, "observe", root)
        return WRONG
    try:
        report = _observed(request, listening, contract)
    except (ListeningError, BrokerUrlError) as error:
        raise ConfigError(str(error)) from error
    if request.json_lines != "-":
        sys.stdout.write(text_of(report, room_on(sys.stdout)))
    if request.report is not None:
        _write_site(request.report, root, config, report)
    is_silent = SILENCE in failing and report.heard == 0
    return FOUND if is_silent or report.of(*failing) else DONE


def _write_site(folder: Path, root: Path, config: Config, report: Report) -> None:
    """The pages of the documentation, with one of the report."""
    from jararaca_compiler.commands.documentation.build import build, write

    with Progress() as progress:
        made = build(root, config, None, progress, observed=site_observation(report))
    write(root, made, folder)
    print(f"written; open {(folder / 'observed.html').as_uri()}", file=sys.stderr)


def documents_of(root: Path, schemas: tuple[str, ...]) -> Config:
    """The configuration with these documents, else its own. Raises ConfigError for none."""
    from jararaca_compiler.importing.sources import documented

    config = documented(root, read_config(root).override(sources=schemas))
    if not config.sources:
        raise ConfigError(
            "nothing to hold messages against: name a document with --schemas, or set `sources` in "
            "[tool.jararaca]. `jararaca discover` makes one of what a broker carries"
        )
    return config


def _kinds(text: str) -> frozenset[str]:
    named = frozenset(filter(None, (each.strip() for each in text.split(","))))
    known = (*KINDS, SILENCE)
    if named == {"none"}:
        return frozenset()
    if unknown := sorted(named - set(known)):
        raise ConfigError(f"--fail-on {unknown[0]}: write none, or some of {', '.join(known)}")
    return named


def _observed(request: Request, listening: Listening, contract: Contract) -> Report:
    url = parse_broker_url(request.broker_url)
    made = observed(contract.services, contract.resolver.lookup, url.exchange)
    observer = Observer(made)
    with ExitStack() as open_things:
        lines = JsonLines(request.json_lines)
        metrics = None
        if request.metrics_port is not None:
            metrics = open_things.enter_context(closing(MetricsServer(request.metrics_port)))
        is_live = sys.stdout.isatty() and request.json_lines != "-"
        shown = open_things.enter_context(screen(is_live=is_live))

        def look(hearing: Hearing) -> None:
            report = report_of(observer, hearing)
            lines.findings(report)
            shown.show(report)
            if metrics is not None:
                metrics.text = exposition(report)

        keep = None
        if request.record is not None:
            recording = RecordFile(request.record, Recorder(made), url.shown)
            keep = open_things.enter_context(recording).keep
        hearing = asyncio.run(_listen(request, url, listening, observer, look, keep))
        report = report_of(observer, hearing)
        lines.end(report)
    return report


async def _listen(
    request: Request,
    url: BrokerUrl,
    listening: Listening,
    observer: Observer,
    look: Callable[[Hearing], None],
    keep: Callable[[HeardMessage], None] | None,
) -> Hearing:
    management = Management.of(url, request.management)
    choice = await _chosen(request, url, management, observer.contract.exchanges)
    unheard = [f"{name or 'the default exchange'}: {why}" for name, why in choice.unheard]
    async with Ears(url, choice.ears, listening, management) as ears:
        _stop_by_signals(ears)

        def hearing() -> Hearing:
            refused = [f"{name}: {why}" for name, why in ears.refused.items()]
            exchanges = None if request.trace else frozenset(e.exchange for e in choice.ears)
            counts = ears.counts
            return Hearing(
                counts.open_seconds,
                counts.deaf_seconds,
                counts.dropped,
                listening.sample,
                (*unheard, *refused),
                None if exchanges is None else exchanges - ears.refused.keys(),
            )

        watching = asyncio.create_task(_look_often(look, hearing))
        async for message in ears:
            observer.hear(message)
            if keep is not None:
                keep(message)
        watching.cancel()
        with suppress(asyncio.CancelledError):
            await watching
        return hearing()


async def _chosen(
    request: Request, url: BrokerUrl, management: Management, wanted: tuple[str, ...]
) -> Choice:
    """The ears at the exchanges of the contract that the broker has, or at those that are named."""
    named = request.exchanges or wanted
    broker = await describe(url, management, exchanges=named, trace=request.trace)
    if request.exchanges or request.trace:
        return choose(broker, request.exchanges, trace=request.trace)
    there = [name for name in wanted if broker.exchange(name) is not None]
    missing = tuple(
        (name, "the broker has no such exchange") for name in wanted if name not in there
    )
    if not there:
        raise ListeningError(
            f"the broker has none of the contract's exchanges ({', '.join(wanted) or 'none'}) in "
            f"the virtual host {url.vhost!r}: name others with --exchange, or by "
            "?exchange=NAME in the URL"
        )
    choice = choose(broker, there)
    return Choice(choice.ears, (*choice.unheard, *missing))


async def _look_often(look: Callable[[Hearing], None], hearing: Callable[[], Hearing]) -> None:
    while True:
        look(hearing())
        await asyncio.sleep(LOOK_SECONDS)


def _stop_by_signals(ears: Ears) -> None:
    loop = asyncio.get_running_loop()
    for each in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(each, ears.stop)
