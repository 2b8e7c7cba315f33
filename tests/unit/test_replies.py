"""What a handler's return value becomes, and what is told to who asked where there is no answer."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from jararaca import Message, MessageOf
from jararaca.contract import headers
from jararaca.errors import NotAnsweredError
from jararaca.publishing.replies import MAX_REASON, answer, refusal
from jararaca.transport import Delivery, Properties

MINE = "jararaca.replies.1"


class Quote(Message):
    """An answer without a topic of its own."""

    MESSAGE_TOPIC = ""
    price: int = 1


class Told(Message):
    """An answer with a topic: who listens there hears it although nobody waits for it."""

    MESSAGE_TOPIC = "quotes.told"


class ToldTo(Message):
    """Its topic has a parameter, which no handler can give with what it returns."""

    MESSAGE_TOPIC = "quotes.told.{region}"


class Located(Message):
    """An answer whose own id stands in its body."""

    MESSAGE_TOPIC = "quotes.located"
    MESSAGE_CORRELATION_ID = "$message.payload#/order"
    order: str


class Ask(Message):
    MESSAGE_TOPIC = "ask"
    MESSAGE_REPLIES = ("Quote", "Told", "ToldTo", "Located")


class AskElsewhere(Ask):
    """The document itself names where it is answered to."""

    MESSAGE_REPLY_TO = "billing.charges"


def asked(reply_to: str | None = MINE, **more: Any) -> Delivery:
    sent = more.pop("headers", {headers.REQUEST: True})
    properties = replace(Properties("id", "Ask", reply_to=reply_to), **more)
    return Delivery("asks", "ask", "", b"{}", properties, sent, False, None)


@pytest.mark.parametrize("returned", [None, {"price": 1}, Ask(), MessageOf])
def test_what_is_no_answer_of_the_request_is_refused_by_name(returned: object) -> None:
    shown = "Ask" if isinstance(returned, Message) else repr(returned)[:100]
    with pytest.raises(NotAnsweredError) as error:
        answer(asked(), Ask, "Quotes.ask", returned)
    assert str(error.value) == (
        f"Quotes.ask returned {shown}, but the reply to Ask is Quote or Told or ToldTo or Located: "
        "return one"
    )


def test_what_is_shown_of_a_wrong_return_value_is_short() -> None:
    with pytest.raises(NotAnsweredError) as error:
        answer(asked(), Ask, "Quotes.ask", "x" * 10_000)
    assert len(str(error.value)) < 250


def test_an_answer_goes_to_who_asked_and_else_to_its_own_topic() -> None:
    made = answer(asked(), Ask, "handler", Told())
    assert made is not None and (made.routing_key, made.exchange) == (MINE, "")
    assert json.loads(made.body) == {}
    for nobody in (None, ""):
        assert answer(asked(nobody), Ask, "handler", Quote()) is None
        assert answer(asked(nobody), Ask, "handler", ToldTo()) is None, "nobody gives the parameter"
        open_ = answer(asked(nobody), Ask, "handler", Told())
        assert open_ is not None
        assert (open_.routing_key, open_.exchange, open_.mandatory) == ("quotes.told", None, False)
    parametrized = answer(asked(), Ask, "handler", ToldTo())
    assert parametrized is not None and parametrized.routing_key == MINE


@pytest.mark.parametrize(
    ("properties", "known_by"),
    [({"correlation_id": "c"}, "c"), ({}, "id"), ({"message_id": None}, "o-1")],
)
def test_an_answer_is_known_by_its_own_id_only_where_the_request_had_none(
    properties: dict[str, Any], known_by: str
) -> None:
    made = answer(asked(**properties), Ask, "handler", Located(order="o-1"))
    assert made is not None and made.properties.correlation_id == known_by


@pytest.mark.parametrize(
    ("request_type", "queue", "more", "told"),
    [
        (Ask, MINE, (), True),
        (Ask, "billing.charges", (), False),
        (AskElsewhere, "billing.charges", (), True),
        (AskElsewhere, MINE, (), True),
        (AskElsewhere, "billing.other", (), False),
        (Ask, "billing.charges", ("billing.*",), True),
        (None, MINE, (), True),
        (None, "billing.charges", (), False),
    ],
)
def test_an_answer_and_a_refusal_go_to_queues_for_answers_alone(
    request_type: type[Message] | None, queue: str, more: tuple[str, ...], told: bool
) -> None:
    if request_type is not None:
        made = answer(asked(queue), request_type, "handler", Told(), more)
        assert (made is not None and made.routing_key == queue) is told
    refused = refusal(asked(queue), "broken", "handler", request_type, more)
    assert (refused is not None and refused.routing_key == queue) is told


@pytest.mark.parametrize("handler", ["Quotes.ask", None])
def test_a_refusal_says_why_and_who_gave_it_up(handler: str | None) -> None:
    refused = refusal(asked(correlation_id="c"), "x" * 2_000, handler)
    assert refused is not None
    reason = "x" * MAX_REASON
    told = {headers.FAILURE: reason} | ({headers.HANDLER: handler} if handler else {})
    assert dict(refused.headers) == told and json.loads(refused.body) == {"reason": reason}
    assert (refused.exchange, refused.mandatory) == ("", False)
    assert refused.properties == Properties(content_type="application/json", correlation_id="c")


def test_who_did_not_ask_is_told_nothing() -> None:
    assert refusal(asked(headers={}), "broken", None) is None
    assert refusal(asked(headers={headers.REQUEST: False}), "broken", None) is None
    assert refusal(asked(None), "broken", None) is None
