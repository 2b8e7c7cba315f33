"""Neither a password nor a value of a message is told in an error, a log line or a dead letter."""

from __future__ import annotations

from typing import Annotated, Literal

import pytest
from jararaca import ConfigurationError, Message
from jararaca.application.backend import backend_for
from jararaca.contract import headers
from jararaca.contract.parameters import violations
from jararaca.errors import DatabaseUnreachableError, DecodeError
from jararaca.handling.idempotency.redis import HandledInRedis
from jararaca.handling.redelivery import dead_letter
from jararaca.integrations.sqlalchemy.engine import engine_for, reaching
from jararaca.messages.model import Model
from jararaca.messages.values import schema_check
from jararaca.messages.values.schema_check import JsonSchema
from jararaca.transport import Delivery, Properties
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


PARAMETERS = [
    f"transport={SECRET}",
    f"heartbeat={SECRET}",
    f"{SECRET}=1",
    f"prefetch_count={SECRET}",
]
PARAMETERS += [f"connection_timeout={SECRET}", f"publish_timeout=nan{SECRET}", f"x=1&{SECRET}"]
PARAMETERS += [f"cafile={SECRET}&cafile={SECRET}", f"heartbaet={SECRET}", f"exchange=a&{SECRET}=b"]


@pytest.mark.parametrize("scheme", ["amqp", "amqps", "memory", SECRET])
@pytest.mark.parametrize("parameters", PARAMETERS)
def test_no_parameter_and_no_other_part_of_a_url_is_told(scheme: str, parameters: str) -> None:
    with pytest.raises(ConfigurationError) as refused:
        parse_broker_url(f"{scheme}://{SECRET}:{SECRET}@{SECRET}/{SECRET}?{parameters}")
    assert SECRET not in str(refused.value)


@pytest.mark.parametrize(
    "url", [f"amqp:///{SECRET}", f"amqp://{SECRET}:{SECRET}@/v", f"x://{SECRET}"]
)
def test_a_url_without_a_host_or_with_another_scheme_is_not_told(url: str) -> None:
    with pytest.raises(ConfigurationError) as refused:
        parse_broker_url(url)
    assert SECRET not in str(refused.value)


def test_a_misspelt_parameter_is_corrected_by_its_right_name() -> None:
    with pytest.raises(ConfigurationError, match=r"an unknown parameter \(is it heartbeat\?\)"):
        parse_broker_url("amqp://host?heartbaet=5")
    with pytest.raises(ConfigurationError, match=r"the parameter prefetch_count \(the prefetch is"):
        parse_broker_url("amqp://host?prefetch_count=5")


DATABASES = [
    f"postgresql://u:{SECRET}#{SECRET}@host/db",
    f"postgresql://u:{SECRET}/{SECRET}@host/db",
    f"postgresql://u:{SECRET}?{SECRET}@host/db",
    f"postgresql://u:{SECRET}@{SECRET}@host/db",
    f"postgresql://u:{SECRET}@host:{SECRET}/db",
    f"mysql://u:{SECRET}@host/db",
    f"mysql://u:{SECRET}#{SECRET}@host/db",
    f"mysql://u:{SECRET}/{SECRET}@host/db",
    f"mysql://u:{SECRET}?{SECRET}@host/db",
    f"u:{SECRET}@host/db",
    SECRET,
]


@pytest.mark.parametrize("url", DATABASES)
async def test_the_password_of_a_database_is_in_no_error_about_its_url(url: str) -> None:
    try:
        engine = engine_for(url, {"connect_args": {"timeout": 0.01}})
    except ConfigurationError as refused:
        assert SECRET not in str(refused)
        assert refused.__cause__ is None or SECRET not in str(refused.__cause__)
        return
    with pytest.raises(DatabaseUnreachableError) as unreached:
        async with reaching(engine), engine.connect():
            pass
    assert SECRET not in str(unreached.value)


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


def test_a_value_that_contradicts_its_topic_is_not_told() -> None:
    where = "$message.payload#/user"
    body = b'{"user":"%s"}' % SECRET.encode()
    [told] = violations({"user": "anna"}, {}, {"user": where}, {}, body)
    assert told == f"parameter user is 'anna', and {where} is another value"


def test_what_a_handler_raises_is_told_as_it_is() -> None:
    """Its text is the application's: who raises it says what stands in it."""
    delivery = Delivery("q", "t", "", b"{}", Properties("1"), {}, False, None)
    letter = dead_letter(delivery, "letters", "given up", None, ValueError(f"{SECRET} is wrong"))
    assert letter.headers[headers.LAST_ERROR] == f"ValueError: {SECRET} is wrong"
