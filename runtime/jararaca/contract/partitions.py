"""Partitions: the key of a message, the number that it has among them, and how a header says so."""

from __future__ import annotations

from binascii import crc32
from collections.abc import Mapping
from datetime import date, time, timedelta
from enum import Enum
from typing import Any, ClassVar, Protocol

from jararaca.errors import DecodeError

_NO_KEYS = (bool, float, dict, list, tuple, date, time, timedelta)
"""What has several spellings, or is no single value."""


class Divided(Protocol):
    """A message of a channel that is divided into partitions."""

    MESSAGE_NAME: ClassVar[str]

    def __partition_key__(self, headers: Mapping[str, Any]) -> object:
        """What it is kept in order by."""


def key_of(message: Divided, headers: Mapping[str, Any]) -> str:
    """The key of a message, as a text. Raises DecodeError where it has none, and says why."""
    try:
        return key_text(message.__partition_key__(headers))
    except KeyError as error:
        reason = f"there is no header {error}"
    except AttributeError:
        reason = "what it stands in is no object"
    except (TypeError, UnicodeDecodeError) as error:
        reason = str(error)
    raise DecodeError(f"{message.MESSAGE_NAME} has no partition key: {reason}")


def partition_of(key: str, count: int) -> int:
    """CRC-32 of the key's UTF-8, modulo the count: any language can do it."""
    return crc32(key.encode("utf-8", "surrogatepass")) % count


def key_text(key: object) -> str:
    """A key as it stands in JSON, without quotes. Raises TypeError for what is no key.

    Octets are the text that they are in UTF-8: some clients write texts in headers so. Raises
    UnicodeDecodeError for others.
    """
    value = key.value if isinstance(key, Enum) else key
    if value is None or isinstance(value, _NO_KEYS):
        raise TypeError(f"a partition key is a text or a whole number, not {type(value).__name__}")
    return bytes(value).decode() if isinstance(value, bytes | bytearray) else str(value)


def header_of(key: str, count: int) -> str:
    """What a publication's PARTITION header says; another count is as good as none."""
    return f"{partition_of(key, count)}/{count}"
