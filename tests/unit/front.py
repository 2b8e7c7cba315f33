"""Helpers of the front end's tests: a document as text, compiled up to its checked service."""

from __future__ import annotations

import textwrap
from pathlib import Path

from jararaca_compiler import ir
from jararaca_compiler.diagnostics.diagnostic import Diagnostic, ordered
from jararaca_compiler.lower import Options, lower
from jararaca_compiler.reading.load import load
from jararaca_compiler.semantics.check import check


def write(folder: Path, **files: str) -> None:
    """Write files; `shop_yaml` is `shop.yaml`."""
    for name, text in files.items():
        stem, _, suffix = name.rpartition("_")
        (folder / f"{stem}.{suffix}").write_text(textwrap.dedent(text), encoding="utf-8")


def compiled(
    folder: Path, text: str, *, options: Options | None = None, name: str = "shop.yaml"
) -> tuple[ir.Service, tuple[Diagnostic, ...]]:
    """The service of one document, and everything that is wrong with it."""
    (folder / name).write_text(textwrap.dedent(text), encoding="utf-8")
    documents, unread = load([name], folder)
    services, found = lower(documents, options)
    checked = [d for service in services for d in check(service, documents)]
    return services[0], ordered([*unread, *found, *checked])


def diagnostics(folder: Path, text: str, name: str = "shop.yaml") -> tuple[Diagnostic, ...]:
    """What is wrong with one document, service or not."""
    (folder / name).write_text(textwrap.dedent(text), encoding="utf-8")
    documents, unread = load([name], folder)
    services, found = lower(documents)
    checked = [d for service in services for d in check(service, documents)]
    return ordered([*unread, *found, *checked])


def codes(found: tuple[Diagnostic, ...]) -> list[str]:
    """The codes, in order."""
    return [diagnostic.code for diagnostic in found]
