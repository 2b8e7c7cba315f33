"""The publications that answer a request, or say that there will be no answer."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace

from jararaca.contract import headers
from jararaca.contract.expressions import value_at
from jararaca.errors import NotAnsweredError
from jararaca.messages.message import Message
from jararaca.printable import logger_named
from jararaca.publishing.publication import Answer, publication_of
from jararaca.publishing.reply_queues import is_for_answers
from jararaca.transport import Delivery, Properties, Publication

logger = logger_named("jararaca.worker")

MAX_REASON = 1_000


def answer(
    delivery: Delivery,
    request: type[Message],
    handler: str,
    returned: object,
    reply_queues: Sequence[str] = (),
    app_id: str | None = None,
) -> Publication | None:
    """What the handler of a request returned, on its way to whom asked; None where nobody did.

    A request without `reply_to` is answered on the answer's own topic, if it has one. One whose
    `reply_to` is no queue for answers, nor one of `reply_queues`, is not answered. Raises
    NotAnsweredError for what is none of the request's answers.
    """
    known = request.MESSAGE_REPLIES
    if not isinstance(returned, Message) or returned.MESSAGE_NAME not in known:
        raise NotAnsweredError(
            f"{handler} returned {_shown(returned)}, but the reply to "
            f"{request.MESSAGE_NAME} is {' or '.join(known)}: return one"
        )
    asker = delivery.properties.reply_to
    if not asker and (not returned.MESSAGE_TOPIC or "{" in returned.MESSAGE_TOPIC):
        logger.debug("%s: nobody waits for the reply", handler)
        return None
    if asker and not _may_be_told(asker, request, reply_queues):
        logger.warning(
            "%s: its answer does not go to %s. The message names this queue, but it is no reply "
            "queue of this application: to allow it, Microservice(reply_queues=[...])",
            handler,
            asker,
        )
        return None
    asked = Answer(asker or None, _asked_by(delivery, request))
    made = publication_of(returned, answer=asked, app_id=app_id)
    known_by = _correlation(delivery) or made.properties.correlation_id
    properties = replace(made.properties, correlation_id=known_by)
    # Who asked may be gone: that is no failure of the handler's.
    return replace(made, properties=properties, mandatory=False)


def refusal(
    delivery: Delivery,
    reason: str,
    handler: str | None,
    request: type[Message] | None = None,
    reply_queues: Sequence[str] = (),
    app_id: str | None = None,
) -> Publication | None:
    """Informs the requester that the request was given up; None if nobody waits for it."""
    asker = delivery.properties.reply_to
    if not asker or not delivery.ours.get(headers.REQUEST):
        return None
    if not _may_be_told(asker, request, reply_queues):
        return None
    told = {headers.FAILURE: reason[:MAX_REASON]}
    if handler is not None:
        told[headers.HANDLER] = handler
    return Publication(
        routing_key=asker,
        body=json.dumps({"reason": told[headers.FAILURE]}).encode(),
        exchange="",
        properties=Properties(
            content_type="application/json",
            correlation_id=_correlation(delivery),
            app_id=app_id,
        ),
        headers=told,
    )


def _may_be_told(asker: str, request: type[Message] | None, reply_queues: Sequence[str]) -> bool:
    """Whether the asker's queue is one for answers; the one that the document names is."""
    documented = request.MESSAGE_REPLY_TO if request else None
    return asker == documented or is_for_answers(asker, reply_queues)


def _asked_by(delivery: Delivery, request: type[Message]) -> str | None:
    """The request's id where its document says; else what AMQP knows it by."""
    expression = request.MESSAGE_CORRELATION_ID
    return value_at(expression, delivery.theirs, delivery.body) or _correlation(delivery)


def _correlation(delivery: Delivery) -> str | None:
    """What the asker knows the answer by: where it gave no correlation id, the message's own id."""
    return delivery.properties.correlation_id or delivery.properties.message_id


def _shown(returned: object) -> str:
    return returned.MESSAGE_NAME if isinstance(returned, Message) else repr(returned)[:100]
