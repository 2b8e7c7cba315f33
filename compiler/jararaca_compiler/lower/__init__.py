"""AsyncAPI 2.x, AsyncAPI 3.x and JSON Schema -> `ir.Service`, one small front end a format."""

from __future__ import annotations

import re
from collections.abc import Callable

from jararaca_compiler import ir
from jararaca_compiler.diagnostics.diagnostic import Diagnostic, diagnose, ordered
from jararaca_compiler.documents.node import Node
from jararaca_compiler.documents.source import Document
from jararaca_compiler.lower.assemble import assemble
from jararaca_compiler.lower.draft import Context, Options, ServiceDraft
from jararaca_compiler.lower.front_ends import asyncapi2, asyncapi3, jsonschema
from jararaca_compiler.reading.load import Documents
from jararaca_compiler.references.resolver import Resolver
from jararaca_compiler.validation.asyncapi_objects import ASYNCAPI_2, ASYNCAPI_3, Shape
from jararaca_compiler.validation.structure import check_document, check_schema

__all__ = ["Options", "lower"]

_FrontEnd = tuple[Callable[[Document, Context], ServiceDraft], dict[str, Shape]]
_VERSIONS: tuple[tuple[re.Pattern[str], _FrontEnd], ...] = (
    (re.compile(r"2\.[0-6]\.\d+"), (asyncapi2.read, ASYNCAPI_2)),
    (re.compile(r"3\.[01]\.\d+"), (asyncapi3.read, ASYNCAPI_3)),
)
_CONVERT = "Convert the document with `asyncapi convert`, of AsyncAPI's own command line."
_ASYNCAPI_KEYS = frozenset({"channels", "operations"})


def lower(
    documents: Documents, options: Options | None = None, resolver: Resolver | None = None
) -> tuple[tuple[ir.Service, ...], tuple[Diagnostic, ...]]:
    """The services of the documents, sorted by name, and what is wrong with them.

    Whoever follows the references in the services' schemas later passes a `resolver` to keep.
    """
    context = Context(resolver or Resolver(documents), options or Options())
    drafts: list[ServiceDraft] = []
    schemas: dict[str, list[Document]] = {}
    for document in documents.roots:
        draft = _asyncapi(document, context)
        if draft is not None and (documents.named(document.path) or not _is_library(document)):
            drafts.append(draft)
        elif not _is_asyncapi(document) and jsonschema.carries_messages(document):
            schemas.setdefault(jsonschema.service_name(document, context), []).append(document)
        elif not _is_asyncapi(document) and documents.named(document.path):
            root = context.resolver.root(document)
            context.report("not-a-contract", root, path=document.path)
    for same in schemas.values():
        for document in same:
            root = context.resolver.root(document)
            context.diagnostics += check_schema(root, context.resolver)
        drafts.append(jsonschema.read(same, context))
    services = [assemble(draft, context) for draft in drafts]
    context.resolver.close()
    found = [*context.diagnostics, *context.resolver.causes, *_repeated(services, drafts)]
    unread = [d for d in documents.diagnostics if d not in found]
    return tuple(sorted(services, key=lambda s: (s.name, s.source))), ordered([*found, *unread])


def _is_asyncapi(document: Document) -> bool:
    """Whether a document is meant to be AsyncAPI, with its version or without."""
    root = document.root
    return isinstance(root, dict) and (
        "asyncapi" in root or ("info" in root and bool(_ASYNCAPI_KEYS & root.keys()))
    )


def _is_library(document: Document) -> bool:
    """Whether an AsyncAPI document only has components, for other documents to refer to."""
    root = document.root
    if not isinstance(root, dict) or not root.get("components"):
        return False
    return not any(root.get(key) for key in _ASYNCAPI_KEYS)


def _asyncapi(document: Document, context: Context) -> ServiceDraft | None:
    if not _is_asyncapi(document):
        return None
    root = context.resolver.root(document)
    front_end = _front_end(root, context)
    if front_end is None:
        return None
    read, shapes = front_end
    context.diagnostics += check_document(root, shapes, context.resolver)
    draft = read(document, context)
    shared = context.options.shared.is_whole(document.path)
    return None if shared and not draft.operations else draft


def _front_end(root: Node, context: Context) -> _FrontEnd | None:
    version = root.get("asyncapi")
    if version is None:
        context.report("missing-key", root, key="asyncapi", where="the document")
        return None
    for pattern, front_end in _VERSIONS:
        if pattern.fullmatch(str(version.value)):
            return front_end
    help = _CONVERT if str(version.value).startswith("1.") else None
    context.report("unsupported-version", version, help=help, version=version.value)
    return None


def _repeated(services: list[ir.Service], drafts: list[ServiceDraft]) -> list[Diagnostic]:
    first: dict[str, ServiceDraft] = {}
    found: list[Diagnostic] = []
    for service, draft in zip(services, drafts, strict=True):
        if service.name not in first:
            first[service.name] = draft
            continue
        span = draft.documents[0].span("/info/title")
        other = first[service.name].documents[0].span("/info/title")
        related = ((other, "and here"),)
        found.append(diagnose("duplicate-service", span, related=related, service=service.name))
    return found
