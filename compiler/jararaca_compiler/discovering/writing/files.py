"""The texts of a run's files: each document, and beside it what the next run goes on from."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from jararaca_shared.yaml_text import yaml_text

from jararaca_compiler.discovering.gathering import Gathered
from jararaca_compiler.discovering.topics import patterns_of
from jararaca_compiler.discovering.writing.documents import Document, document_of
from jararaca_compiler.discovering.writing.examples import with_examples
from jararaca_compiler.discovering.writing.merging import Merged, merge
from jararaca_compiler.discovering.writing.names import with_addresses
from jararaca_compiler.listening.broker.description import BrokerDescription, Exchange
from jararaca_compiler.listening.heard import Counts
from jararaca_compiler.naming import snake
from jararaca_compiler.pipeline.write import WriteError

FORMAT = 1
MEMORIES = ".*.discovered.json"
LONGEST_NAME = 50
"""Characters of a file's name: file systems take 255 octets."""


class UnreadableError(Exception):
    """What the last run kept, or a document, cannot be read; the text says which."""


@dataclass(frozen=True, slots=True)
class Found:
    """A document as it is to be written: `text` None where nothing in it has changed.

    `unmerged` says why an edited document stays as it is, for now: the memory has what was heard.
    """

    path: str
    text: str | None
    memory_path: str
    memory: str
    document: Document
    merged: Merged | None = None
    unmerged: str | None = None


def found(
    exchange: Exchange,
    gathered: Gathered,
    broker: BrokerDescription,
    counts: Counts,
    read: Callable[[str], str | None],
    *,
    output: str,
    examples: bool = False,
) -> Found:
    """The files of an exchange; `read` gives those that are there.

    Raises UnreadableError for a memory that cannot be read; see `check_memory`.
    """
    name = _file_name(exchange.name, broker)
    path, memory_path = f"{output}/{name}.asyncapi.yaml", f"{output}/.{name}.discovered.json"
    base, before = _memory(read(memory_path), memory_path, exchange.name)
    before.merge(_only(gathered, exchange.name))
    patterns = with_addresses(patterns_of(before.exchanges[exchange.name]), exchange)
    document = document_of(exchange, patterns, broker, counts)
    if examples:
        document = with_examples(document)
    kept = before.kept(exchange.name)
    memory = _memory_text(document, kept)
    try:
        there = read(path)
        if there is None:
            return Found(path, yaml_text(document), memory_path, memory, document)
        text, merged = _edited(path, there, base, document)
    except (UnreadableError, WriteError) as error:
        memory = _memory_text(base, kept)
        return Found(path, None, memory_path, memory, document, unmerged=str(error))
    return Found(path, text, memory_path, memory, document, merged)


def check_memory(text: str, path: str) -> None:
    """Whether a run can go on from it, asked before the run. Raises UnreadableError."""
    _memory(text, path, "")


def _file_name(exchange: str, broker: BrokerDescription) -> str:
    """`shop.events` and `Shop-Events` of one broker have a file each."""
    name = _plain_name(exchange)
    alike = sorted(e.name for e in broker.exchanges if e.name and _plain_name(e.name) == name)
    number = alike.index(exchange) + 1 if exchange in alike else 1
    return name if number == 1 else f"{name}_{number}"


def _plain_name(exchange: str) -> str:
    return snake(exchange)[:LONGEST_NAME] if exchange else "default_exchange"


def _only(gathered: Gathered, exchange: str) -> Gathered:
    return Gathered({exchange: gathered.exchanges.get(exchange, {})})


def _memory_text(written: Document, gathered: object) -> str:
    return json.dumps({"format": FORMAT, "written": written, "gathered": gathered}, indent=1) + "\n"


def _memory(text: str | None, path: str, exchange: str) -> tuple[Document, Gathered]:
    if text is None:
        return {}, Gathered()
    try:
        kept = json.loads(text)
        if kept["format"] != FORMAT:
            raise ValueError("another version of jararaca wrote it")
        return kept["written"], Gathered.of(exchange, kept["gathered"])
    except (ValueError, KeyError, TypeError) as error:
        raise UnreadableError(
            f"{path} cannot be read ({error}): remove it, and the document is only added to"
        ) from error


def _edited(path: str, text: str, base: Document, new: Document) -> tuple[str | None, Merged]:
    """The text with what is new, comments and edits as they were; None: nothing is new."""
    try:
        from ruamel.yaml import YAML
        from ruamel.yaml.error import YAMLError
    except ModuleNotFoundError:
        from jararaca_shared.distribution import install

        raise UnreadableError(
            f"merging into {path} needs ruamel.yaml: {install('discover')}"
        ) from None
    yaml = YAML()
    yaml.preserve_quotes = True
    yaml.width = 10_000
    yaml.indent(mapping=2, sequence=4, offset=2)
    try:
        theirs: Any = yaml.load(text)
    except YAMLError as error:
        where = getattr(error, "problem_mark", None)
        line = f", line {where.line + 1}" if where is not None else ""
        raise UnreadableError(f"{path}{line} is not YAML: correct it first") from error
    if not isinstance(theirs, dict):
        raise UnreadableError(f"{path} is no document: remove it, or choose another --output")
    merged = merge(theirs, base, new)
    if not merged.changed:
        return None, merged
    written = io.StringIO()
    yaml.dump(theirs, written)
    return written.getvalue(), merged
