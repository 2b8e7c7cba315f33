"""Why there is no connection is told in words, and addresses of IPv6 as URLs have them."""

from __future__ import annotations

import errno
import socket
import ssl

import pytest
from jararaca.transport.amqp.translate import unreachable
from jararaca_compiler.listening.connection import said
from jararaca_shared.broker_url import parse_broker_url
from jararaca_shared.management_api import ManagementApi
from jararaca_shared.network_errors import reason_of

REFUSED = ConnectionRefusedError(errno.ECONNREFUSED, "Connect call failed ('::1', 5672, 0, 0)")
WRONG_PORT = ssl.SSLError(1, "[SSL: WRONG_VERSION_NUMBER] wrong version number (_ssl.c:1006)")
WRONG_PORT.reason = "WRONG_VERSION_NUMBER"


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (REFUSED, "Connection refused"),
        (WRONG_PORT, "wrong version number"),
        (socket.gaierror(-2, "Name or service not known"), "Name or service not known"),
        (TimeoutError(), "no answer in time"),
        (OSError("by a library"), None),
        (ValueError(), None),
    ],
)
def test_the_reason_has_no_numbers_and_tuples(error: Exception, told: str | None) -> None:
    assert reason_of(error) == told, error


def test_worker_and_ears_tell_it_alike() -> None:
    error = OSError(1, "wrapped")
    error.__cause__ = WRONG_PORT
    url = parse_broker_url("amqps://[::1]/shop")
    told = "no connection to amqps://[::1]:5671/shop (wrong version number): amqps:// wants a port"
    assert str(unreachable(url, error)).startswith(told)
    assert said(error) == "wrong version number"


def test_the_management_api_beside_an_address_of_ipv6_has_brackets() -> None:
    api = ManagementApi.of(parse_broker_url("amqp://[::1]:5673/"), None, "or not")
    assert api.url == "http://[::1]:15672"
