"""Partitions: the number that a key has among them, and how a header says so."""

from __future__ import annotations

from binascii import crc32
from enum import Enum


def partition_of(key: object, count: int) -> int:
    """CRC-32 of the key's UTF-8, modulo the count: any language can do it."""
    return crc32(key_text(key).encode("utf-8", "surrogatepass")) % count


def key_text(key: object) -> str:
    """A key as it stands in JSON, without quotes. Raises TypeError for what is no key."""
    value = key.value if isinstance(key, Enum) else key
    if value is None or isinstance(value, bool | float | dict | list):
        raise TypeError(f"a partition key is a text or a whole number, not {type(value).__name__}")
    return str(value)


def header_of(key: object, count: int) -> str:
    """What a publication's PARTITION header says; another count is as good as none."""
    return f"{partition_of(key, count)}/{count}"
