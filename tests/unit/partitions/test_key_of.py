"""The key of a message: how it is spelt, and what is told of one that has none."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import pytest
from jararaca import DecodeError, Message, PublishParameterError
from jararaca.contract.partitions import header_of, key_of
from jararaca.publishing.publication import publication_of


class Rent(Message):
    """What is kept in order by the header `tenant`."""

    MESSAGE_TOPIC = "rent"
    MESSAGE_PARTITIONS = 8

    def __partition_key__(self, headers: Mapping[str, Any]) -> object:
        return headers["tenant"]


class Within(Rent):
    """What is kept in order by a value in an object that may not be there."""

    def __partition_key__(self, headers: Mapping[str, Any]) -> object:
        found: object = headers["tenant"].id
        return found


@pytest.mark.parametrize(
    ("value", "text"),
    [("ñ", "ñ"), ("", ""), ("1", "1"), (1, "1"), (-(10**30), str(-(10**30))), ("ñ".encode(), "ñ")],
)
def test_a_key_is_the_text_that_stands_in_json(value: object, text: str) -> None:
    assert key_of(Rent(), {"tenant": value}) == text


def test_another_language_finds_the_same_partitions() -> None:
    """What CRC-32 in JavaScript, written by its definition, has printed."""
    keys = ["acme", "ordem-ñ-😀", "", "1", "-5", "\x00"]
    printed = ["62/64", "19/64", "0/64", "55/64", "51/64", "13/64"]
    assert [header_of(key, 64) for key in keys] == printed


@pytest.mark.parametrize(
    ("headers", "reason"),
    [
        ({}, "there is no header 'tenant'"),
        ({"tenant": True}, "a partition key is a text or a whole number, not bool"),
        ({"tenant": 1.5}, "a partition key is a text or a whole number, not float"),
        (
            {"tenant": datetime(2026, 11, 30, tzinfo=UTC)},
            "a partition key is a text or a whole number, not datetime",
        ),
        ({"tenant": b"\xff"}, "'utf-8' codec can't decode byte 0xff in position 0"),
    ],
)
def test_what_has_no_key_says_why(headers: dict[str, Any], reason: str) -> None:
    with pytest.raises(DecodeError, match=f"^Rent has no partition key: {reason}"):
        key_of(Rent(), headers)
    with pytest.raises(PublishParameterError, match=f"^Rent has no partition key: {reason}"):
        publication_of(Rent(), headers=headers)


def test_a_key_in_what_is_no_object_is_none() -> None:
    with pytest.raises(DecodeError, match="what it stands in is no object"):
        key_of(Within(), {"tenant": None})
