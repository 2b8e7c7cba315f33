"""What a command that exports files says: what is wrong, what is stale, and what it has written."""

from __future__ import annotations

import sys
from collections.abc import Sequence

from jararaca_shared.printable import printable, printable_lines

from jararaca_compiler.commands.console.statuses import DONE, FOUND, WRONG
from jararaca_compiler.commands.console.terminal import coloured
from jararaca_compiler.diagnostics.plurals import count
from jararaca_compiler.diagnostics.report import render
from jararaca_compiler.pipeline.compilation import Contract
from jararaca_compiler.pipeline.write import Change


def complain(contract: Contract) -> int:
    """Print what is wrong with the documents; the exit status."""
    told = render(
        contract.diagnostics, "text", contract.documents.text, colour=coloured(sys.stderr)
    )
    print(told, end="", file=sys.stderr, flush=True)
    return WRONG


def compare(
    changes: Sequence[Change], command: str, refused: Sequence[str] = (), advice: str = ""
) -> int:
    """Print what `command` would change, and what is in its way, with advice; the exit status."""
    for change in changes:
        print(printable_lines(change.difference()), end="")
    for reason in refused:
        print(f"{printable(reason)}: {advice}", file=sys.stderr, flush=True)
    if not changes:
        return DONE
    verb = "is" if len(changes) == 1 else "are"
    told = f"{count(len(changes), 'file')} {verb} stale: run `{command}`"
    print(told, file=sys.stderr, flush=True)
    return FOUND


def summarize(what: str, changes: Sequence[Change]) -> None:
    """Say of `what` was exported how much was written and deleted."""
    deleted = sum(change.after is None for change in changes)
    state = f"{count(len(changes) - deleted, 'file')} written" if changes else "up to date"
    print(f"{what}: {state}" + (f", {deleted} deleted" if deleted else ""), flush=True)
