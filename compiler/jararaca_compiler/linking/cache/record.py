"""What is kept of one document: the files that it consists of, and what it compiled to."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from typing import NamedTuple

from jararaca_compiler import ir
from jararaca_compiler.pipeline.compilation import Contract
from jararaca_compiler.references.schema_refs import refs_in
from jararaca_compiler.schemas.identifiers import names_in


class Record(NamedTuple):
    """One document that was asked for, and all that it refers to.

    `read` are the files with their digests, `followed` the references between files and where they
    led. `refers`: there are such references; `identifies`: the document has an `$id`, which
    another's reference may lead to. `is_alone`: nothing else has a say in what it compiles to.
    `outline` is empty where it is no service. `digest` is of all that it compiles to.
    """

    read: tuple[tuple[str, str], ...]
    followed: tuple[tuple[str, str, str], ...]
    refers: bool
    identifies: bool
    is_alone: bool
    outline: bytes
    digest: str

    def not_alone(self) -> Record:
        """The same of a document that others have a say in."""
        return self._replace(is_alone=False, digest="")


def record_of(path: str, contract: Contract, scope: str, outline: bytes) -> Record:
    """The record of a document of a sound contract that was compiled in a scope.

    It is not alone where a part of it is on the network or was found by its `$id`, and where it
    may be a service together with other documents.
    """
    documents = contract.documents
    read: dict[str, str] = {}
    followed: list[tuple[str, str, str]] = []
    refers, is_alone = False, not _joins(path, contract.services)
    waiting = [path]
    while waiting:
        here = waiting.pop()
        document = documents.get(here)
        if document is None or "://" in here:
            is_alone = False
        elif here not in read:
            read[here] = digest(document.text.encode())
            refers = refers or any(not ref.startswith("#") for ref in refs_in(document.root))
            for file, (there, problem) in documents.followed(here).items():
                is_alone = is_alone and problem is None
                followed.append((here, file, there))
                waiting.append(there)
    root = documents.get(path)
    return Record(
        tuple(sorted(read.items())),
        tuple(sorted(followed)),
        refers,
        root is not None and bool(names_in(root).resources),
        is_alone,
        outline,
        digest(repr((scope, path, sorted(read.items()))).encode()) if is_alone else "",
    )


def stand_apart(records: Iterable[Record]) -> bool:
    """Whether no document's references may lead to another one that was asked for, by its `$id`."""
    every = tuple(records)
    return not (any(each.refers for each in every) and any(each.identifies for each in every))


def _joins(path: str, services: Iterable[ir.Service]) -> bool:
    return any(path in each.source for each in services if each.asyncapi is None)


def digest(data: bytes) -> str:
    """The SHA-256 of a file's text, in hexadecimal."""
    return hashlib.sha256(data).hexdigest()
