"""A service as Backstage's catalogue takes it: an API entity of type `asyncapi`.

https://backstage.io/docs/features/software-catalog/descriptor-format says what each key means.
"""

from __future__ import annotations

import re
from typing import Any

from jararaca_shared.yaml_text import yaml_text

from jararaca_compiler import ir
from jararaca_compiler.emit.site import about
from jararaca_compiler.emit.site.markdown import plain

FILE = "catalog-info.yaml"
_LONGEST_NAME = 63
_UNKNOWN = "unknown"
"""Backstage asks for an owner; it shows one that it does not know as it is written."""
_LIFECYCLE = "production"
_NOT_NAME = re.compile(r"[^a-z0-9]+")


def catalog_info(service: ir.Service, document: str) -> str:
    """The file's text; `document` is the published document's name, in the same folder."""
    told = about.of_service(service)
    tags = dict.fromkeys(filter(None, (_slug(tag) for tag in service.tags)))
    metadata: dict[str, Any] = {"name": service.name[:_LONGEST_NAME], "title": service.title}
    if service.description:
        metadata["description"] = plain(service.description)
    if tags:
        metadata["tags"] = list(tags)
    entity = {
        "apiVersion": "backstage.io/v1alpha1",
        "kind": "API",
        "metadata": metadata,
        "spec": {
            "type": "asyncapi",
            "lifecycle": told.status or _LIFECYCLE,
            "owner": _slug(told.owners[0]) or _UNKNOWN if told.owners else _UNKNOWN,
            "definition": {"$text": f"./{document}"},
        },
    }
    return yaml_text(entity)


def _slug(text: str) -> str:
    """Small letters, digits and single hyphens: what names, owners and tags may be made of."""
    return _NOT_NAME.sub("-", text.casefold()).strip("-")[:_LONGEST_NAME].strip("-")
