"""The examples of a document, as the compiler writes them beside the routes."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from jararaca.errors import ConfigurationError
from jararaca.routing.table import Service

FILE = "examples.json"


@dataclass(frozen=True, slots=True)
class Example:
    """One example of a message: its body, headers, and the topic's parameters."""

    message: str
    name: str
    payload: Any
    headers: Mapping[str, Any]
    parameters: Mapping[str, str]

    def body(self) -> bytes:
        """The payload as JSON."""
        return json.dumps(self.payload).encode()


def examples_of(service: Service) -> tuple[Example, ...]:
    """Every example of the service's messages; none for a service written by hand.

    Raises ConfigurationError where the file is not what the compiler writes.
    """
    return examples_beside(service.path)


def examples_beside(module: str | None) -> tuple[Example, ...]:
    """The examples in the package of a generated module, by its file; none where it has none.

    Raises ConfigurationError where the file is not what the compiler writes.
    """
    path = Path(module).with_name(FILE) if module else None
    if path is None or not path.is_file():
        return ()
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
        return tuple(
            Example(message, item["name"], item["payload"], item["headers"], item["parameters"])
            for message, items in document.items()
            for item in items
        )
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise ConfigurationError(f"{path}: {error}; run `jararaca codegen` again") from error
