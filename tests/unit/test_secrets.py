"""Neither a password nor a value of a message is told in an error, a log line or a dead letter."""

from __future__ import annotations

from typing import Annotated, Literal

import pytest
from jararaca import ConfigurationError, Message
from jararaca.application.backend import backend_for
from jararaca.errors import DecodeError
from jararaca.handling.idempotency.redis import HandledInRedis
from jararaca.messages import schema_check
from jararaca.messages.model import Model
from jararaca.messages.schema_check import JsonSchema
from jararaca.transport.url import parse_broker_url, safe_url
from pydantic import Field

SECRET = "hunter2"
CUT = [f"{SECRET}#{SECRET}", f"{SECRET}/{SECRET}", f"{SECRET}?{SECRET}", f"12#{SECRET}"]
CUT += [f"12/{SECRET}", f"12?{SECRET}", f"{SECRET}@{SECRET}/{SECRET}", f"[{SECRET}", f"#{SECRET}"]
CUT += [f"{SECRET}/x?y#{SECRET}", f"{SECRET}:{SECRET}/#", f"\u2100{SECRET}"]


@pytest.mark.parametrize("password", CUT)
@pytest.mark.parametrize("scheme", ["amqp", "amqps", "redis", "rediss", "wrong"])
@pytest.mark.parametrize("place", ["@host:5672/vhost", "@host", "@host/v?heartbeat=5"])
def test_a_url_whose_password_is_not_encoded_is_refused_and_not_told(
    scheme: str, password: str, place: str
) -> None:
    url = f"{scheme}://user:{password}{place}"
    assert SECRET not in safe_url(url)
    with pytest.raises(ConfigurationError) as refused:
        if scheme.startswith("redis"):
            backend_for(url, lambda: None, HandledInRedis)
        else:
            parse_broker_url(url)
    assert SECRET not in str(refused.value)
    assert refused.value.__cause__ is None or SECRET not in str(refused.value.__cause__)


def test_an_encoded_password_is_taken() -> None:
    url = parse_broker_url("amqp://u%40x:p%23%2F%3F%40%3A@[::1]:5673/%2Fv?heartbeat=5")
    assert (url.user, url.password, url.host, url.port) == ("u@x", "p#/?@:", "::1", 5673)
    assert url.vhost == "/v"
    shown = safe_url("amqp://user:p%23@host/v?cafile=a@b")
    assert shown == "amqp://user:***@host/v"


@pytest.mark.parametrize(
    "url", [f"user:{SECRET}@host", f"{SECRET}", f"//user:{SECRET}@host", f"amqp:user:{SECRET}@host"]
)
def test_what_is_no_url_is_not_told(url: str) -> None:
    assert SECRET not in safe_url(url)
    with pytest.raises(ConfigurationError) as refused:
        parse_broker_url(url)
    assert SECRET not in str(refused.value)


class Cat(Model):
    kind: Literal["cat"]


class Dog(Model):
    kind: Literal["dog"]


class Checked(Message):
    """Each of its fields is checked by another means."""

    card: Annotated[str, JsonSchema({"not": {"const": SECRET}})] = ""
    list_: Annotated[tuple[str, ...], JsonSchema({"contains": {"const": "a"}})] = ("a",)
    number: int = 0
    short: Annotated[str, Field(max_length=3)] = ""
    colour: Literal["red", "blue"] = "red"
    pet: Annotated[Cat | Dog, Field(discriminator="kind")] = Cat(kind="cat")


BODIES = [
    b'{"list_": ["hunter2"]}',
    b'{"number": "hunter2"}',
    b'{"short": "hunter2"}',
    b'{"colour": "hunter2"}',
    b'{"pet": {"kind": "hunter2"}}',
]


@pytest.mark.parametrize("body", BODIES)
def test_no_value_of_a_message_is_told_unless_that_is_asked_for(
    body: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    schema_check._validator.cache_clear()
    with pytest.raises(DecodeError) as refused:
        Checked.decode(body)
    assert SECRET not in str(refused.value)
    monkeypatch.setenv("JARARACA_SHOW_VALUES", "1")
    schema_check._validator.cache_clear()
    with pytest.raises(DecodeError, match=SECRET):
        Checked.decode(body)
    schema_check._validator.cache_clear()
