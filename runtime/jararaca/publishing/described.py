"""A publication held against what the contract says of its headers and its correlation id."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from pydantic import ValidationError

from jararaca.contract.expressions import value_at, with_correlation_id
from jararaca.contract.headers import FILTER_VALUE
from jararaca.errors import PublishHeadersError
from jararaca.messages.base_message import reasons
from jararaca.messages.message import Message
from jararaca.messages.model import Model
from jararaca.publishing.carried_headers import names_carried
from jararaca.transport import Publication
from jararaca.transport.limits import MAX_SHORT


def correlated(message: Message, publication: Publication) -> Publication:
    """The publication with its id in AMQP's `correlation_id` and where the document says.

    A header of that name that was not given has the id of AMQP, else the message's own.
    """
    expression = message.MESSAGE_CORRELATION_ID
    properties = publication.properties
    own = properties.correlation_id or properties.message_id or ""
    headers = with_correlation_id(expression, publication.headers, own)
    found = value_at(expression, headers, publication.body)
    if found is not None and properties.correlation_id is None:
        properties = replace(properties, correlation_id=found)
    return replace(publication, headers=headers, properties=properties)


def filtered(publication: Publication, filter_by: str) -> Publication:
    """The publication with the value that readers of its stream choose by, for the broker.

    Without one it is a message that all of them get. RabbitMQ takes 255 bytes at most.
    """
    value = value_at(filter_by, publication.headers, publication.body)
    if value is None or len(value.encode()) > MAX_SHORT:
        return publication
    return replace(publication, headers={**publication.headers, FILTER_VALUE: value})


def check_headers(
    message: Message, publication: Publication, given: Mapping[str, Any] | None
) -> None:
    """Raise PublishHeadersError for headers that the contract does not allow.

    What integrations add is not the contract's, unless it is described there.
    """
    model = message.MESSAGE_HEADERS
    if model is None:
        return
    asked = {*(given or ()), *_described(model)}
    if model.model_config.get("extra") != "forbid":
        asked.update(names_carried(publication.headers))
    headers = {name: value for name, value in publication.headers.items() if name in asked}
    try:
        model.model_validate(headers)
    except ValidationError as error:
        told = reasons(f"{message.MESSAGE_NAME}.Headers", error)
        raise PublishHeadersError(f"the headers are {told}") from None


def _described(model: type[Model]) -> set[str]:
    return {field.alias or name for name, field in model.model_fields.items()}
