"""Messages whose bodies are in Protobuf's wire format."""

from jararaca.integrations.protobuf.encoding import ProtobufEncoding

__all__ = ["ProtobufEncoding"]
