"""`jararaca docs build`: the documents as pages."""

from __future__ import annotations

import sys
from pathlib import Path

from jararaca_compiler.config import Config, ConfigError
from jararaca_compiler.load import Documents
from jararaca_compiler.report import Format, render
from jararaca_compiler.terminal import Progress, coloured, count

DONE, WRONG = 0, 2


def publish(root: Path, config: Config, output: Path, format: Format) -> int:
    """Write the site of the configured sources; nothing where a document has an error."""
    from jararaca_compiler.emit.document import emit_document
    from jararaca_compiler.emit.site import emit_site
    from jararaca_compiler.pipeline import read_contract
    from jararaca_compiler.write import Change, Disk

    if not config.sources:
        raise ConfigError(
            "nothing to publish: name a document, like `jararaca docs build schemas/`"
        )
    with Progress() as progress:
        contract = read_contract(config, root, progress)
        if not contract.is_sound:
            stream = sys.stderr if format == "text" else sys.stdout
            documents = contract.documents
            text = render(
                contract.diagnostics,
                format,
                lambda path: _text(documents, path),
                colour=coloured(stream),
            )
            print(text, end="", file=stream, flush=True)
            return WRONG
        lookup = contract.resolver.lookup
        published = {
            f"{service.name}/{file.path}": file.source
            for service in contract.services
            for file in emit_document(service, lookup)
        }
        pages = emit_site(contract.services, lookup, documents=published, package=config.package)
    site = Disk(root / output)
    site.apply(Change(page.path, site.read(page.path), page.source) for page in pages)
    first = (root / output / "index.html").resolve()
    print(f"{count(len(pages), 'file')} written; open {first.as_uri()}", flush=True)
    return DONE


def _text(documents: Documents, path: str) -> str | None:
    document = documents.get(path)
    return None if document is None else document.text
