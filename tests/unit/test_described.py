"""Headers and correlation ids of publications, held against what the contract says of them."""

from __future__ import annotations

from dataclasses import replace
from types import MappingProxyType
from typing import Any

import pytest
from jararaca import Message, implicit_headers
from jararaca.errors import PublishHeadersError, PublishParameterError
from jararaca.messages.model import Model
from jararaca.publishing.carried_headers import outgoing
from jararaca.publishing.publication import Answer, publication_of
from jararaca.publishing.replies import answer
from jararaca.transport import Delivery, Properties, Terms
from pydantic import ConfigDict, Field


class Known(Message):
    """Its id stands in a header too."""

    MESSAGE_TOPIC = "known"
    MESSAGE_CORRELATION_ID = "$message.header#/corr"


class Inside(Message):
    """Its id stands in the body."""

    MESSAGE_TOPIC = "inside"
    MESSAGE_CORRELATION_ID = "$message.payload#/order"
    order: str


class Headers(Model):
    model_config = ConfigDict(extra="forbid")
    tenant: str
    shard: int = Field(default=0, alias="x-shard")


class Strict(Message):
    MESSAGE_TOPIC = "strict"
    MESSAGE_HEADERS = Headers


class Placed(Message):
    """Its topic's parameter is one of some, and stands in the body."""

    MESSAGE_TOPIC = "placed.{region}"
    MESSAGE_PARAMETERS = MappingProxyType({"region": ("eu", "us")})
    MESSAGE_LOCATIONS = MappingProxyType({"region": "$message.payload#/region"})
    region: str


class Open(Message):
    """A contract that takes further headers, as long as they are the ones that it describes."""

    MESSAGE_TOPIC = "open"

    class Headers(Model):
        model_config = ConfigDict(extra="allow")
        __pydantic_extra__: dict[str, int] = Field(init=False)


class Listed(Message):
    """Its parameter is one of some, and stands nowhere in the message."""

    MESSAGE_TOPIC = "listed.{region}"
    MESSAGE_PARAMETERS = MappingProxyType({"region": ("eu", "us")})


class Found(Message):
    """Its parameter may be anything, and stands in the body."""

    MESSAGE_TOPIC = "found.{region}"
    MESSAGE_LOCATIONS = MappingProxyType({"region": "$message.payload#/region"})
    region: str


class Marked(Message):
    """Its parameter stands in a header."""

    MESSAGE_TOPIC = "marked.{region}"
    MESSAGE_LOCATIONS = MappingProxyType({"region": "$message.header#/region"})


class Short(Message):
    MESSAGE_TOPIC = "short"
    MESSAGE_EXPIRATION = 1_000
    MESSAGE_PERSISTENT = False


def test_a_header_that_was_not_given_has_the_messages_own_id() -> None:
    made = publication_of(Known(), message_id="mine")
    assert made.headers["corr"] == "mine" == made.properties.correlation_id
    given = publication_of(Known(), headers={"corr": "theirs"}, message_id="mine")
    assert given.headers["corr"] == "theirs" == given.properties.correlation_id
    assert given.properties.message_id == "mine"


def test_an_id_that_amqp_has_already_stays() -> None:
    answering = Answer("jararaca.replies.1", "asked")
    made = publication_of(Known(), headers={"corr": "theirs"}, answer=answering)
    assert (made.properties.correlation_id, made.headers["corr"]) == ("asked", "theirs")


def test_an_id_in_the_body_is_the_one_that_amqp_knows() -> None:
    made = publication_of(Inside(order="o-1"))
    assert made.properties.correlation_id == "o-1" and made.headers == {}


def test_headers_are_what_the_contract_allows() -> None:
    made = publication_of(Strict(), headers={"tenant": "a", "x-shard": 1})
    assert dict(made.headers) == {"tenant": "a", "x-shard": 1}
    wrong: list[dict[str, Any]] = [{}, {"tenant": 1}, {"tenant": "a", "x-shard": "x"}]
    for headers in (*wrong, {"tenant": "a", "more": 1}):
        with pytest.raises(
            PublishHeadersError, match=r"^the headers are not a valid Strict\.Headers"
        ):
            publication_of(Strict(), headers=headers)


