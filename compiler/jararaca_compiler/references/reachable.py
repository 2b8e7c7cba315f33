"""Which documents a document reaches through its references."""

from __future__ import annotations

from jararaca_compiler.documents.source import Document
from jararaca_compiler.reading.load import Documents
from jararaca_compiler.references.schema_refs import refs_in


def reachable(document: Document, documents: Documents) -> tuple[Document, ...]:
    """The document and all that its references reach, sorted by path."""
    found: dict[str, Document] = {}
    waiting = [document]
    while waiting:
        here = waiting.pop()
        if here.path in found:
            continue
        found[here.path] = here
        for ref in refs_in(here.root):
            path, problem = documents.target(here.path, ref.partition("#")[0])
            there = None if problem else documents.get(path)
            if there is not None:
                waiting.append(there)
    return tuple(found[path] for path in sorted(found))
