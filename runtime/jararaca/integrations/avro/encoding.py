"""Bodies in Avro's binary encoding, a datum without a header, by fastavro."""

from __future__ import annotations

import json
from io import BytesIO
from typing import Any

from jararaca_shared.distribution import install

from jararaca.errors import ConfigurationError
from jararaca.integrations.avro.values import datum, json_value, resolved

try:
    import fastavro
except ImportError as error:
    raise ConfigurationError(f"Avro messages need fastavro: {install('avro')}") from error


class AvroEncoding:
    """Avro's binary encoding of one schema, which readers and writers share.

    Values are those of the message's JSON form: bytes are texts of the characters U+0000 to
    U+00FF, and a logical type is its underlying one.
    """

    name = "Avro"

    def __init__(self, schema: str) -> None:
        self._names: dict[str, Any] = {}
        try:
            self._schema = fastavro.parse_schema(resolved(json.loads(schema)), self._names)
        except Exception as error:
            raise ConfigurationError(f"fastavro refuses an Avro schema: {error}") from error

    def encode(self, value: Any) -> bytes:
        """The datum of a JSON value. Raises ValueError for what the schema has no place for."""
        written = BytesIO()
        ready = datum(value, self._schema, self._names)
        fastavro.schemaless_writer(written, self._schema, ready, strict=True)
        return written.getvalue()

    def decode(self, body: bytes) -> Any:
        """The JSON value of a datum. Raises ValueError, and what fastavro raises."""
        read = BytesIO(body)
        found = fastavro.schemaless_reader(read, self._schema, None)
        if (left := len(body) - read.tell()) > 0:
            raise ValueError(f"more stands behind the value than belongs to it (bytes: {left})")
        return json_value(found)
