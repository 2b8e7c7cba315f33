"""A handlers file that names a message which is gone is an error of codegen, not a dead worker."""

from __future__ import annotations

from pathlib import Path

import pytest
from jararaca_compiler.diagnostics.diagnostic import Diagnostic
from jararaca_compiler.pipeline.compilation import compile, read_contract
from jararaca_compiler.project.config import Config

SHOP = """
asyncapi: 3.0.0
info: {title: Shop, version: 1.0.0}
channels:
  a: {address: a, messages: {Placed: {payload: {type: object}}, Paid: {payload: {type: object}}}}
operations:
  onA: {action: receive, channel: {$ref: '#/channels/a'}}
"""
HEAD = "from jararaca import MessageBusController, MessageHandler, MessageOf\n"
HANDLERS = """
@MessageBusController()
class ShopHandlers:
    @MessageHandler({0}Placed)
    async def on_a_placed(self, message: MessageOf[{0}Placed]) -> None: ...

    @MessageHandler({0}Paid)
    async def on_a_paid(self, message: MessageOf[{0}Paid]) -> None:
        await {0}{1}().publish()
"""
STYLES = [
    ("from generated.shop import messages\n", "messages."),
    ("from generated.shop import messages as m\n", "m."),
    ("import generated.shop.messages\n", "generated.shop.messages."),
    ("from generated.shop.messages import Paid, Placed, {name}\n", ""),
]


def errors(folder: Path, handlers: str) -> list[Diagnostic]:
    (folder / "shop.yaml").write_text(SHOP, encoding="utf-8")
    config = Config(sources=("shop.yaml",))
    contract = read_contract(config, folder)
    made = compile(
        contract,
        contract.services,
        config,
        lambda path: handlers if path == "handlers/shop.py" else None,
    )
    return [found for found in made.diagnostics if found.severity == "error"]


@pytest.mark.parametrize(("imports", "prefix"), STYLES)
def test_a_message_that_is_gone_is_told_where_it_is_named(
    tmp_path: Path, imports: str, prefix: str
) -> None:
    gone = HEAD + imports.format(name="Refunded") + HANDLERS.format(prefix, "Refunded")
    (found,) = errors(tmp_path, gone)
    assert found.code == "missing-message" and "`Refunded`" in found.message
    line = gone.splitlines()[found.span.line - 1]
    assert line[found.span.column - 1 :].startswith("Refunded")


@pytest.mark.parametrize(("imports", "prefix"), STYLES)
def test_what_is_there_is_no_error(tmp_path: Path, imports: str, prefix: str) -> None:
    there = HEAD + imports.format(name="Placed as P") + HANDLERS.format(prefix, "Placed")
    assert errors(tmp_path, there) == []
