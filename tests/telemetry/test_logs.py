"""Log lines tell which message they are about, as text and as JSON."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from io import StringIO
from typing import Any
from uuid import uuid4

import pytest
from jararaca import MessageOf
from jararaca.observability.logs import ContextFilter, JsonFormatter, TextFormatter

from tests.telemetry.shop import Fails, SendInvoice, order, running, until

logger = logging.getLogger("shop.invoices")


class Written:
    """What a handler with the formatter has written."""

    def __init__(self, formatter: logging.Formatter) -> None:
        self._stream = StringIO()
        self.handler = logging.StreamHandler(self._stream)
        self.handler.addFilter(ContextFilter())
        self.handler.setFormatter(formatter)

    @property
    def lines(self) -> list[str]:
        return self._stream.getvalue().splitlines()

    def json(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.lines]


@pytest.fixture(params=[JsonFormatter, TextFormatter])
def written(request: pytest.FixtureRequest) -> Iterator[Written]:
    made = Written(request.param())
    logging.getLogger().addHandler(made.handler)
    yield made
    logging.getLogger().removeHandler(made.handler)


def note(message: MessageOf[SendInvoice]) -> None:
    logger.warning("printing %d", message.payload().number, extra={"printer": "hall"})
    Failing(message)


Failing = Fails(1)


@pytest.mark.parametrize("written", [JsonFormatter], indirect=True)
async def test_a_json_line_in_a_handler_tells_message_topic_handler_and_try(
    written: Written,
) -> None:
    global Failing
    Failing = Fails(1)
    async with running(f"memory://{uuid4()}", on_invoice=note) as (worker, told):
        await order(worker, 7)
        await until(lambda: [each.outcome for each in told].count("handled") == 2)
    printing = [line for line in written.json() if line["logger"] == "shop.invoices"]
    assert [line["attempt"] for line in printing] == [1, 2]
    first, second = printing
    assert first["message_id"] == second["message_id"]
    assert first["topic"] == "shop.invoice.send"
    assert first["handler"] == "Shop.on_invoice"
    assert first["message"] == "printing 7"
    assert first["printer"] == "hall"
    assert first["level"] == "WARNING"
    assert first["time"].endswith("+00:00")
    (retried,) = [line for line in written.json() if "will be retried in" in line["message"]]
    assert retried["message_id"] == first["message_id"]
    assert retried["handler"] == "Shop.on_invoice"


@pytest.mark.parametrize("written", [TextFormatter], indirect=True)
async def test_a_text_line_in_a_handler_ends_with_what_it_is_about(written: Written) -> None:
    global Failing
    Failing = Fails(1)
    async with running(f"memory://{uuid4()}", on_invoice=note) as (worker, told):
        await order(worker, 7)
        await until(lambda: [each.outcome for each in told].count("handled") == 2)
    logger.warning("outside")
    first, second = [line for line in written.lines if "printing 7" in line]
    assert " WARNING printing 7 [Shop.on_invoice " in first
    assert first.endswith("]")
    assert second.endswith(" try 2]")
    assert written.lines[-1].endswith("WARNING outside")


def test_an_exception_and_odd_values_are_one_line_of_json() -> None:
    written = Written(JsonFormatter())
    try:
        raise ValueError("line one\nline two")
    except ValueError:
        record = logging.LogRecord("x", logging.ERROR, "x", 1, "went\nwrong", None, None)
        import sys

        record.exc_info = sys.exc_info()
        record.odd = object()
    written.handler.handle(record)
    (line,) = written.json()
    assert line["message"] == "went\nwrong"
    assert "ValueError: line one" in line["exception"]
    assert line["odd"].startswith("<object")
    assert "handler" not in line
