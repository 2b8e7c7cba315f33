"""What a registry says: which version of a service is in an environment, since when, by whom.

contracts/orders/1.5.0.json         the published document of a version; it never changes
environments/production/orders.json the version that is there
"""

from __future__ import annotations

import json
import re
from dataclasses import asdict, dataclass, fields
from urllib.parse import quote

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")


class RegistryError(Exception):
    """The registry cannot be read or written; the text says why, and what to do."""


@dataclass(frozen=True, slots=True)
class Record:
    """A service's version in an environment. `sha256` is its document's, `at` is UTC."""

    service: str
    version: str
    sha256: str
    at: str
    by: str

    @property
    def contract(self) -> str:
        """The path of its document."""
        return contract_path(self.service, self.version)


def contract_path(service: str, version: str) -> str:
    """Where the document of a version is."""
    return f"contracts/{_named(service, 'a service')}/{quote(version, safe='+')}.json"


def record_path(environment: str, service: str) -> str:
    """Where it is said which version of a service is in an environment."""
    return f"{environment_path(environment)}/{_named(service, 'a service')}.json"


def environment_path(environment: str) -> str:
    """The folder of an environment. Raises RegistryError for what is no name."""
    return f"environments/{_named(environment, 'an environment')}"


def _named(name: str, what: str) -> str:
    """A name that is a file's as well, and leads nowhere else."""
    if not _NAME.fullmatch(name):
        raise RegistryError(f"{name!r} is not the name of {what}: letters, digits, `.`, `_`, `-`")
    return name


def record_text(record: Record) -> str:
    """The record as its file has it."""
    return json.dumps(asdict(record), indent=2, ensure_ascii=False) + "\n"


def record_of(text: str, path: str) -> Record:
    """The record that a file has. Raises RegistryError."""
    try:
        values = json.loads(text)
        record = Record(**{each.name: _text(values[each.name]) for each in fields(Record)})
    except (ValueError, TypeError, KeyError, RecursionError):
        raise RegistryError(f"{path} is not a record of a contract: publish it again") from None
    _named(record.service, "a service")
    return record


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError
    return value
