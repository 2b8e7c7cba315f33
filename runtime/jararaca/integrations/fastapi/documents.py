"""The services' bundled documents, and the plain page of them where no site was built."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import Any

from jararaca_shared.yaml_text import yaml_text

from jararaca.application.microservice import Microservice

STYLE = """
body { font: 16px/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 60rem; padding: 0 1rem }
table { border-collapse: collapse; width: 100% } td, th { padding: .3rem .8rem .3rem 0 }
td, th { border-bottom: 1px solid #8884; text-align: left; vertical-align: top }
:root { color-scheme: light dark }
"""


@dataclass(frozen=True, slots=True)
class Document:
    """A service's bundled AsyncAPI document, beside its routes module."""

    name: str
    folder: Path

    @property
    def path(self) -> Path:
        """Its file."""
        return self.folder / "asyncapi.json"

    def content(self) -> Any:
        """What it says."""
        return json.loads(self.path.read_text(encoding="utf-8"))

    def as_yaml(self) -> str:
        """The same as YAML, for people."""
        return yaml_text(self.content())


def documents_of(microservice: Microservice) -> tuple[Document, ...]:
    """The documents of all services that were compiled into files."""
    found = (
        Document(service.name, Path(service.path).parent)
        for service in microservice.services
        if service.path is not None
    )
    return tuple(document for document in found if document.path.is_file())


def page(documents: tuple[Document, ...]) -> str:
    """What each service receives and sends, a table each, readable without JavaScript."""
    parts = [_service(document) for document in documents]
    content = "".join(parts) or "<p>No service of this application has a document.</p>"
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width"><title>AsyncAPI</title>'
        f"<style>{STYLE}</style></head><body>{content}</body></html>\n"
    )


def _service(document: Document) -> str:
    content = document.content()
    info = content["info"]
    # The first paragraph: what follows is Markdown, which the built pages show as it is meant.
    summary = info.get("description", "").strip().partition("\n\n")[0]
    name = escape(document.name)
    links = ", ".join(
        f'<a href="asyncapi/{name}.{suffix}">{suffix.upper()}</a>' for suffix in ("yaml", "json")
    )
    rows = "".join(
        "<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in row) + "</tr>"
        for row in _rows(content)
    )
    return (
        f"<h1>{escape(info['title'])} <small>{escape(info['version'])}</small></h1>"
        f"<p>{escape(summary)}</p><p>The document: {links}</p>"
        "<table><tr><th>Topic</th><th>This service</th><th>Messages</th></tr>"
        f"{rows}</table>"
    )


def _rows(content: Mapping[str, Any]) -> Iterator[tuple[str, str, str]]:
    """A row a channel: its address, what is done with it, and its messages."""
    operations = content.get("operations", {}).values()
    for key, channel in content.get("channels", {}).items():
        reference = f"#/channels/{key}"
        actions = {each["action"] for each in operations if each["channel"]["$ref"] == reference}
        done = " and ".join(f"{action}s" for action in sorted(actions))
        yield str(channel.get("address") or key), done, ", ".join(channel.get("messages", {}))
