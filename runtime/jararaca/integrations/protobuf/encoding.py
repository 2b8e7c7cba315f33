"""Bodies in Protobuf's wire format, by protobuf's own runtime."""

from __future__ import annotations

import json
from importlib import import_module
from typing import Any

from jararaca_shared.distribution import install

from jararaca.errors import ConfigurationError
from jararaca.integrations.protobuf.values import with_integers

try:
    from google.protobuf import descriptor_pb2, descriptor_pool, json_format, message_factory
except ImportError as error:
    raise ConfigurationError(
        f"Protobuf messages need protobuf's runtime: {install('protobuf')}"
    ) from error

_GOOGLE = "google/protobuf/"


class ProtobufEncoding:
    """Protobuf's wire format of one message type, given by the descriptors of its files.

    Values are those of Protobuf's JSON form, in which 64-bit integers are read as numbers. A field
    without presence that is not on the wire has its default.
    """

    name = "Protobuf"

    def __init__(self, files: str, root: str) -> None:
        self._pool = descriptor_pool.DescriptorPool()
        self._known: set[str] = set()
        try:
            for file in json.loads(files):
                for name in file["dependency"]:
                    self._add_googles(name)
                self._add(json_format.ParseDict(file, descriptor_pb2.FileDescriptorProto()))
            descriptor = self._pool.FindMessageTypeByName(root)
            self._class: Any = message_factory.GetMessageClass(descriptor)
        except Exception as error:
            raise ConfigurationError(f"protobuf refuses the schema of {root}: {error}") from error

    def encode(self, value: Any) -> bytes:
        """The body of a JSON value. Raises what protobuf raises, for unknown fields too."""
        made = json_format.ParseDict(value, self._class(), descriptor_pool=self._pool)
        body: bytes = made.SerializeToString(deterministic=True)
        return body

    def decode(self, body: bytes) -> Any:
        """The JSON value of a body. Raises what protobuf raises."""
        read = self._class.FromString(body)
        value = json_format.MessageToDict(
            read, always_print_fields_with_no_presence=True, descriptor_pool=self._pool
        )
        return with_integers(value, self._class.DESCRIPTOR)

    def _add_googles(self, name: str) -> None:
        """One of the files that come with protobuf, and what it imports."""
        if not name.startswith(_GOOGLE) or name in self._known:
            return
        module = import_module(name.removesuffix(".proto").replace("/", ".") + "_pb2")
        file = descriptor_pb2.FileDescriptorProto.FromString(module.DESCRIPTOR.serialized_pb)
        for dependency in file.dependency:
            self._add_googles(dependency)
        self._add(file)

    def _add(self, file: Any) -> None:
        self._known.add(file.name)
        self._pool.AddSerializedFile(file.SerializeToString())
