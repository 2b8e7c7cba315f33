"""What is kept of production is masked, as valid as it was, and joined as it was."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from jararaca_compiler.observing.judging import violations
from jararaca_compiler.observing.recording.disguise import Disguise
from jararaca_compiler.observing.recording.recorder import (
    FULL,
    NO_JSON,
    UNDECLARED,
    UNMASKABLE,
    Recorder,
)
from jararaca_compiler.observing.recording.sensitive import is_sensitive
from jararaca_shared.recording import RecordingError, head_line, messages_in

from tests.observing.planted import EXCHANGE, Sent, contract

DOCUMENT = """\
asyncapi: 3.0.0
info: {title: Shop, version: 1.0.0}
channels:
  signed:
    address: people.{handle}.signed
    parameters: {handle: {location: '$message.payload#/handle'}}
    messages:
      Signed:
        payload:
          type: object
          required: [email]
          properties:
            personId: {type: string, format: uuid, x-sensitive: true}
            handle: {type: string, x-sensitive: true, pattern: '^[a-z]+$', maxLength: 12}
            email: {type: string, format: email, maxLength: 40}
            cardNumber: {type: string, pattern: '^[0-9]{16}$'}
            birthDate: {type: string, format: date}
            level: {x-sensitive: true, enum: [bronze, silver, gold]}
            age: {type: integer, x-sensitive: true, minimum: 10, maximum: 99}
            note: {type: string}
            tokens: {type: array, items: {type: string, minLength: 3}}
            address: {type: object, properties: {city: {type: string}, zip: {type: integer}}}
            check: {type: string, pattern: '^ABC$', x-sensitive: true}
            kind: {const: person, x-sensitive: true}
            lat: {type: number}
            seats: {type: object, additionalProperties: {type: integer}}
operations:
  sign: {action: send, channel: {$ref: '#/channels/signed'}}
