"""`jararaca export eventcatalog`: the project, and its neighbours, as a catalogue."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path, PurePosixPath

from jararaca_shared.printable import printable

from jararaca_compiler.commands.console.exported import compare, complain, summarize
from jararaca_compiler.commands.console.statuses import DONE
from jararaca_compiler.commands.console.terminal import Progress
from jararaca_compiler.diagnostics.plurals import count
from jararaca_compiler.exporting.eventcatalog.catalogue import Part, catalogue
from jararaca_compiler.exporting.eventcatalog.identity import slug
from jararaca_compiler.exporting.eventcatalog.shared_pages import divided, merged
from jararaca_compiler.exporting.eventcatalog.versions import with_earlier
from jararaca_compiler.linking.neighbours.reading import Neighbours
from jararaca_compiler.linking.neighbours.source import sources_of
from jararaca_compiler.linking.system import system_of
from jararaca_compiler.pipeline.compilation import Contract, read_contract
from jararaca_compiler.pipeline.recorded import Files, Record, plan, recorded_files
from jararaca_compiler.pipeline.write import Change, Disk, WriteError
from jararaca_compiler.project.below import nothing_to
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
        raise nothing_to("export: name documents with --source schemas/", root)
    place, name = _place(root, output), _name(root)
    record = RECORD if name is None else replace(RECORD, name=f"jararaca-export.{name}.json")
    with Progress() as progress:
        contract = read_contract(config, root, progress)
        if not contract.is_sound:
            return complain(contract)
        progress("reading neighbours")
        own = None if name is None else frozenset(each.name for each in contract.services)
        files = catalogue(tuple(_parts(root, config, contract)), own)
    disk = Disk(root)
    recorded = recorded_files(disk, place, record)
    shared: Files = {}
    if name is not None:
        files, shared = divided(files)
        files = _without_others(disk, place, record, files)
    planned = plan(disk, place, with_earlier(disk, place, recorded, files), record)
    planned = replace(planned, changes=(*planned.changes, *_shared(disk, place, shared)))
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


def _name(root: Path) -> str | None:
    """Whose part of a catalogue of several repositories this is; None of one's own catalogue."""
    table = read_table(root).get("eventcatalog", {})
    name = table.get("name") if isinstance(table, dict) else None
    if name is not None and (not isinstance(name, str) or slug(name) != name):
        raise ConfigError(f"{TABLE} name {name!r}: write letters, digits, dots and hyphens")
    return name


def _without_others(disk: Disk, place: str, record: Record, files: Files) -> Files:
    """The files that no other repository has written: what is there first stays."""
    theirs: set[str] = set()
    for path in sorted((disk.root / place).glob("jararaca-export*.json")):
        if path.name != record.name:
            theirs.update(recorded_files(disk, place, replace(record, name=path.name)))
    return {path: text for path, text in files.items() if path not in theirs}


def _shared(disk: Disk, place: str, pages: Files) -> Iterator[Change]:
    for path, text in pages.items():
        disk.refuse_links(f"{place}/{path}")
        before = disk.read(f"{place}/{path}")
        after = merged(before, text)
        if after != before:
            yield Change(f"{place}/{path}", before, after)


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
