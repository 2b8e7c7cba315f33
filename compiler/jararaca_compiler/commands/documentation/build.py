"""`jararaca docs build`: the documents as pages."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from jararaca_shared.printable import printable

from jararaca_compiler import ir
from jararaca_compiler.commands.console.statuses import DONE, WRONG
from jararaca_compiler.commands.console.terminal import Progress, coloured
from jararaca_compiler.compat.change import CALLED
from jararaca_compiler.compat.change import Change as ContractChange
from jararaca_compiler.compat.compare import ContractVersion, compare
from jararaca_compiler.compat.generated.package import packages
from jararaca_compiler.compat.revision import RevisionError
from jararaca_compiler.compat.versions import UnreadableError, read_version_at
from jararaca_compiler.diagnostics.plurals import count
from jararaca_compiler.diagnostics.report import Format, render
from jararaca_compiler.documents.source import Span
from jararaca_compiler.emit.document.asyncapi import emit_published
from jararaca_compiler.emit.header import headed
from jararaca_compiler.emit.site import ChangeLog, dead_links, emit_site
from jararaca_compiler.emit.site.changelog import Entry, Verdict
from jararaca_compiler.emit.site.observed import SiteObservation
from jararaca_compiler.linking.report.site import linked_site
from jararaca_compiler.pipeline.compilation import Contract, read_contract
from jararaca_compiler.pipeline.packages import is_copied
from jararaca_compiler.pipeline.write import Change, Disk
from jararaca_compiler.project.below import nothing_to
from jararaca_compiler.project.config import Config, ConfigError
from jararaca_compiler.project.guides import read_guides


@dataclass(frozen=True, slots=True)
class Site:
    """The pages of the documents as they are now; none where a document has an error.

    `dead_links` are the guides' addresses that lead nowhere, each with its file.
    """

    contract: Contract
    pages: tuple[ir.GeneratedFile, ...]
    dead_links: tuple[str, ...] = ()

    def complaints(self, format: Format, *, colour: bool = False) -> str:
        """The diagnostics as a person or a script reads them."""

        return render(
            self.contract.diagnostics, format, self.contract.documents.text, colour=colour
        )


def publish(
    root: Path, config: Config, output: Path, format: Format, since: str | None = None
) -> int:
    """Write the site of the configured sources; nothing where a document has an error."""
    with Progress() as progress:
        made = build(root, config, since, progress)
    if not made.contract.is_sound:
        stream = sys.stderr if format == "text" else sys.stdout
        print(made.complaints(format, colour=coloured(stream)), end="", file=stream, flush=True)
        return WRONG
    for each in made.dead_links:
        print(f"warning: {printable(each)} leads nowhere", file=sys.stderr)
    write(root, made, output)
    first = (root / output / "index.html").resolve()
    print(f"{count(len(made.pages), 'file')} written; open {first.as_uri()}", flush=True)
    return DONE


def write(root: Path, made: Site, output: Path) -> None:
    """The pages into a folder."""
    disk = Disk(root)
    paths = {str(output / page.path): page.source for page in made.pages}
    disk.apply(Change(path, disk.read(path), source) for path, source in paths.items())


def build(
    root: Path,
    config: Config,
    since: str | None,
    progress: Progress,
    *,
    fetch: bool = True,
    observed: SiteObservation | None = None,
) -> Site:
    """The pages, with a change log since a git revision. Raises ConfigError.

    `observed` has a page of its own. Without `fetch`, the links are those of neighbours that lie on
    this disk.
    """
    if not config.sources:
        raise nothing_to("publish: name a document, like `jararaca docs build schemas/`", root)
    contract = read_contract(config, root, progress)
    if not contract.is_sound:
        return Site(contract, ())
    lookup = contract.resolver.lookup
    published = {
        f"{service.name}/{file.path}": headed(file, service).source
        for service in contract.services
        for file in emit_published(service, lookup)
    }
    log = None if since is None else change_log(root, config, since, contract)
    places = {each.name: config.for_service(each.name).package for each in contract.services}
    guides = read_guides(root)
    progress("linking")
    pages = emit_site(
        contract.services,
        lookup,
        documents=published,
        packages=places,
        since=log,
        links=linked_site(root, config, contract, fetch=fetch),
        guides=guides,
        observed=observed,
    )
    return Site(contract, pages, dead_links(contract.services, guides))


def change_log(root: Path, config: Config, revision: str, contract: Contract) -> ChangeLog:
    """What has changed since a git revision, which has no installed package: those are left out.

    Raises ConfigError where it cannot be read.
    """
    named = [Path(source) for source in config.sources] if config.given else []
    try:
        old = read_version_at(revision, named, root, config)
    except (RevisionError, UnreadableError) as error:
        raise ConfigError(f"--since {revision}: {error}") from error

    def locate(path: str, pointer: str) -> Span:
        return Span(path)

    services = tuple(each for each in contract.services if not is_copied(each))
    new = ContractVersion(
        services,
        contract.resolver.lookup,
        locate,
        packages=packages(services, contract.documents, contract.resolver),
    )
    return ChangeLog(revision, tuple(_entries(compare(old, new))))


def _entries(found: Iterable[ContractChange]) -> Iterable[Entry]:
    for each in found:
        verdict: Verdict = "breaks" if each.breaks else "risky" if each.risks else "safe"
        whom = tuple(CALLED[one] for one in each.breaks or each.risks)
        yield Entry(each.group, each.subject, each.message, verdict, whom, each.why, each.help)
