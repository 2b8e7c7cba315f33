"""Handler files belong to people: what is missing is added, and nothing else is touched."""

from __future__ import annotations

import ast
import json
from pathlib import Path
from typing import Any

import pytest
from jararaca_compiler.emit.stubs.handlers import Completion, complete

from tests.unit.front import compiled


def service_text(**operations: str) -> str:
    """A document with an event for each operation: `on_paid="Paid"`."""
    names = dict.fromkeys(operations.values())
    document: dict[str, Any] = {
        "asyncapi": "3.0.0",
        "info": {"title": "Shop", "version": "1"},
        "channels": {
            name: {"address": f"shop.{name}", "messages": {name: {"payload": {"type": "object"}}}}
            for name in names
        },
        "operations": {
            key: {"action": "receive", "channel": {"$ref": f"#/channels/{name}"}}
            for key, name in operations.items()
        },
    }
    return json.dumps(document)


def completed(folder: Path, existing: str | None, **operations: str) -> Completion:
    service, _ = compiled(folder, service_text(**operations), name="shop.json")
    done = complete(service, "generated", "handlers/shop.py", existing)
    assert done is not None
    return done


MINE = '''"""Mine."""
from jararaca import MessageBusController, MessageHandler, MessageOf  # keep
from generated.shop import messages as m


LIMIT = 3   # odd   spacing


@MessageBusController()
class ShopHandlers:

    # about payments
    @MessageHandler(m.Paid, timeout = 5)
    async def on_paid(self, message: MessageOf[m.Paid]) -> None:
        print( "é", LIMIT )   # mine


    # the last word


def helper( ) : return 1
'''


def without_insertions(after: str, before: str) -> bool:
    """Whether `before` is what is left of `after` when characters are taken out."""
    rest = iter(after)
    return all(character in rest for character in before)


def test_a_complete_file_stays_as_it_is(tmp_path: Path) -> None:
    first = completed(tmp_path, None, on_paid="Paid")
    assert first.added == ("ShopHandlers.on_paid",)
    again = completed(tmp_path, first.text, on_paid="Paid")
    assert (again.text, again.added, again.diagnostics) == (first.text, (), ())


def test_a_new_operation_adds_a_method_and_keeps_every_character(tmp_path: Path) -> None:
    done = completed(tmp_path, MINE, on_paid="Paid", on_sent="Sent")
    assert done.added == ("ShopHandlers.on_sent",)
    assert without_insertions(done.text, MINE)
    before = MINE.splitlines()
    assert [line for line in done.text.splitlines() if line in before and line.strip()] == [
        line for line in before if line.strip() and "# keep" not in line
    ]
    assert "MessageOf, stub  # keep" in done.text
    assert "async def on_sent(self, message: MessageOf[m.Sent]) -> None:" in done.text
    ast.parse(done.text)
    assert completed(tmp_path, done.text, on_paid="Paid", on_sent="Sent").text == done.text


@pytest.mark.parametrize(
    "existing",
    [
        "",
        "x = 1",
        "class ShopHandlers: pass\n",
        "import jararaca\n\n\nclass ShopHandlers:\n\tdef other(self):\n\t\tpass",
        MINE.replace("\n", "\r\n"),
        "\ufeff" + MINE,
        "messages = 3\nMessageOf = 4\n",
    ],
    ids=["empty", "no-newline", "one-line", "tabs", "crlf", "bom", "names-taken"],
)
def test_any_layout_is_completed_into_python_once(tmp_path: Path, existing: str) -> None:
    done = completed(tmp_path, existing, on_paid="Paid", on_sent="Sent")
    assert "ShopHandlers.on_sent" in done.added
    assert without_insertions(done.text, existing)
    ast.parse(done.text.removeprefix("\ufeff"))
    again = completed(tmp_path, done.text, on_paid="Paid", on_sent="Sent")
    assert (again.text, again.added) == (done.text, ())


def test_crlf_stays_crlf(tmp_path: Path) -> None:
    done = completed(tmp_path, MINE.replace("\n", "\r\n"), on_paid="Paid", on_sent="Sent")
    assert done.text.count("\n") == done.text.count("\r\n")


def test_a_renamed_operation_leaves_the_code_and_says_where_it_is(tmp_path: Path) -> None:
    done = completed(tmp_path, MINE, on_payment="Paid")
    found = done.diagnostics[0]
    assert (found.code, found.span.line, found.span.column) == ("orphaned-handler", 14, 15)
    assert "`on_payment`" in (found.help or "")
    assert without_insertions(done.text, MINE)


def test_a_handler_of_another_message_is_told_at_its_line(tmp_path: Path) -> None:
    done = completed(tmp_path, MINE, on_paid="Refunded")
    assert {d.code for d in done.diagnostics} == {"handler-message-changed"}
    assert [d.span.line for d in done.diagnostics] == [13, 14]
    assert done.text == MINE


def test_a_file_that_is_no_python_is_an_error_at_its_line(tmp_path: Path) -> None:
    done = completed(tmp_path, "x = 1\ndef (:\n", on_paid="Paid")
    assert [(d.code, d.severity, d.span.line) for d in done.diagnostics] == [
        ("handlers-not-python", "error", 2)
    ]
    assert done.text == "x = 1\ndef (:\n"