"""
PERSON = {
    "personId": "0192d3a8-6f5e-7c1a-9b0e-2f6c1d8a4b10",
    "handle": "adalovelace",
    "email": "Ada.Lovelace@example.org",
    "cardNumber": "4242424242424242",
    "birthDate": "1815-12-10",
    "level": "gold",
    "age": 36,
    "note": "kept as it is",
    "tokens": ["tok_abcdef", "tok_ghi"],
    "address": {"city": "London", "zip": 12345},
    "unknown": "Byron",
    "kind": "person",
    "lat": 51.5,
}
SECRET = [
    *("0192d3a8", "adalovelace", "Lovelace", "4242424242424242", "1815-12-10", "London"),
    *("tok_abcdef", "12345", "Byron"),
]


def signed(handle: str = "adalovelace", **values: Any) -> Sent:
    body = json.dumps({**PERSON, "handle": handle, **values}).encode()
    headers = {"tenant": "acme", "Authorization": "Bearer s3cret", "x-jararaca-attempt": 2}
    return Sent(f"people.{handle}.signed", body, "Signed", headers)


@pytest.fixture
def recorder(tmp_path: Path) -> Recorder:
    return Recorder(contract(tmp_path, DOCUMENT))


def kept(recorder: Recorder, sent: Sent) -> Any:
    line = recorder.line(sent.heard())
    assert line is not None, recorder.left_out
    return json.loads(line)


def test_nothing_sensitive_is_left_and_the_message_is_as_valid_as_it_was(
    recorder: Recorder, tmp_path: Path
) -> None:
    found = kept(recorder, signed())
    written = json.dumps(found)
    assert not [each for each in SECRET if each in written]
    assert "s3cret" not in written and "x-jararaca" not in written
    made = contract(tmp_path, DOCUMENT)
    [channel], [message] = made.channels, made.messages.values()
    assert violations(message, channel, found["routing_key"], {}, found["body"]) == []


def test_what_is_masked_has_its_type_its_format_and_its_length(recorder: Recorder) -> None:
    body = kept(recorder, signed())["body"]
    for name, value in PERSON.items():
        assert type(body[name]) is type(value), name
    assert re.fullmatch(r"[A-Z][a-z]{2}\.[A-Z][a-z]{7}@[a-z]{7}\.[a-z]{3}", body["email"])
    assert re.fullmatch("[0-9]{16}", body["cardNumber"])
    assert body["personId"][14] == "7"
    assert [len(each) for each in body["tokens"]] == [10, 7]
    assert all(each.startswith("tok_") for each in body["tokens"]), "what it is for is no secret"
    assert body["kind"] == "person"
    assert (body["note"], body["lat"]) == (PERSON["note"], PERSON["lat"])
    assert 10 <= body["age"] <= 99 and body["level"] in ("bronze", "silver", "gold")


def test_what_belonged_together_still_does(recorder: Recorder, tmp_path: Path) -> None:
    first, second = (kept(recorder, signed(note=note)) for note in ("a", "b"))
    other = kept(recorder, signed("byron"))
    assert first["body"]["email"] == second["body"]["email"]
    assert first["routing_key"] == f"people.{first['body']['handle']}.signed"
    assert first["body"]["handle"] != other["body"]["handle"]
    another = Recorder(contract(tmp_path, DOCUMENT))
    assert kept(another, signed())["body"]["email"] != first["body"]["email"]


def test_the_keys_of_maps_are_values_too(recorder: Recorder) -> None:
    people = {"ada@example.org": {"555-0100": "x"}}
    written = json.dumps(kept(recorder, signed(seats={"ada": 1}, people=people))["body"])
    assert "ada@" not in written and "555" not in written and '"ada"' not in written
    assert '"seats"' in written and '"people"' in written


def test_what_is_invalid_stays_as_invalid_as_it_was(recorder: Recorder) -> None:
    body = kept(recorder, signed(cardNumber="42"))["body"]
    assert re.fullmatch("[0-9]{2}", body["cardNumber"])
    assert kept(recorder, signed(age="x"))["body"]["age"].isalpha()


def test_what_cannot_be_kept_is_counted(recorder: Recorder, tmp_path: Path) -> None:
    for sent in (
        Sent("people.elsewhere", b"{}", "Signed"),
        Sent("people.ada.signed", b"no json", "Signed"),
        signed(check="ABC"),
    ):
        assert recorder.line(sent.heard()) is None
    assert recorder.left_out == {UNDECLARED: 1, NO_JSON: 1, UNMASKABLE: 1}
    small = Recorder(contract(tmp_path, DOCUMENT), most_bytes=10)
    assert small.line(signed().heard()) is None
    assert small.left_out == {FULL: 1}


@pytest.mark.parametrize(
    "name",
    ["password", "userPassword", "API-Key", "card_number", "e-mail", "IBAN", "tokens", "ipAddress"],
)
def test_telling_names_are_masked_by_default(name: str) -> None:
    assert is_sensitive(name)


@pytest.mark.parametrize("name", ["discard", "orderId", "state", "pinned", "amount", "tokenizer"])
def test_other_names_are_not(name: str) -> None:
    assert not is_sensitive(name)


@pytest.mark.parametrize(
    "value",
    ["", "é", "日本", "a" * 500, "x:y", -1, 10**400, 1.5, 1e300, True, None, [1], {"a": "b"}],
)
def test_any_value_can_be_disguised(value: Any) -> None:
    made = Disguise(b"key").value(value)
    assert type(made) is type(value)
    assert made == Disguise(b"key").value(value)
    if isinstance(value, str):
        assert len(made) == len(value)


def test_a_recording_is_read_as_it_was_written(recorder: Recorder) -> None:
    line = recorder.line(replace(signed()).heard())
    assert line is not None
    [message] = messages_in([head_line("amqp://here", "now"), line, ""])
    assert (message.exchange, message.message) == (EXCHANGE, "shop.Signed")


@pytest.mark.parametrize(
    ("lines", "why"),
    [
        ([], "it is no recording"),
        (["{}"], "it is no recording"),
        (['{"jararaca-recording": 9}'], "format 9"),
        ([head_line("x", "y"), "{"], "line 2 is no JSON"),
        ([head_line("x", "y"), "[]"], "line 2 is no message"),
        ([head_line("x", "y"), '{"exchange": 1, "routing_key": "", "type": null, "body": 1}'], "2"),
    ],
)
def test_what_is_no_recording_is_told(lines: list[str], why: str) -> None:
    with pytest.raises(RecordingError, match=why):
        list(messages_in(lines))
