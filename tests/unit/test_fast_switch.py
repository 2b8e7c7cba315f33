"""Which transport a broker URL, and `jararaca worker --transport`, choose."""

from __future__ import annotations

from pathlib import Path

import pytest
from jararaca import ConfigurationError
from jararaca.transport.amqp import AmqpTransport
from jararaca.transport.amqp.fast import FastTransport
from jararaca.transport.connect import transport_for
from jararaca.transport.url import with_transport

URL = "amqp://guest:guest@localhost/"


async def test_the_fast_lane_is_the_default() -> None:
    assert type(transport_for(URL)) is FastTransport
    assert type(transport_for(f"{URL}?transport=fast&heartbeat=5")) is FastTransport


async def test_plain_leaves_everything_to_aiormq() -> None:
    assert type(transport_for(f"{URL}?transport=plain")) is AmqpTransport


def test_another_transport_is_an_error_that_names_the_two() -> None:
    with pytest.raises(ConfigurationError, match="fast or plain"):
        transport_for(f"{URL}?transport=quick")


@pytest.mark.parametrize(
    ("url", "name", "expected"),
    [
        (URL, None, URL),
        (URL, "plain", f"{URL}?transport=plain"),
        (f"{URL}?heartbeat=5", "fast", f"{URL}?heartbeat=5&transport=fast"),
    ],
)
def test_the_flag_becomes_a_parameter_of_the_url(url: str, name: str | None, expected: str) -> None:
    assert with_transport(url, name) == expected


def test_memory_has_no_transport_to_choose() -> None:
    with pytest.raises(ConfigurationError, match="transport"):
        transport_for(with_transport("memory://x", "plain"))


@pytest.mark.parametrize("name", ["cafile", "certfile"])
async def test_a_pem_file_that_cannot_be_used_is_an_error_that_names_it(
    name: str, tmp_path: Path
) -> None:
    (tmp_path / "empty.pem").write_text("")
    for path in (tmp_path / "absent.pem", tmp_path / "empty.pem"):
        transport = transport_for(f"amqps://guest:guest@localhost/?{name}={path}")
        with pytest.raises(ConfigurationError, match=f"{name}={path}"):
            await transport.connect()
