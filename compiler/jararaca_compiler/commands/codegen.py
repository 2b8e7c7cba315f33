"""`jararaca codegen`: compile, compare with what is on disk, write, and say what was done."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO

from jararaca_shared.printable import printable_lines

from jararaca_compiler.commands.console.statuses import DONE, FOUND, WRONG
from jararaca_compiler.commands.console.terminal import Progress, coloured
from jararaca_compiler.diagnostics.plurals import count, first
from jararaca_compiler.incremental.cache import Cache
from jararaca_compiler.project.below import nothing_to
from jararaca_compiler.project.config import Config

if TYPE_CHECKING:
    from jararaca_compiler import ir
    from jararaca_compiler.diagnostics.diagnostic import Diagnostic
    from jararaca_compiler.diagnostics.report import Format
    from jararaca_compiler.incremental.patch import Patch
    from jararaca_compiler.pipeline.compilation import Compilation, Contract
    from jararaca_compiler.pipeline.write import Change, Disk

REPORTED_ONCE = frozenset({"new-parameter"})
"""What is true of the step from the last run to this one, and not of the documents."""


@dataclass(frozen=True, slots=True)
class Request:
    """What a person asked for: `check` writes nothing, `keep_going` compiles what is sound.

    `verify` holds the classes against their schemas; None does so with `check`.
    """

    check: bool = False
    format: Format = "text"
    keep_going: bool = False
    allow_remote: bool = False
    update_lock: bool = False
    verify: bool | None = None

    @property
    def verifies(self) -> bool:
        """Whether the classes are held against their schemas."""
        return self.check if self.verify is None else self.verify


class Codegen:
    """One run in a project's root; `run` gives the exit status."""

    def __init__(self, root: Path, config: Config, request: Request) -> None:
        self._root = root
        if config.has_packages:
            from jararaca_compiler.pipeline.packages import with_packages

            config = with_packages(root, config)
        self._config = config
        self._request = request
        self._cache = Cache(root, self._config)

    def run(self) -> int:
        """Raises ConfigError and WriteError; everything else that is wrong is a diagnostic."""
        if not self._config.sources:
            raise nothing_to(
                "compile: name a document, like `jararaca codegen schemas/`, or write "
                'sources = ["schemas"] in [tool.jararaca] of pyproject.toml',
                self._root,
            )
        # A record may come with a checkout: what is checked is compiled, whatever it says.
        report = None if self._request.check else self._cache.fresh()
        if report is not None and (report.get("verified") or not self._request.verifies):
            self._report_again(report)
            return DONE
        patch = self._patch()
        if patch is not None:
            self._apply(patch)
            return DONE
        with Progress() as progress:
            contract, compilation, status = self._compiled(progress)
        if compilation is None:
            self._report(contract.diagnostics, contract)
            return WRONG
        return self._write(contract, compilation, status)

    def _patch(self) -> Patch | None:
        """The change to what is there, where one message is all that has changed."""
        path, request = self._cache.changed, self._request
        if (
            path is None
            or request.check
            or request.verify
            or request.allow_remote
            or request.update_lock
        ):
            return None
        snapshot = self._cache.snapshot()
        if snapshot is None:
            return None
        from jararaca_compiler.incremental.patch import compile_change
        from jararaca_compiler.pipeline.write import Disk

        data, read = (self._root / path).read_bytes(), Disk(self._root).read
        found = _diagnostics_of(self._cache.report)
        return compile_change(snapshot, found, path, data, self._config, self._root, read)

    def _apply(self, patch: Patch) -> None:
        from jararaca_compiler.diagnostics.report import as_json
        from jararaca_compiler.pipeline.write import Disk

        disk, report = Disk(self._root), self._cache.report
        changes, _ = disk.changes(patch.files, ())
        disk.apply(changes)
        told = [as_json(each) for each in patch.diagnostics]
        self._cache.update({**report, "diagnostics": told}, patch.snapshot)
        self._report(patch.diagnostics, None)
        self._print(_summary(report["made"], report["files"], report["services"], (), changes))

    def _compiled(self, progress: Progress) -> tuple[Contract, Compilation | None, int]:
        from jararaca_compiler.pipeline.compilation import compile, read_contract
        from jararaca_compiler.pipeline.write import Disk
        from jararaca_compiler.reading.remote import Remote

        remote = None
        if self._request.allow_remote or self._request.update_lock:
            remote = Remote(self._root, update=self._request.update_lock)
        contract = read_contract(self._config, self._root, progress, remote)
        sound = contract.is_sound
        if not sound and not self._request.keep_going:
            return contract, None, WRONG
        if remote is not None and not self._request.check:
            remote.save()
        services = contract.services if sound else contract.sound_services
        made = compile(contract, services, self._config, Disk(self._root).read, progress)
        return contract, made, DONE if sound else WRONG

    def _write(self, contract: Contract, made: Compilation, status: int) -> int:
        from jararaca_shared import open_files

        from jararaca_compiler.diagnostics.diagnostic import ordered
        from jararaca_compiler.pipeline.write import Disk

        disk = Disk(self._root)
        changes, refused = disk.changes(made.generated, made.handlers)
        found = ordered([*contract.diagnostics, *made.diagnostics, *refused])
        if any(d.severity == "error" for d in (*made.diagnostics, *refused)):
            self._report(found, contract)
            return WRONG
        changes += disk.leftovers(self._folders(disk, made, status), made.generated)
        self._report([*found, *self._stale(changes)], contract)
        if self._request.check:
            self._print_differences(changes)
            status = status or (FOUND if changes else DONE)
        else:
            disk.apply(changes)
        files = len(made.generated) + len(made.handlers)
        if status == DONE and self._request.verifies and not self._verified(contract, made):
            return WRONG
        if status == DONE:
            self._remember(contract, made, found)
        if not self._request.check or not changes:
            services = len(made.services)
            self._print(
                _summary(_service_lines(made.services), files, services, made.added, changes)
            )
            queues = open_files.quorum_queues(each.topology for each in made.services)
            if open_files.is_tight(queues):
                self._print(f"{open_files.told(queues)}: {open_files.REMEDY}")
        return status

    def _verified(self, contract: Contract, made: Compilation) -> bool:
        """Whether the classes on disk do what their schemas say; differences are reported."""
        from jararaca_compiler.verification.verify import verify

        services, resolver = made.services, contract.resolver
        found, tried = verify(services, resolver, self._config, self._root)
        if found:
            self._report(found, contract)
            return False
        messages = count(sum(len(service.messages) for service in services), "message")
        self._print(f"verified: {messages} with {count(tried, 'value')}")
        return True

    def _stale(self, changes: Iterable[Change]) -> Iterable[Diagnostic]:
        """What --check has found, for machines: people get the differences themselves."""
        from jararaca_compiler.diagnostics.diagnostic import diagnose
        from jararaca_compiler.documents.source import Span

        if self._request.check and self._request.format != "text":
            for change in changes:
                place = Span(change.path, change.line, 1, change.line, 1)
                yield diagnose("stale", place, path=change.path)

    def _folders(self, disk: Disk, made: Compilation, status: int) -> Iterable[str]:
        """Where files that nothing makes any more may lie.

        Packages of other services are left alone while only some of the sources are compiled.
        """
        names = [service.name for service in made.services]
        own = [f"{self._config.for_service(name).output}/{name}" for name in names]
        if self._config.given or status:
            return own
        there = disk.packages(self._config.output)
        return [*own, *(each for each in there if not _is_from_code(disk, each))]

    def _remember(self, contract: Contract, made: Compilation, found: Iterable[Diagnostic]) -> None:
        from jararaca_compiler.diagnostics.report import as_json
        from jararaca_compiler.incremental.snapshot import take_snapshot

        # The `__init__.py` beside new handlers is made once, and is its owner's from then on.
        handlers = {self._config.handlers_path(service.name) for service in made.services}
        written = [file.path for file in made.generated]
        written += [file.path for file in made.handlers if file.path in handlers]
        report = {
            "diagnostics": [as_json(each) for each in found if each.code not in REPORTED_ONCE],
            "made": _service_lines(made.services),
            "files": len(written),
            "services": len(made.services),
            "verified": self._request.verifies,
        }
        self._cache.store(contract.documents.paths, written, report, take_snapshot(contract))

    def _report_again(self, report: dict[str, Any]) -> None:
        if report["diagnostics"] or self._request.format != "text":
            self._report(_diagnostics_of(report), None)
        self._print(_up_to_date(report["services"], report["files"]))

    def _report(self, found: Iterable[Diagnostic], contract: Contract | None) -> None:
        """Diagnostics: for people on stderr, for machines on stdout."""
        from jararaca_compiler.diagnostics.report import render
        from jararaca_compiler.project.repository import repository_place

        stream = sys.stderr if self._request.format == "text" else sys.stdout
        listed = tuple(found)
        text = render(
            listed,
            self._request.format,
            lambda path: self._text(path, contract),
            colour=coloured(stream),
            place=repository_place(self._root),
        )
        if text:
            print(text, end="" if self._request.format != "text" else "\n", file=stream, flush=True)
        if listed and self._request.format == "text":
            print(_counts(listed), file=stream, flush=True)

    def _text(self, path: str, contract: Contract | None) -> str | None:
        document = None if contract is None else contract.documents.get(path)
        if document is not None:
            return document.text
        try:
            return (self._root / path).read_bytes().decode("utf-8-sig")
        except (OSError, ValueError):
            return None

    def _print_differences(self, changes: Iterable[Change]) -> None:
        stream: TextIO = sys.stdout if self._request.format == "text" else sys.stderr
        stale = tuple(changes)
        for change in stale:
            print(printable_lines(change.difference()), end="", file=stream)
        if stale:
            verb = "is" if len(stale) == 1 else "are"
            text = f"{count(len(stale), 'file')} {verb} stale: run `jararaca codegen`"
            print(text, file=sys.stderr, flush=True)

    def _print(self, text: str) -> None:
        if self._request.format in ("text", "github"):
            print(text, flush=True)


