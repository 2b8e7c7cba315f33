"""`jararaca export eventcatalog`: the project, and its neighbours, as a catalogue."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from pathlib import Path, PurePosixPath

from jararaca_shared.printable import printable, printable_lines

from jararaca_compiler.commands.console.statuses import DONE, FOUND, WRONG
from jararaca_compiler.commands.console.terminal import Progress, coloured
from jararaca_compiler.diagnostics.plurals import count
from jararaca_compiler.diagnostics.report import render
from jararaca_compiler.exporting.eventcatalog.catalogue import Part, catalogue
from jararaca_compiler.exporting.eventcatalog.versions import with_earlier
from jararaca_compiler.linking.neighbours.reading import Neighbours
from jararaca_compiler.linking.neighbours.source import sources_of
from jararaca_compiler.linking.system import system_of
from jararaca_compiler.pipeline.compilation import Contract, read_contract
from jararaca_compiler.pipeline.recorded import Plan, Record, plan, recorded_files
from jararaca_compiler.pipeline.write import Disk, WriteError
from jararaca_compiler.project.config import Config, ConfigError, read_table
from jararaca_compiler.reading.remote import Remote

TABLE = "[tool.jararaca.eventcatalog]"
OUTPUT = "eventcatalog"
RECORD = Record("jararaca-export.json", "jararaca export eventcatalog", "--output")


def export_eventcatalog(
    root: Path, config: Config, *, output: str | None = None, check: bool = False
) -> int:
    """Write the catalogue; with `check` only compare. Raises ConfigError and WriteError."""
    if not config.sources:
        raise ConfigError("nothing to export: name documents with --source schemas/")
    place = _place(root, output)
    with Progress() as progress:
        contract = read_contract(config, root, progress)
        if not contract.is_sound:
            return _complain(contract)
        progress("reading neighbours")
        files = catalogue(tuple(_parts(root, config, contract)))
    disk = Disk(root)
    recorded = recorded_files(disk, place, RECORD)
    planned = plan(disk, place, with_earlier(disk, place, recorded, files), RECORD)
    if check:
        return _compare(planned)
    if planned.refused:
        reasons = "\n  ".join(planned.refused)
        raise WriteError(f"nothing was written:\n  {reasons}\nmove or delete these files")
    disk.apply(planned.changes)
    _summarize(planned, place, files)
    return DONE


def _place(root: Path, output: str | None) -> str:
    chosen = output
    if chosen is None:
        table = read_table(root).get("eventcatalog", {})
        chosen = table.get("output", OUTPUT) if isinstance(table, dict) else None
    path = PurePosixPath(chosen) if isinstance(chosen, str) else PurePosixPath("/")
    if path.is_absolute() or ".." in path.parts:
        raise ConfigError(f"{TABLE} output {chosen!r}: write a folder below the project's root")
    return path.as_posix()


def _parts(root: Path, config: Config, contract: Contract) -> Iterator[Part]:
    """The project's own services, then those of its neighbours."""
    with Neighbours(root, config.exchange, Remote(root)) as reader:
        system = system_of(contract, reader.read(sources_of(read_table(root))))
        for finding in system.left_out:
            source, reason = finding.values["source"], finding.values["reason"]
            told = f"the neighbour {source} is left out: {reason}"
            print(f"warning: {printable(told)}", file=sys.stderr, flush=True)
        for participant in system.participants:
            whole = participant.whole
            yield Part(whole.service, whole.contract.lookup)


def _complain(contract: Contract) -> int:
    told = render(
        contract.diagnostics, "text", contract.documents.text, colour=coloured(sys.stderr)
    )
    print(told, end="", file=sys.stderr, flush=True)
    return WRONG


def _compare(planned: Plan) -> int:
    for change in planned.changes:
        print(printable_lines(change.difference()), end="")
    for reason in planned.refused:
        print(f"{printable(reason)}: move or delete it", file=sys.stderr, flush=True)
    if not planned.changes:
        return DONE
    verb = "is" if len(planned.changes) == 1 else "are"
    told = f"{count(len(planned.changes), 'file')} {verb} stale: run `{RECORD.command}`"
    print(told, file=sys.stderr, flush=True)
    return FOUND


def _summarize(planned: Plan, place: str, files: Mapping[str, str]) -> None:
    services = sum(path.startswith("services/") and path.endswith("index.mdx") for path in files)
    deleted = sum(change.after is None for change in planned.changes)
    written = count(len(planned.changes) - deleted, "file")
    state = f"{written} written" if planned.changes else "up to date"
    told = f"{count(services, 'service')} in {place}/: {state}"
    print(told + (f", {deleted} deleted" if deleted else ""), flush=True)
