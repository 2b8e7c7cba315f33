"""An operation of several messages may have one method, which takes their union."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest
from jararaca import ConfigurationError, Message, MessageHandler, MessageOf, Microservice
from jararaca.testing import TestBus, contract_cases

from tests.contract.compiling import Package, compiled
from tests.support.type_checking import assert_strictly_typed
from tests.unit.front import compiled as lowered

ORDERS = """
    asyncapi: 3.0.0
    info: {title: Contract, version: 1.0.0}
    channels:
      orders:
        address: 'orders.{region}'
        parameters: {region: {}}
        messages:
          Placed: {$ref: '#/components/messages/Placed'}
          Cancelled: {$ref: '#/components/messages/Cancelled'}
          Shipped: {$ref: '#/components/messages/Shipped'}
      paid: {address: paid, messages: {Paid: {$ref: '#/components/messages/Paid'}}}
    operations:
      onOrder: {action: receive, channel: {$ref: '#/channels/orders'}%s}
      onPaid: {action: receive, channel: {$ref: '#/channels/paid'}}
    components:
      messages:
        Placed: {payload: {type: object, required: [id], properties: {id: {type: integer}}}}
        Cancelled: {payload: {type: object, required: [why], properties: {why: {type: string}}}}
        Shipped: {payload: {type: object}}
        Paid: {payload: {type: object}}
    """
ONE = ORDERS % ", x-handlers: one"
EACH = ORDERS % ""
MINE = """
    from jararaca import MessageBusController, MessageHandler, MessageOf

    from OUTPUT.contract import messages

    HANDLED = []


    @MessageBusController()
    class ContractHandlers:
        @MessageHandler(messages.Placed, messages.Cancelled)
        async def on_change(self, message: MessageOf[messages.Placed | messages.Cancelled]) -> None:
            HANDLED.append(("on_change", message))