def _is_from_code(disk: Disk, package: str) -> bool:
    """Whether `--from-code` has made a package: its source is an application."""
    lines = (disk.read(f"{package}/routes.py") or "").splitlines()[:2]
    return any(line.startswith("# Source: ") and ":" in line[10:] for line in lines)


def _counts(found: Iterable[Diagnostic]) -> str:
    severities = [each.severity for each in found]
    errors, warnings = severities.count("error"), severities.count("warning")
    told = [count(n, word) for n, word in ((errors, "error"), (warnings, "warning")) if n]
    return ", ".join(told) + ("; nothing was written" if errors else "")


def _up_to_date(services: int, files: int) -> str:
    verb = "is" if services == 1 else "are"
    return f"{count(services, 'service')} {verb} up to date ({count(files, 'file')})"


def _diagnostics_of(report: dict[str, Any]) -> list[Diagnostic]:
    from jararaca_compiler.diagnostics.report import from_json

    return [from_json(each) for each in report["diagnostics"]]


def _service_lines(services: Sequence[ir.Service]) -> list[str]:
    """What was made of what, a line each."""
    lines = []
    width = max((len(service.name) for service in services), default=0)
    for service in services:
        handlers = len({each.method for o in service.operations for each in o.handlers})
        told = f"{count(len(service.messages), 'message')}, {count(handlers, 'handler')}"
        lines.append(f"{service.name:{width}}  {told}  (from {service.source})")
    return lines


def _summary(
    made: Iterable[str],
    files: int,
    services: int,
    added: Iterable[str],
    changes: Sequence[Change],
) -> str:
    """What was made of what, the stubs that were added, and which files have changed."""
    if not changes:
        return _up_to_date(services, files)
    lines = list(made)
    if added:
        lines.append(f"stubs added: {first(tuple(added))}")
    deleted = sum(change.after is None for change in changes)
    told = f"{count(len(changes) - deleted, 'file')} written"
    if deleted:
        told += f", {deleted} deleted"
    unchanged = files - (len(changes) - deleted)
    return "\n".join([*lines, told + (f", {unchanged} unchanged" if unchanged else "")])
