"""Which diagnostics people read in full: of one kind the first few; of the others a line each."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from jararaca_compiler.diagnostics.codes import Severity
from jararaca_compiler.diagnostics.diagnostic import Diagnostic

IN_FULL: Mapping[Severity, int] = {"error": 10, "warning": 3, "info": 3}
"""How many of one code are shown with their source and help; of errors most, to mend them all."""


@dataclass(frozen=True, slots=True)
class Kind:
    """All diagnostics of one code and severity, in their order."""

    full: tuple[Diagnostic, ...]
    rest: tuple[Diagnostic, ...]

    def line(self, found: Diagnostic) -> str:
        """The message, and its help where that is not said in full already."""
        said = {each.help for each in self.full}
        return found.message if found.help in {None, *said} else f"{found.message}. {found.help}"


def kinds(found: Iterable[Diagnostic]) -> tuple[Kind, ...]:
    """The kinds of what was found, in the order of the first of each."""
    grouped: dict[tuple[str, Severity], list[Diagnostic]] = {}
    for each in found:
        grouped.setdefault((each.code, each.severity), []).append(each)
    return tuple(_kind(severity, of) for (_, severity), of in grouped.items())


def _kind(severity: Severity, found: list[Diagnostic]) -> Kind:
    most = IN_FULL[severity]
    if len(found) <= most + 1:  # A line for the last one alone would save nothing.
        return Kind(tuple(found), ())
    return Kind(tuple(found[:most]), tuple(found[most:]))
