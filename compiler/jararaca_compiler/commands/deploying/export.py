"""`jararaca deploy export`: what an operator applies, from the application and its settings."""

from __future__ import annotations

import sys
from collections.abc import Callable
from importlib.metadata import entry_points
from pathlib import Path

from jararaca_shared.application_facts import ApplicationFacts
from jararaca_shared.printable import printable

from jararaca_compiler.commands.console.exported import compare, summarize
from jararaca_compiler.commands.console.statuses import DONE
from jararaca_compiler.deploying.deployment import Deployment
from jararaca_compiler.deploying.export import RECORD, exported
from jararaca_compiler.deploying.settings import deploy_settings
from jararaca_compiler.diagnostics.plurals import count
from jararaca_compiler.pipeline.recorded import plan
from jararaca_compiler.pipeline.write import Disk, WriteError
from jararaca_compiler.project.config import ConfigError, read_table

ENTRY_POINT = "jararaca.facts"
"""The group of the one entry point that knows an application: the runtime's."""

HOW = "move the change to [tool.jararaca.deploy], or delete the file"


def deploy_export(root: Path, app: str | None, output: str | None, *, check: bool = False) -> int:
    """Write the files; with `check` only compare. Raises ConfigError and WriteError."""
    settings = deploy_settings(read_table(root).get("deploy", {}), output)
    deployment = Deployment(_facts(app), settings)
    disk = Disk(root)
    planned = plan(disk, settings.output, exported(deployment), RECORD)
    if check:
        return compare(planned.changes, RECORD.command, planned.refused, HOW)
    if planned.refused:
        reasons = "\n  ".join(planned.refused)
        raise WriteError(f"nothing was written:\n  {reasons}\n{HOW}")
    disk.apply(planned.changes)
    for warning in deployment.warnings():
        print(f"warning: {printable(warning)}", file=sys.stderr, flush=True)
    summarize(f"{count(planned.files, 'file')} in {settings.output}/", planned.changes)
    return DONE


def _facts(app: str | None) -> ApplicationFacts:
    """What the runtime says of the application. Raises ConfigError."""
    found = list(entry_points(group=ENTRY_POINT))
    if not found:
        raise ConfigError("the runtime is not installed here, or was installed before this command")
    facts_of: Callable[[str | None], ApplicationFacts] = found[0].load()
    return facts_of(app)
