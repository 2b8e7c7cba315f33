"""A document compiled as `jararaca codegen` does, imported, and handled by what notes everything.

`compiled(folder, text)` gives the package; its handlers put what they get into `handled`.
"""

from __future__ import annotations

import importlib
import re
import sys
import textwrap
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any
from uuid import uuid4

from jararaca import Microservice, Service
from jararaca_compiler import ir
from jararaca_compiler.diagnostics.diagnostic import Diagnostic
from jararaca_compiler.pipeline.compilation import compile, read_contract
from jararaca_compiler.project.config import Config

_STUB = re.compile(r"    @stub\n")
_UNWRITTEN = re.compile(r'raise NotImplementedError\("(\w+)"\)')


@dataclass(frozen=True)
class Package:
    """A compiled document: its service as values, as modules, and what was said about it."""

    lowered: ir.Service
    diagnostics: tuple[Diagnostic, ...]
    messages: ModuleType
    routes: ModuleType
    handled: list[tuple[str, Any]]
    files: Mapping[str, str]

    @property
    def service(self) -> Service:
        """What a worker runs."""
        found: Service = self.routes.SERVICE
        return found

    @property
    def app(self) -> Microservice:
        """An application of this service alone."""
        return Microservice(self.service)

    @property
    def codes(self) -> list[str]:
        """The codes of the diagnostics, in order."""
        return [found.code for found in self.diagnostics]

    def generated(self, name: str) -> str:
        """The text of a generated file, by its last name."""
        return next(text for path, text in self.files.items() if path.endswith(f"/{name}"))


@contextmanager
def compiled(
    folder: Path,
    text: str,
    *,
    perspective: str = "application",
    name: str = "contract.yaml",
    handlers: str | None = None,
) -> Iterator[Package]:
    """Compile one document, and import what it compiles to.

    `handlers` is the person's file, where there is one; `OUTPUT` in it is the generated package.
    """
    tag = uuid4().hex[:12]
    config = Config(
        sources=(name,),
        output=f"generated_{tag}",
        handlers=f"handlers_{tag}/{{service}}.py",
        perspective=perspective,
    )
    (folder / name).write_text(textwrap.dedent(text), encoding="utf-8")
    contract = read_contract(config, folder)
    assert contract.is_sound, contract.diagnostics
    mine = None if handlers is None else textwrap.dedent(handlers).replace("OUTPUT", config.output)
    made = compile(
        contract, contract.services, config, lambda p: mine if p.startswith("handlers_") else None
    )
    for file in made.generated:
        _write(folder / file.path, file.source)
    for file in made.handlers:
        _write(folder / file.path, noting(file.source))
    (service,) = made.services
    sys.path.insert(0, str(folder))
    importlib.invalidate_caches()
    try:
        routes = importlib.import_module(f"{config.output}.{service.name}.routes")
        messages = importlib.import_module(f"{config.output}.{service.name}.messages")
        written = (
            importlib.import_module(f"handlers_{tag}.{service.name}") if made.handlers else None
        )
        yield Package(
            service,
            (*contract.diagnostics, *made.diagnostics),
            messages,
            routes,
            getattr(written, "HANDLED", []),
            {file.path: file.source for file in (*made.generated, *made.handlers)},
        )
    finally:
        sys.path.remove(str(folder))


def noting(stubs: str) -> str:
    """The stubs, written: each notes its name and its message."""
    body = _UNWRITTEN.sub(r'HANDLED.append(("\1", message))', _STUB.sub("", stubs))
    return body.replace(
        "\n\n\n@MessageBusController", "\n\nHANDLED = []\n\n\n@MessageBusController"
    )


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
