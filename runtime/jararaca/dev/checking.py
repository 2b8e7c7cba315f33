"""What a page wants to publish, held against its class: each thing that is wrong, and where."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from jararaca.dev.catalogue import Catalogue
from jararaca.dev.json_places import line_and_column
from jararaca.errors import JararacaError, PublishHeadersError
from jararaca.messages.base_message import MOST_COUNTED
from jararaca.messages.message import Message
from jararaca.publishing.publication import publication_of
from jararaca.transport import Publication

MOST_TOLD = 20
MOST_STEPS = 50
_AT = re.compile(r" at line (\d+) column (\d+)$")


class NotAskedWellError(Exception):
    """What a page sent is no request of it."""


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong: in the `body`, the `headers` or the `parameters`."""

    of: str
    text: str
    place: str = ""
    line: int | None = None
    column: int | None = None

    def as_json(self) -> dict[str, Any]:
        """What a page is told."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Asked:
    """A message of a class, as a page has it in its fields."""

    kind: type[Message]
    body: str
    parameters: Mapping[str, str]
    headers: Mapping[str, Any]

    def problems(self) -> list[Problem]:
        """What is wrong with the body."""
        read = self._read()
        return read if isinstance(read, list) else []

    def checked(self) -> Publication | list[Problem]:
        """The publication that it makes, or all that is wrong with it."""
        read = self._read()
        if isinstance(read, list):
            return read
        try:
            return publication_of(read, self.parameters, self.headers)
        except PublishHeadersError as error:
            return [Problem("headers", str(error))]
        except JararacaError as error:
            return [Problem("parameters", str(error))]

    def _read(self) -> Message | list[Problem]:
        try:
            text = self.body.encode()
            made: Message = self.kind.__pydantic_validator__.validate_json(
                text, by_alias=True, by_name=False
            )
        except UnicodeEncodeError:
            return [Problem("body", "it has half of a surrogate pair, which is no character")]
        except ValidationError as error:
            return list(_problems(self.body, error))
        return made


def asked(request: Mapping[str, Any], catalogue: Catalogue) -> Asked:
    """What a page asks for. Raises NotAskedWellError."""
    try:
        kind = catalogue.kinds[request["message"]]
        body, parameters, headers = (request[k] for k in ("body", "parameters", "headers"))
        if not isinstance(body, str):
            raise TypeError("the body is a text")
        given = {str(k): str(v) for k, v in parameters.items()}
        return Asked(kind, body, given, dict(headers.items()))
    except (KeyError, TypeError, AttributeError) as error:
        raise NotAskedWellError(f"not a request of this page: {error}") from error


def parsed(body: bytes) -> Mapping[str, Any]:
    """A page's JSON object. Raises NotAskedWellError."""
    try:
        found = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise NotAskedWellError(f"not a request of this page: {error}") from error
    if not isinstance(found, dict):
        raise NotAskedWellError("not a request of this page: no object")
    return found


def _problems(text: str, error: ValidationError) -> Iterator[Problem]:
    count = error.error_count()
    if count > MOST_COUNTED:
        yield Problem("body", "more is wrong with it than a page can show")
        return
    for item in error.errors(include_url=False, include_input=False)[:MOST_TOLD]:
        yield _problem(text, item)
    if count > MOST_TOLD:
        yield Problem("body", f"and {count - MOST_TOLD} more")


def _problem(text: str, item: ErrorDetails) -> Problem:
    said, steps = item["msg"], item["loc"][:MOST_STEPS]
    if item["type"] == "json_invalid":
        found = _AT.search(said)
        line, column = (int(found[1]), int(found[2])) if found else (None, None)
        return Problem("body", _AT.sub("", said), "", line, column)
    line, column = line_and_column(text, steps)
    return Problem("body", said, ".".join(map(str, steps)), line, column)
