"""`jararaca export types`: plain types of the messages, for programs without Jararaca."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from jararaca_compiler.commands.console.exported import compare, complain, summarize
from jararaca_compiler.commands.console.statuses import DONE
from jararaca_compiler.commands.console.terminal import Progress
from jararaca_compiler.diagnostics.plurals import count
from jararaca_compiler.exporting.options import export_options
from jararaca_compiler.exporting.package import export_package
from jararaca_compiler.pipeline.compilation import read_contract
from jararaca_compiler.pipeline.write import Disk
from jararaca_compiler.project.below import nothing_to
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
        raise nothing_to("export: name documents with --source schemas/", root)
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
        return complain(contract)
    disk = Disk(root)
    changes, refused = disk.changes(made.files, ())
    if refused:
        raise ConfigError(f"{refused[0].message}: choose another folder with --output")
    if not names:
        changes += disk.leftovers([options.output], made.files)
    if check:
        return compare(changes, "jararaca export types")
    disk.apply(changes)
    messages = count(made.messages, "message")
    summarize(f"{messages} as {options.kind} in {options.output}/", changes)
    return DONE
