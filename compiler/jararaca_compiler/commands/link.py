"""`jararaca link`: what each service sends, held against all who receive it."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from functools import partial
from pathlib import Path

from jararaca_shared.columns import room_on
from jararaca_shared.printable import json_text

from jararaca_compiler.commands.console.findings import print_findings
from jararaca_compiler.commands.console.statuses import DONE, FOUND, WRONG
from jararaca_compiler.commands.console.terminal import Progress, coloured
from jararaca_compiler.diagnostics.diagnostic import Diagnostic
from jararaca_compiler.diagnostics.report import Format, Text, as_json
from jararaca_compiler.linking.acceptance import Acceptance
from jararaca_compiler.linking.cache.contracts import ContractCache
from jararaca_compiler.linking.cache.verdicts import KeptVerdicts
from jararaca_compiler.linking.checks.all_checks import findings
from jararaca_compiler.linking.checks.exceptions import unused_exceptions
from jararaca_compiler.linking.link import LinkedSystem
from jararaca_compiler.linking.linker import link
from jararaca_compiler.linking.neighbours.reading import Neighbours
from jararaca_compiler.linking.neighbours.source import sources_of
from jararaca_compiler.linking.report.accepted import (
    accepted_as_json,
    accepted_count,
    notes_of,
)
from jararaca_compiler.linking.report.explanation import explain
from jararaca_compiler.linking.report.links import links_as_json, summary, table
from jararaca_compiler.linking.settings import Accepted, link_settings
from jararaca_compiler.linking.system import own_reading, text_of, with_neighbours
from jararaca_compiler.project.below import nothing_to
from jararaca_compiler.project.config import Config, ConfigError, read_table
from jararaca_compiler.reading.load import Documents
from jararaca_compiler.reading.remote import Remote


def run_link(
    root: Path,
    config: Config,
    format: Format,
    pair: tuple[str, str] | None = None,
    *,
    update_lock: bool = False,
) -> int:
    """Print the links and what is wrong with them: 0 where nothing is an error, 1 where a rule is,
    2 for documents that do not compile. Raises ConfigError.

    With `pair`, explain what goes from its first service to its second, and back. `update_lock`
    accepts neighbours on the network that have changed.
    """
    if not config.sources:
        raise nothing_to("link: name a document, like `jararaca link schemas/`", root)
    settings = read_table(root)
    chosen, sources = link_settings(settings), sources_of(settings)
    remote = Remote(root, update=update_lock)
    cache, verdicts = ContractCache(root), KeptVerdicts(root)
    with Neighbours(root, config.exchange, remote, cache) as reader:
        with Progress() as progress:
            own = cache.read(own_reading(config, root, progress, remote))
            if own.broken is None:
                progress("reading the neighbours")
                neighbours = reader.read(sources)
                progress("linking")
                system = with_neighbours(own.participants, neighbours)
                linked = link(system.participants, Acceptance(verdicts))
        if own.broken is not None:
            documents = own.broken.documents
            print_findings(own.broken.diagnostics, format, documents.text, "link", root)
            return WRONG
        cache.save()
        verdicts.save()
        if remote.save():
            print("pinned in jararaca.lock", file=sys.stderr)
        if pair is not None:
            _refuse_unknown(linked, pair)
            sys.stdout.write(explain(linked, *pair))
            return DONE
        found = [*system.left_out, *findings(linked)]
        told = chosen.told([*found, *unused_exceptions(chosen, found, linked)])
        text = partial(text_of, Documents(root).text, neighbours)
        _print(linked, told, chosen.accepted(found), format, text, root)
    return FOUND if any(each.severity == "error" for each in told) else DONE


def _refuse_unknown(linked: LinkedSystem, pair: tuple[str, str]) -> None:
    """Raises ConfigError for a name that no service has."""
    from difflib import get_close_matches  # Nothing else of a run needs it.

    known = sorted(each.name for each in linked.participants)
    for name in pair:
        if name not in known:
            near = get_close_matches(name.lower(), known, 1)
            meant = f"; did you mean `{near[0]}`?" if near else ""
            raise ConfigError(f"there is no service `{name}`: {', '.join(known)}{meant}")


def _print(
    linked: LinkedSystem,
    told: Sequence[Diagnostic],
    accepted: Sequence[Accepted],
    format: Format,
    text: Text,
    root: Path,
) -> None:
    notes = notes_of(accepted)
    if format == "json":
        value = {
            "links": links_as_json(linked, notes),
            "findings": [as_json(each) for each in told],
            "accepted": accepted_as_json(accepted),
        }
        print(json_text(value, indent=2))
        return
    if format == "text":
        print(table(linked, coloured(sys.stdout), notes, room_on(sys.stdout)))
    print_findings(told, format, text, "link", root)
    if format == "text":
        print(summary(linked, notes) + accepted_count(accepted))
