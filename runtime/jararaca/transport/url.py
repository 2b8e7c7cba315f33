"""Broker URLs as the runtime reads them: what is wrong with one is a ConfigurationError."""

from __future__ import annotations

from urllib.parse import SplitResult

from jararaca_shared import broker_url as shared
from jararaca_shared.broker_url import (
    AMQP,
    MEMORY,
    TRANSPORTS,
    BrokerUrl,
    safe_url,
    with_exchange,
    with_transport,
)

from jararaca.errors import ConfigurationError

__all__ = [
    "AMQP",
    "MEMORY",
    "TRANSPORTS",
    "BrokerUrl",
    "parse_broker_url",
    "safe_url",
    "url_parts",
    "with_exchange",
    "with_transport",
]


def parse_broker_url(broker_url: str) -> BrokerUrl:
    """The parts of a broker URL. Raises ConfigurationError, which says what is allowed."""
    try:
        return shared.parse_broker_url(broker_url)
    except shared.BrokerUrlError as error:
        raise ConfigurationError(str(error)) from None


def url_parts(url: str, what: str) -> SplitResult:
    """The parts of a URL. Raises ConfigurationError, in which no text of the URL stands."""
    try:
        return shared.url_parts(url, what)
    except shared.BrokerUrlError as error:
        raise ConfigurationError(str(error)) from None
