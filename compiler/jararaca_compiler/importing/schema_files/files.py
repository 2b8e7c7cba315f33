"""Files that describe data in another language -> the messages and schemas of a document."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path, PurePosixPath
from typing import Any

from jararaca_compiler.importing.discovery import DiscoveredCode, DiscoveredMessage, camel
from jararaca_compiler.importing.schema_files.schema_language import Described, ImportSchemaError
from jararaca_compiler.naming import snake
from jararaca_compiler.project.config import ConfigError

SAMPLES = (".json", ".jsonl", ".ndjson")
OTHERS = (".yaml", ".yml", ".graphql", ".graphqls", ".gql", ".xsd")
READ_IN_PLACE = (".avsc", ".proto")
"""Schemas that documents refer to as they are."""


def is_schema_file(root: Path, target: str) -> bool:
    """Whether a target is a file or a folder of samples, rather than a module."""
    place = root / target
    if place.is_dir():
        return not (place / "__init__.py").exists() and bool(_samples(place))
    return place.is_file() and place.suffix in (*SAMPLES, *OTHERS, *READ_IN_PLACE)


def read_schema_files(root: Path, targets: Sequence[str]) -> DiscoveredCode:
    """What the files describe: each type that no other type refers to is a message.

    Raises ConfigError.
    """
    messages: list[DiscoveredMessage] = []
    schemas: dict[str, Any] = {}
    notes: list[str] = []
    for target in targets:
        described = _described(root, target)
        taken = schemas.keys() & described.schemas.keys()
        for name in sorted(taken):
            if schemas[name] != described.schemas[name]:
                raise ConfigError(f"{target}: another file has a schema {name} too: import each")
        schemas |= described.schemas
        notes += described.notes
        messages += _messages(described, PurePosixPath(target).stem)
    if not messages:
        raise ConfigError(
            f"{', '.join(targets)}: no schema that a message could have: an object among its "
            "components, or what a webhook or callback sends"
        )
    only = described if len(targets) == 1 else Described({})
    return DiscoveredCode(
        tuple(messages),
        schemas,
        tuple(notes),
        name=snake(PurePosixPath(targets[0]).stem),
        title=only.title,
        version=only.version,
    )


def _messages(described: Described, stem: str) -> Iterable[DiscoveredMessage]:
    for name, schema in described.messages.items():
        yield DiscoveredMessage(
            name=name,
            topic=f"{snake(stem)}.{snake(name)}",
            kind="event",
            schema=schema,
            examples=tuple(described.examples.get(name, ())),
        )


def _described(root: Path, target: str) -> Described:
    place = root / target
    try:
        return _reader(place)(place)
    except ImportSchemaError as error:
        raise ConfigError(f"{target}: {error}") from error
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"{target} cannot be read: {error}") from error


def _reader(place: Path) -> Callable[[Path], Described]:
    if place.suffix == ".xsd":
        from jararaca_compiler.importing.schema_files.xml_schema import read_xml_schema

        return read_xml_schema
    if place.suffix in (".graphql", ".graphqls", ".gql"):
        from jararaca_compiler.importing.schema_files.graphql import read_graphql

        return read_graphql
    from jararaca_compiler.importing.schema_files.json_samples import read_samples
    from jararaca_compiler.importing.schema_files.openapi import (
        needs_no_import,
        openapi_document,
        read_openapi,
    )

    if place.is_dir():
        return lambda folder: read_samples(_name(folder), _samples(folder))
    if place.suffix in READ_IN_PLACE:
        raise needs_no_import(place.name)
    if place.suffix in (".jsonl", ".ndjson"):
        return lambda file: read_samples(_name(file), [file])
    document = openapi_document(place)
    if document is not None:
        return lambda _: read_openapi(document)
    if place.suffix == ".json":
        return lambda file: read_samples(_name(file), [file])
    raise ImportSchemaError("it is YAML, and not an OpenAPI document")


def _samples(folder: Path) -> list[Path]:
    return sorted(path for path in folder.iterdir() if path.suffix in SAMPLES)


def _name(place: Path) -> str:
    return camel(place.stem) or "message"
