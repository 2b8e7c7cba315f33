"""One message has changed: the files of the last run with what that changes in them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from jararaca_compiler import ir
from jararaca_compiler.diagnostics.diagnostic import Diagnostic
from jararaca_compiler.documents.source import Document, Span
from jararaca_compiler.emit.models.module import with_imports
from jararaca_compiler.incremental.change import change_of
from jararaca_compiler.incremental.document_slice import document_slice, tokens_of
from jararaca_compiler.incremental.regions import Region
from jararaca_compiler.incremental.snapshot import PackageRecord, Snapshot
from jararaca_compiler.incremental.spans import shifted
from jararaca_compiler.incremental.text_patch import patched_text
from jararaca_compiler.lower import lower
from jararaca_compiler.lower.assemble import digest_of
from jararaca_compiler.pipeline.compilation import options_of, package_files
from jararaca_compiler.pipeline.shared_packages import compile_shared
from jararaca_compiler.project.config import Config
from jararaca_compiler.reading.load import MAX_BYTES, Documents
from jararaca_compiler.references.resolver import Resolver
from jararaca_compiler.semantics.check import check

Read = Callable[[str], str | None]
SHARED = (" = TypeAliasType(", "DEFINITIONS")


@dataclass(frozen=True, slots=True)
class Patch:
    """The package's files that are not as they were, and what the next run can stand on."""

    files: tuple[ir.GeneratedFile, ...]
    diagnostics: tuple[Diagnostic, ...]
    snapshot: Snapshot


@dataclass(frozen=True, slots=True)
class _SlicePackage:
    """What a document compiles to with one message alone, and what is said about it.

    `files` is None where there is an error: the whole document has none, so it was cut wrongly.
    `shared` are the packages of shared messages, as the service alone would make them.
    """

    files: Mapping[str, str] | None
    diagnostics: tuple[Diagnostic, ...]
    shared: tuple[ir.GeneratedFile, ...] = ()


def compile_change(
    snapshot: Snapshot,
    diagnostics: Iterable[Diagnostic],
    path: str,
    data: bytes,
    config: Config,
    root: Path,
    read: Read,
) -> Patch | None:
    """What a whole run would make of one changed document; None where only that can tell.

    `diagnostics` are the last run's. `read` gives the text of its files, which have not changed.
    """
    own = snapshot.services.get(path)
    users = [other for other in snapshot.services.values() if path in other.reached]
    if own is None or users != [own] or len(data) > MAX_BYTES:
        return None
    change = change_of(snapshot, path, data)
    if change is None:
        return None
    text, value, region = change
    found = shifted(diagnostics, path, snapshot.documents[path][0], text)
    made = {**snapshot.documents, path: (text, value)}
    digest = _digest(own, made)
    before = _compile_slice(snapshot.documents, path, region, config, root)
    after = _compile_slice(made, path, region, config, root)
    if found is None or before.diagnostics != after.diagnostics:
        return None
    if before.files is None or after.files is None or before.shared != after.shared:
        return None
    folder = f"{config.for_service(own.name).output}/{own.name}"
    files = _patched_files(own, digest, before.files, after.files, folder, read)
    if files is None:
        return None
    regions = _shifted_regions(
        snapshot.regions[path], region, len(text) - len(snapshot.documents[path][0])
    )
    return Patch(
        files,
        found,
        replace(
            snapshot,
            documents=made,
            regions={**snapshot.regions, path: regions},
            services={**snapshot.services, path: own._replace(digest=digest)},
        ),
    )


def _digest(own: PackageRecord, documents: Mapping[str, tuple[str, Any]]) -> str:
    return digest_of({path: documents[path][1] for path in own.reached})


def _compile_slice(
    documents: Mapping[str, tuple[str, Any]], path: str, region: Region, config: Config, root: Path
) -> _SlicePackage:
    """The package that the document compiles to with this message alone."""
    small = Documents(root, above=config.root)
    for each, (text, value) in documents.items():
        held = document_slice(value, tokens_of(region.pointer)) if each == path else value
        small.hold(Document(each, text, held, _placeholder_spans(each)), is_root=each == path)
    resolver = Resolver(small)
    options = options_of(config)
    (service,), found = lower(small, options, resolver)
    complaints = (*found, *check(service, small))
    if any(each.severity == "error" for each in complaints):
        return _SlicePackage(None, complaints)
    shared, schemas = compile_shared((service,), config, small, resolver.lookup)
    files = package_files(service, resolver, "handlers", schemas)
    return _SlicePackage(
        {file.path: file.source.replace(service.digest, "") for file in files},
        complaints,
        shared,
    )


def _placeholder_spans(path: str) -> Callable[[str, bool], Span]:
    """Places that are told apart, and are nobody's to look at."""
    return lambda pointer, key: Span(f"{path}#{pointer}{'#' if key else ''}")


def _patched_files(
    own: PackageRecord,
    digest: str,
    before: Mapping[str, str],
    after: Mapping[str, str],
    folder: str,
    read: Read,
) -> tuple[ir.GeneratedFile, ...] | None:
    """The files of the whole package that are another now."""
    files: list[ir.GeneratedFile] = []
    for name in before:
        old = read(f"{folder}/{name}")
        new = None if old is None else _file(name, old, before[name], after.get(name, ""))
        if new is None or (name == "routes.py" and new.count(own.digest) != 1):
            return None
        if name == "routes.py":
            new = new.replace(own.digest, digest)
        if new != old:
            files.append(ir.GeneratedFile(f"{folder}/{name}", new))
    return tuple(files) if before.keys() == after.keys() else None


def _file(name: str, large: str, before: str, after: str) -> str | None:
    if before == after:
        return large
    if any(word in large for word in SHARED):
        return None  # It is as large as the schemas that it is made of, wherever they stand.
    made = patched_text(name, large, before, after)
    if made is None or not name.endswith(".py") or _head(before) == _head(after):
        return made
    return with_imports(made)


def _head(source: str) -> str:
    return source.partition("\nclass ")[0]


def _shifted_regions(regions: tuple[Region, ...], changed: Region, by: int) -> tuple[Region, ...]:
    """The regions after one has become longer, or shorter."""
    return tuple(
        (
            each
            if each.end <= changed.start
            else each._replace(
                start=each.start if each.start <= changed.start else each.start + by,
                end=each.end + by,
            )
        )
        for each in regions
    )