"""


async def received(package: Package) -> list[tuple[str, str]]:
    messages = package.messages
    async with TestBus(package.app) as bus:
        await messages.Placed(id=7).publish(region="eu")
        await messages.Cancelled(why="late").publish(region="us")
        await messages.Shipped().publish(region="us")
        await messages.Paid().publish()
        await bus.settle()
        assert not bus.dead_letters
    return [(method, type(m.payload()).__name__) for method, m in package.handled]


def stubs_path(files: Iterable[str]) -> str:
    """The one file of handlers."""
    (path,) = (p for p in files if p.startswith("handlers_") and not p.endswith("__init__.py"))
    return path


async def test_the_document_asks_for_one_method(tmp_path: Path) -> None:
    with compiled(tmp_path, ONE) as package:
        assert sorted(await received(package)) == [
            ("on_order", "Cancelled"),
            ("on_order", "Placed"),
            ("on_order", "Shipped"),
            ("on_paid", "Paid"),
        ]
        names = [str(case) for case in contract_cases(package.app)]
    assert len(set(names)) == len(names) == 4
    stubs = package.files[stubs_path(package.files)]
    assert "@MessageHandler(messages.Placed, messages.Cancelled, messages.Shipped)" in stubs


async def test_an_owner_writes_one_for_some_of_the_messages(tmp_path: Path) -> None:
    with compiled(tmp_path, EACH, handlers=MINE) as package:
        assert sorted(await received(package)) == [
            ("on_change", "Cancelled"),
            ("on_change", "Placed"),
            ("on_order_shipped", "Shipped"),
            ("on_paid", "Paid"),
        ]
        assert not package.diagnostics
    stubs = package.files[stubs_path(package.files)]
    assert stubs.count("async def ") == 3


async def test_an_owners_method_takes_messages_of_several_operations(tmp_path: Path) -> None:
    mine = MINE.replace("messages.Cancelled", "messages.Paid")
    with compiled(tmp_path, EACH, handlers=mine) as package:
        assert sorted(await received(package))[:2] == [
            ("on_change", "Paid"),
            ("on_change", "Placed"),
        ]


@pytest.mark.parametrize(
    ("written", "told"),
    [
        (("messages.Placed, messages.Cancelled)", "messages.Placed)"), "`Cancelled`"),
        (("messages.Placed, messages.Cancelled)", "messages.Placed, messages.Gone)"), "`Gone`"),
    ],
    ids=["annotation-only", "gone"],
)
def test_what_decorator_and_annotation_disagree_on_is_told(
    tmp_path: Path, written: tuple[str, str], told: str
) -> None:
    with pytest.raises((ConfigurationError, AttributeError)):  # noqa: SIM117
        with compiled(tmp_path, EACH, handlers=MINE.replace(*written)) as package:
            assert any(told in each.message for each in package.diagnostics)
            _ = package.app


def test_a_message_that_joins_is_told_where_the_document_asks_for_one(tmp_path: Path) -> None:
    mine = MINE.replace("on_change", "on_order")
    with compiled(tmp_path, ONE, handlers=mine) as package:
        codes = package.codes
        assert codes == ["handler-message-changed"]
        assert "`Placed` and `Cancelled` and `Shipped`" in package.diagnostics[0].message
        with pytest.raises(ConfigurationError, match="sends it Shipped"):
            _ = package.app


def test_a_method_whose_message_no_table_brings_stops_the_start(tmp_path: Path) -> None:
    with compiled(tmp_path, EACH, handlers=MINE) as package:
        text = package.generated("routes.py")
        row = text.index("message=messages.Cancelled")
        start, end = text.rindex("    jararaca.route(", 0, row), text.index("\n    ),\n", row) + 8
        place = Path(package.routes.__file__ or "")
        place.write_text(text[:start] + text[end:])
        script = (
            f"import {package.routes.__name__} as r, jararaca; jararaca.Microservice(r.SERVICE)"
        )
        done = subprocess.run(
            [sys.executable, "-c", script], cwd=tmp_path, capture_output=True, text=True
        )
    assert "on_change handles Cancelled, but no routing table sends it" in done.stderr


@pytest.mark.parametrize(
    "said",
    [
        ", x-handlers: all",
        ", x-handlers: 1",
        ", x-handler: one",
    ],
)
def test_what_the_extension_does_not_mean_is_an_error(tmp_path: Path, said: str) -> None:
    _, found = lowered(tmp_path, ORDERS % said)
    assert [each.severity for each in found] == ["error"]
    assert "x-handlers" in f"{found[0].message} {found[0].help}"


def test_mypy_holds_stub_table_and_match_against_each_other(tmp_path: Path) -> None:
    with compiled(tmp_path, ONE) as package:
        output = package.messages.__name__.partition(".")[0]
        path = stubs_path(package.files)
        matching = """match message.payload():
            case messages.Placed() as placed:
                print(placed.id + 1)
            case messages.Cancelled() as cancelled:
                print(cancelled.why.upper())
            case messages.Shipped():
                pass
            case other:
                assert_never(other)"""
        text = package.files[path].replace('raise NotImplementedError("on_order")', matching)
        text = text.replace("from jararaca", "from typing import assert_never\n\nfrom jararaca", 1)
        (tmp_path / path).write_text(text)
        assert_strictly_typed("--explicit-package-bases", output, path, folder=tmp_path)


class Opened(Message):
    MESSAGE_TOPIC = "doors"


class Closed(Message):
    MESSAGE_TOPIC = "doors"


class Locked(Message):
    MESSAGE_TOPIC = "locks"


SEEN: list[str] = []


class Doors:
    @MessageHandler(Opened, Closed)
    async def on_door(self, message: MessageOf[Opened | Closed]) -> None:
        SEEN.append(type(message.payload()).__name__)

    @MessageHandler(Opened, Locked, name="log")
    async def on_anything(self, message: MessageOf[Opened | Locked]) -> None:
        SEEN.append(f"log {type(message.payload()).__name__}")


async def test_a_hand_written_controller_has_them_too() -> None:
    SEEN.clear()
    async with TestBus(Microservice(controllers=[Doors])) as bus:
        for kind in (Opened, Closed, Locked):
            await kind().publish()
        await bus.settle()
    assert sorted(SEEN) == ["Closed", "Opened", "log Locked", "log Opened"]


@pytest.mark.parametrize("given", [(), (Opened | Closed,), (Opened, Opened), ("Opened",)])
def test_what_is_no_message_class_is_refused_at_once(given: tuple[Any, ...]) -> None:
    with pytest.raises(TypeError, match="MessageHandler"):
        MessageHandler(*given)
