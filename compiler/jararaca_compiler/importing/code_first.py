"""Controllers written by hand -> the document that they amount to, compiled: a routing table."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from jararaca_compiler.diagnostics.report import render
from jararaca_compiler.documents.source import Document
from jararaca_compiler.emit.routes import emit_routes
from jararaca_compiler.importing.classes import read_controllers
from jararaca_compiler.importing.code_names import CodeNames
from jararaca_compiler.importing.discovery import DiscoveredCode, ImportCodeError
from jararaca_compiler.importing.document import document_of, title_of
from jararaca_compiler.pipeline.compilation import Contract, contract_of
from jararaca_compiler.project.config import ConfigError, read_config
from jararaca_compiler.reading.json_text import JsonText
from jararaca_compiler.reading.load import Documents


@dataclass(frozen=True, slots=True)
class CompiledCode:
    """A routing table as source, and the classes that only its caller can give to it by name.

    `problems` says why there is none: for a person, with what to write instead.
    """

    source: str = ""
    local: Mapping[str, type[Any]] = field(default_factory=dict)
    problems: str = ""


def compile_code(controllers: Sequence[type[Any]], name: str) -> CompiledCode:
    """The table of these controllers, as the service `name`; the entry point of the runtime."""
    try:
        found = read_controllers(controllers)
        contract = code_contract(found, name, f"{name}.asyncapi.json")
    except (ImportCodeError, ConfigError) as error:
        return CompiledCode(problems=str(error))
    if not contract.is_sound:
        return CompiledCode(problems=_told(contract))
    names = CodeNames(found, "None")
    table = emit_routes(contract.services[0], names, contract.resolver.lookup)
    return CompiledCode(table.source, names.local)


def code_contract(found: DiscoveredCode, name: str, path: str) -> Contract:
    """The contract that code amounts to, by the phases that documents go through.

    `path` is what diagnostics and the compiled service call its document.
    """
    root = Path.cwd()
    text = json.dumps(document_of(found, title_of(name)), indent=2)
    parsed = JsonText(path, text)
    documents = Documents(root)
    documents.hold(Document(path, text, parsed.root, parsed.locate), is_root=True)
    return contract_of(documents, read_config(root))


def _told(contract: Contract) -> str:
    return render(contract.diagnostics, "text", contract.documents.text)
