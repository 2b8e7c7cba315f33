"""What strangers write reaches a log as text: no line is forged, no terminal obeys it."""

from __future__ import annotations

import asyncio
import io
import json
import logging
from typing import Any
from uuid import uuid4

import pytest
from jararaca import (
    Message,
    MessageBusController,
    MessageHandler,
    MessageOf,
    Microservice,
    RetryPolicy,
    Worker,
    route,
)
from jararaca.cli import console
from jararaca.observability.logs import ContextFilter, JsonFormatter, TextFormatter
from jararaca.printable import json_line, logger_named, printable, printable_lines
from jararaca.transport import Properties, Publication
from jararaca.transport.connect import transport_for

from tests.support.services import service_of

ODD = "\x1b[2J\r\n2026-01-01 forged\x9b31m\u202egnp\u2066\u2028\u2029\x7f\x07\x85\ufeff\u200f"
ACTIVE = {each for each in ODD if not each.isprintable()}


class Odd(Message):
    MESSAGE_TOPIC = "odd.{name}"
    fails: bool = False


@MessageBusController()
class Odds:
    @MessageHandler(Odd, retry=RetryPolicy(max_retries=0))
    async def odd(self, message: MessageOf[Odd]) -> None:
        logging.getLogger("application").info("for %s", message.properties.app_id)
        if message.payload().fails:
            raise ValueError(f"not {message.properties.app_id}")


async def handled(*publications: Publication) -> None:
    """Have a worker of its own handle them all."""
    url = f"memory://{uuid4()}"
    outcomes: asyncio.Queue[object] = asyncio.Queue()
    row = route(
        operation="odd",
        queue="odd",
        binding_keys=("odd.*",),
        message=Odd,
        controller=Odds,
        handler=Odds.odd,
        parameters=(("name", 1),),
    )
    worker = Worker(Microservice(service_of(row)), transport_for(url), listener=outcomes.put_nowait)
    await worker.start()
    publisher = transport_for(url)
    await publisher.connect()
    for publication in publications:
        await publisher.publish(publication)
        await asyncio.wait_for(outcomes.get(), 10)
    await worker.stop()


def odd(body: bytes, exchange: str | None = None, **more: Any) -> Publication:
    """A message whose id, type and names do something to a terminal."""
    properties = Properties(message_id=f"id{ODD}", app_id=f"app{ODD}", **more)
    return Publication(f"odd.{ODD}" if exchange is None else "odd", body, exchange, properties)


FORMATTERS = {
    "plain": logging.Formatter("%(levelname)s %(message)s %(message_id)s %(topic)s"),
    "text": TextFormatter(),
    "json": JsonFormatter(),
}


@pytest.mark.parametrize("name", FORMATTERS)
async def test_a_message_writes_no_line_of_its_own_into_the_log(name: str) -> None:
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(FORMATTERS[name])
    handler.addFilter(ContextFilter())
    root = logging.getLogger("jararaca")
    root.addHandler(handler)
    before, root.level = root.level, logging.DEBUG
    try:
        await handled(
            odd(b"{}"),
            odd(b'{"fails":true}'),
            odd(b"{", type=f"type{ODD}"),
            odd(b"{}", "", type=f"type{ODD}", reply_to=f"queue{ODD}"),
        )
    finally:
        root.removeHandler(handler)
        root.level = before
    told = stream.getvalue()
    assert "dead-lettered" in told
    assert ACTIVE.intersection(told) <= {"\n"}
    assert not any(line.startswith("2026-01-01 forged") for line in told.split("\n"))


def test_a_handlers_own_lines_do_nothing_to_a_terminal() -> None:
    record = logging.LogRecord("app", logging.INFO, "", 1, "got %s", (ODD,), None)
    for formatter in (TextFormatter(), JsonFormatter()):
        assert ACTIVE.intersection(formatter.format(record)) <= {"\n"}


def test_every_character_that_does_something_is_escaped_and_no_other_is() -> None:
    for character in ACTIVE:
        assert printable(f"a{character}b").isprintable()
        assert printable_lines(character) == (
            character if character == "\n" else printable(character)
        )
        assert json.loads(json_line(character)) == character
        assert character == "\n" or character not in json_line(character)
    for text in ("São Paulo", "日本語", "a\\x1b", "👩‍👧", "price: 5 €", "שלום"):
        assert printable(text) == text
        assert json_line(text) == f'"{text}"'.replace("\\", "\\\\")


def test_a_strangers_text_has_none_of_the_colours_that_are_ours(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(console, "coloured", lambda stream: True)
    strange = "\x1b[31mred\x1b[0m"
    rows = console.table([[strange, console.paint(strange, "good")]], ["what", "painted"])
    told = console.shown(f"{rows}\n{strange} {console.paint(strange, 'bold')}")
    ours = [r"\x1b[31mred\x1b[0m", "\x1b[32m\\x1b[31mred\\x1b[0m\x1b[0m"]
    assert told.split("\n")[1] == "  ".join(ours)
    assert told.split("\n")[2] == r"\x1b[31mred\x1b[0m " + "\x1b[1m\\x1b[31mred\\x1b[0m\x1b[0m"


def test_half_a_character_is_escaped() -> None:
    assert printable("\ud800").isprintable()
    assert json.loads(json_line("\ud800")) == "\ud800"


@pytest.mark.parametrize("formatter", [TextFormatter, JsonFormatter])
def test_an_error_whose_text_is_a_whole_body_makes_no_line_of_its_length(
    formatter: type[logging.Formatter],
) -> None:
    written = io.StringIO()
    handler = logging.StreamHandler(written)
    handler.setFormatter(formatter())
    logger = logger_named(f"long-{uuid4()}")
    logger.propagate = False
    logger.addHandler(handler)
    error = ValueError("x" * 1_000_000)
    error.add_note("y" * 1_000_000)
    try:
        raise error
    except ValueError:
        logger.exception("a handler failed: %s, %s", error, 7)
    told = written.getvalue()
    assert "a handler failed: xxxx" in told and "Traceback" in told and ", 7" in told
    assert len(told) < 100_000


def test_the_template_of_a_record_stays_and_its_numbers_stay_numbers() -> None:
    records: list[logging.LogRecord] = []
    handler = logging.Handler()
    handler.emit = records.append  # type: ignore[method-assign,assignment]
    logger = logger_named("jararaca.of_a_test")
    logger.addHandler(handler)
    logger.warning("%s: %d of %.1f", ODD, 3, 0.5)
    assert records[0].msg == "%s: %d of %.1f"
    assert records[0].getMessage() == f"{printable(ODD)}: 3 of 0.5"
