"""A schema says no more than what was heard, often enough; every value that was heard fits it."""

from __future__ import annotations

import json
from typing import Any

import jsonschema_rs
from hypothesis import given, settings
from hypothesis import strategies as st
from jararaca_compiler.discovering.shapes.profile import Profile, Room
from jararaca_compiler.discovering.shapes.schema import schema_of

from tests.discovering.discovered import discovered, heard


def schema(*values: Any) -> dict[str, Any]:
    profile = Profile()
    for value in values:
        profile.add(value)
    return schema_of(profile)


def test_fields_are_required_after_a_hundred_and_not_before() -> None:
    value = {"a": 1, "b": 2}
    assert "required" not in schema(*[value] * 99)
    assert schema(*[value] * 100)["required"] == ["a", "b"]
    assert schema(*[value] * 100, {"a": 1})["required"] == ["a"]


def test_a_message_that_was_heard_seldom_says_so() -> None:
    document = discovered([heard("a", {"b": 1})] * 7).document
    assert "Heard 7 times" in document["components"]["messages"]["a"]["summary"]


def test_a_format_is_said_only_if_all_keep_it_and_ten_are_there() -> None:
    times = [f"2026-01-{day:02}T10:00:00Z" for day in range(1, 11)]
    assert schema(*times) == {"type": "string", "format": "date-time"}
    assert schema(*times[:9]) == {"type": "string"}
    assert schema(*times, "soon") == {"type": "string"}
    assert schema(*["2026-02-30"] * 10) == {"type": "string"}


def test_an_enum_needs_ten_of_each_and_a_hundred_in_all() -> None:
    assert schema(*["low", "high"] * 50) == {"type": "string", "enum": ["high", "low"]}
    assert schema(*["low", "high"] * 49) == {"type": "string"}
    assert schema(*["low", "high"] * 100, "once") == {"type": "string"}
    assert schema(*[f"w{n}" for n in range(13)] * 100) == {"type": "string"}
    assert schema(*["Ada Lovelace"] * 200) == {"type": "string"}


def test_null_numbers_and_maps() -> None:
    assert schema(1, None) == {"type": ["integer", "null"]}
    assert schema(1, 1.5) == {"type": "number"}
    assert schema({"1": 2, "7": 3}) == {
        "type": "object",
        "additionalProperties": {"type": "integer"},
    }
    wide = {f"name{n}": n for n in range(200)}
    assert schema(wide)["additionalProperties"] == {"type": "integer"}


def test_hostile_depth_and_width_are_bounded() -> None:
    deep: Any = 1
    for _ in range(150):
        deep = {"a": [deep]}
    assert len(json.dumps(schema(deep))) < 2_000


def test_an_example_is_made_of_the_schema_and_has_no_value_that_was_heard() -> None:
    secret = [{"iban": f"DE{n}secret x", "n": 12345 + n} for n in range(120)]
    found = discovered((heard("a", value) for value in secret), examples=True)
    [example] = found.document["components"]["messages"]["a"]["examples"]
    assert example["payload"] == {"iban": "text", "n": 0}
    assert found.text is not None and "secret" not in found.text + found.memory


TEXTS = st.text(max_size=5) | st.sampled_from(["2026-01-01", "a@b.co", "https://a/", "eu", "us"])
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 9) | st.floats(-9, 9) | TEXTS,
    lambda inner: st.lists(inner, max_size=3)
    | st.dictionaries(st.sampled_from(["a", "b", "c", "1", "2"]), inner, max_size=3),
    max_leaves=6,
)


@settings(max_examples=60, deadline=None)
@given(st.lists(VALUES, min_size=1, max_size=4))
def test_every_value_fits_and_two_runs_say_the_same(values: list[Any]) -> None:
    often = [value for value in values for _ in range(101)]  # Enough for all that may be said.
    whole, one, other = Profile(), Profile(), Profile()
    for number, value in enumerate(often):
        whole.add(value)
        (one if number < len(often) // 2 else other).add(value)
    told = schema_of(whole)
    validator = jsonschema_rs.Draft202012Validator(told, validate_formats=True)
    assert all(validator.is_valid(value) for value in values)
    kept = Profile.of(json.loads(json.dumps(one.kept())))
    kept.merge(Profile.of(json.loads(json.dumps(other.kept()))))
    again = schema_of(kept)
    assert all(jsonschema_rs.Draft202012Validator(again).is_valid(value) for value in values)
    assert schema_of(Profile.of(json.loads(json.dumps(whole.kept())))) == told


def test_fields_without_room_are_not_told_and_nothing_is_refused_for_them() -> None:
    profile, room = Profile(), Room(left=10)
    value = {f"name{n}": {"a": n, "b": n} for n in range(8)}
    for _ in range(200):
        profile.add(value, room)
    told = schema_of(profile)
    assert len(told["properties"]) < 8
    assert jsonschema_rs.Draft202012Validator(told).is_valid(value)
