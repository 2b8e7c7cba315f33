"""`jararaca lint`: advice about the configured sources, and an exit status for CI."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from pathlib import Path

from jararaca_shared.settings import PYPROJECT

from jararaca_compiler.commands.console.findings import print_findings
from jararaca_compiler.commands.console.statuses import DONE, FOUND, WRONG
from jararaca_compiler.commands.console.terminal import Progress, coloured
from jararaca_compiler.diagnostics.diagnostic import Diagnostic, ordered
from jararaca_compiler.diagnostics.levels import Level, level_table, read_levels
from jararaca_compiler.diagnostics.plurals import count
from jararaca_compiler.diagnostics.report import Format
from jararaca_compiler.linking.checks.all_checks import breaks
from jararaca_compiler.linking.linker import link
from jararaca_compiler.linking.settings import link_settings
from jararaca_compiler.linking.system import own_participants
from jararaca_compiler.lint import LINT_RULES, lint
from jararaca_compiler.pipeline.compilation import Contract, read_contract
from jararaca_compiler.project.below import nothing_to
from jararaca_compiler.project.config import Config, read_table
from jararaca_compiler.reading.remote import Remote

_BOLD, _OFF = "\x1b[1m", "\x1b[0m"


def run_lint(root: Path, config: Config, format: Format, *, allow_remote: bool = False) -> int:
    """Print what could be better, and what the services refuse of one another: 0 where nothing is
    an error, 1 where a rule is, 2 for documents that do not compile. Raises ConfigError.
    """
    if not config.sources:
        raise nothing_to("look at: name a document, like `jararaca lint schemas/`", root)
    configured, settings = _configured(root), link_settings(read_table(root))
    with Progress() as progress:
        remote = Remote(root) if allow_remote else None
        contract = read_contract(config, root, progress, remote)
        found: tuple[Diagnostic, ...] = ()
        if contract.is_sound:
            found = lint(contract.services, contract.documents, contract.resolver, configured)
            progress("linking")
            found += settings.told(breaks(link(own_participants(contract))))
    _print(ordered([*contract.diagnostics, *found]), contract, format, root)
    if not contract.is_sound:
        return WRONG
    return FOUND if any(each.severity == "error" for each in found) else DONE


def list_rules(root: Path) -> int:
    """Print every rule with its level here, its reason and its fix. Raises ConfigError."""
    configured = _configured(root)
    bold, off = (_BOLD, _OFF) if coloured(sys.stdout) else ("", "")
    for code, rule in LINT_RULES.items():
        level = configured.get(code, rule.level)
        print(f"{bold}{code}{off} ({level})\n  {rule.why}\n  Fix: {_plain(rule.fix)}\n")
    print(f'Set a rule in {PYPROJECT}: [tool.jararaca.lint] with {code} = "off".')
    return DONE


def _plain(fix: str) -> str:
    """A fix without the values of a finding."""
    return fix.replace("{{", "{").replace("}}", "}")


def _configured(root: Path) -> dict[str, Level]:
    return read_levels(level_table(read_table(root), "lint"), "lint", LINT_RULES)


def _print(found: Iterable[Diagnostic], contract: Contract, format: Format, root: Path) -> None:
    listed = tuple(found)
    print_findings(listed, format, contract.documents.text, "lint", root)
    if format == "text":
        number = len(contract.services)
        said = f"{count(len(listed), 'finding')} in {count(number, 'service')}"
        print(said if listed else f"nothing to improve in {count(number, 'service')}", flush=True)