@pytest.mark.parametrize(("tenant", "shard"), [("a", 1), ("a", "x"), (1, 1)])
def test_what_an_integration_adds_is_the_contracts_where_it_is_described(
    tenant: object, shard: object
) -> None:
    added = {"tenant": tenant, "x-shard": shard, "traceparent": "00"}
    with outgoing(lambda made: replace(made, headers={**made.headers, **added})):
        if (tenant, shard) == ("a", 1):
            assert publication_of(Strict()).headers == added
        else:
            with pytest.raises(PublishHeadersError):
                publication_of(Strict())


def test_an_answer_has_no_headers_to_be_checked() -> None:
    assert publication_of(Strict(), answer=Answer("replies", None)).headers == {}


def test_what_is_carried_on_is_none_of_a_strict_contracts_business() -> None:
    with implicit_headers(trace="t"):
        made = publication_of(Strict(), headers={"tenant": "a"})
    assert made.headers["trace"] == "t"


def test_what_is_carried_on_is_checked_where_a_contract_takes_further_headers() -> None:
    """And what an integration adds is not: it is neither given nor carried."""
    assert publication_of(Open(), headers={"a": 1}).headers == {"a": 1}
    with implicit_headers(shard=1):
        assert publication_of(Open()).headers["shard"] == 1
    with pytest.raises(PublishHeadersError), implicit_headers(shard="x"):
        publication_of(Open())
    with outgoing(lambda made: replace(made, headers={**made.headers, "traceparent": "00"})):
        assert publication_of(Open()).headers == {"traceparent": "00"}


def test_parameters_are_checked_where_they_are_listed_or_located_alone() -> None:
    assert publication_of(Listed(), {"region": "eu"}).routing_key == "listed.eu"
    with pytest.raises(PublishParameterError, match="it is one of eu, us"):
        publication_of(Listed(), {"region": "asia"})
    assert publication_of(Found(region="asia")).routing_key == "found.asia"
    assert publication_of(Marked(), headers={"region": "eu"}).routing_key == "marked.eu"
    with pytest.raises(PublishParameterError, match="another value"):
        publication_of(Found(region="asia"), {"region": "us"})


def test_a_parameter_that_is_left_out_is_taken_from_the_message_and_must_be_listed() -> None:
    assert publication_of(Placed(region="eu")).routing_key == "placed.eu"
    with pytest.raises(PublishParameterError, match="it is one of eu, us"):
        publication_of(Placed(region="asia"))
    with pytest.raises(PublishParameterError, match="another value"):
        publication_of(Placed(region="eu"), {"region": "us"})


def test_a_delayed_message_has_no_expiration_and_keeps_its_other_terms() -> None:
    assert publication_of(Short()).terms == Terms(expiration=1_000, persistent=False)
    for delay in (0.25, 1, 2):
        made = publication_of(Short(), delay=delay)
        assert made.terms == Terms(expiration=None, persistent=False)


class Ask(Message):
    MESSAGE_TOPIC = "ask"
    MESSAGE_REPLIES = ("Known",)
    MESSAGE_CORRELATION_ID = "$message.header#/corr"


@pytest.mark.parametrize(
    ("headers", "properties", "known_by"),
    [
        ({"corr": "c"}, {"correlation_id": "amqp"}, "amqp"),
        ({}, {"correlation_id": "amqp"}, "amqp"),
        ({}, {}, "id"),
        ({"corr": "c"}, {}, "id"),
    ],
)
def test_an_answer_is_known_by_what_its_request_had_and_may_be_lost(
    headers: dict[str, Any], properties: dict[str, Any], known_by: str
) -> None:
    """Who asked may be gone: that is no failure of the handler's."""
    asked = replace(Properties("id", "Ask", reply_to="jararaca.replies.1"), **properties)
    delivery = Delivery("q", "ask", "", b"{}", asked, headers, False, None)
    made = answer(delivery, Ask, "handler", Known())
    assert made is not None
    assert (made.routing_key, made.exchange, made.mandatory) == ("jararaca.replies.1", "", False)
    assert made.properties.correlation_id == known_by
    assert made.headers["corr"] == (headers.get("corr") or known_by)
