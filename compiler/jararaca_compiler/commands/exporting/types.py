"""`jararaca export types`: plain types of the messages, for programs without Jararaca."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

from jararaca_shared.printable import printable_lines

from jararaca_compiler.commands.console.statuses import DONE, FOUND, WRONG
from jararaca_compiler.commands.console.terminal import Progress, coloured
from jararaca_compiler.diagnostics.plurals import count
from jararaca_compiler.diagnostics.report import render
from jararaca_compiler.exporting.options import ExportOptions, export_options
from jararaca_compiler.exporting.package import export_package
from jararaca_compiler.pipeline.compilation import Contract, read_contract
from jararaca_compiler.pipeline.write import Change, Disk
from jararaca_compiler.project.config import Config, ConfigError, read_table


def export_types(
    root: Path,
    config: Config,
    names: Sequence[str],
    *,
    kind: str | None = None,
    output: str | None = None,
    check: bool = False,
) -> int:
    """Write the types; with `check` only compare. Raises ConfigError and WriteError."""
    if not config.sources:
        raise ConfigError("nothing to export: name documents with --source schemas/")
    table = read_table(root).get("export", {})
    if not isinstance(table, dict):
        raise ConfigError("[tool.jararaca] export must be a table: [tool.jararaca.export]")
    options = export_options(table, kind, output)
    with Progress() as progress:
        contract = read_contract(config, root, progress)
        if contract.is_sound:
            progress("exporting types")
            made = export_package(contract.services, contract.resolver, options, names, root)
    if not contract.is_sound:
        return _complain(contract)
    disk = Disk(root)
    changes, refused = disk.changes(made.files, ())
    if refused:
        raise ConfigError(f"{refused[0].message}: choose another folder with --output")
    if not names:
        changes += disk.leftovers([options.output], made.files)
    if check:
        return _compare(changes)
    disk.apply(changes)
    _summarize(changes, made.messages, options)
    return DONE


def _complain(contract: Contract) -> int:
    told = render(
        contract.diagnostics, "text", contract.documents.text, colour=coloured(sys.stderr)
    )
    print(told, end="", file=sys.stderr, flush=True)
    return WRONG


def _compare(changes: Sequence[Change]) -> int:
    for change in changes:
        print(printable_lines(change.difference()), end="")
    if not changes:
        return DONE
    verb = "is" if len(changes) == 1 else "are"
    told = f"{count(len(changes), 'file')} {verb} stale: run `jararaca export types`"
    print(told, file=sys.stderr, flush=True)
    return FOUND


def _summarize(changes: Sequence[Change], messages: int, options: ExportOptions) -> None:
    told = f"{count(messages, 'message')} as {options.kind} in {options.output}/"
    deleted = sum(change.after is None for change in changes)
    state = f"{count(len(changes) - deleted, 'file')} written" if changes else "up to date"
    print(f"{told}: {state}" + (f", {deleted} deleted" if deleted else ""), flush=True)
