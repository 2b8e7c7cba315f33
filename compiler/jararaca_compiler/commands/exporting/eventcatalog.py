"""`jararaca export eventcatalog`: the project, and its neighbours, as a catalogue."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

from jararaca_shared.printable import printable

from jararaca_compiler.commands.console.exported import compare, complain, summarize
from jararaca_compiler.commands.console.statuses import DONE
from jararaca_compiler.commands.console.terminal import Progress
from jararaca_compiler.diagnostics.plurals import count
from jararaca_compiler.exporting.eventcatalog.catalogue import Part, catalogue
from jararaca_compiler.exporting.eventcatalog.versions import with_earlier
from jararaca_compiler.linking.neighbours.reading import Neighbours
from jararaca_compiler.linking.neighbours.source import sources_of
from jararaca_compiler.linking.system import system_of
from jararaca_compiler.pipeline.compilation import Contract, read_contract
from jararaca_compiler.pipeline.recorded import Record, plan, recorded_files
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
            return complain(contract)
        progress("reading neighbours")
        files = catalogue(tuple(_parts(root, config, contract)))
    disk = Disk(root)
    recorded = recorded_files(disk, place, RECORD)
    planned = plan(disk, place, with_earlier(disk, place, recorded, files), RECORD)
    if check:
        return compare(planned.changes, RECORD.command, planned.refused, "move or delete it")
    if planned.refused:
        reasons = "\n  ".join(planned.refused)
        raise WriteError(f"nothing was written:\n  {reasons}\nmove or delete these files")
    disk.apply(planned.changes)
    services = sum(path.startswith("services/") and path.endswith("index.mdx") for path in files)
    summarize(f"{count(services, 'service')} in {place}/", planned.changes)
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
