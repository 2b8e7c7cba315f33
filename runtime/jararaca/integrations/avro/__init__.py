"""Messages whose bodies are Avro's binary encoding."""

from jararaca.integrations.avro.encoding import AvroEncoding

__all__ = ["AvroEncoding"]
