"""docs/seed.md lists each name of the user's description, and each is where the page says."""

from __future__ import annotations

import re
from importlib import import_module
from pathlib import Path

import pytest
from jararaca import Message, MessageBusController, MessageHandler, MessageOf, Microservice
from jararaca.messagebus.worker import (
    AioPikaMicroserviceConsumer,
    AioPikaWorkerConfig,
    MessageBusWorker,
)

HERE = Path(__file__).parent
PAGE = (HERE.parents[1] / "docs/seed.md").read_text("utf-8")
ROWS = [
    [cell.strip() for cell in line.strip("|").split("|")]
    for line in PAGE.splitlines()
    if line.startswith("| `") and not line.startswith("| `--")
]
METHOD = re.compile(r"`(\w+)\(\)`")
LATER = {"BaseModel"}
"""Names in the class diagrams that are others' (pydantic's)."""
INSIDE = {"_consumer", "lock"}
"""What the diagrams draw of how it works, and works in another way here."""


OF_THE_EXAMPLE = {"user_id", "username", "email"}
"""The fields of the seed's own message."""


class Told(Message):
    MESSAGE_TOPIC = "seed.told"


@MessageBusController()
class Listener:
    @MessageHandler(Told, timeout=30)
    async def on_told(self, message: MessageOf[Told]) -> None: ...


@pytest.mark.parametrize(("names", "module", "meaning"), ROWS, ids=[row[0] for row in ROWS])
def test_a_name_is_where_the_page_says(names: str, module: str, meaning: str) -> None:
    place = import_module(module.strip("`"))
    words = re.findall(r"`(\w+)`", names)
    found = [getattr(place, word) for word in words if hasattr(place, word)]
    assert found, names
    for word in words:
        assert hasattr(place, word) or any(hasattr(each, word) for each in found), word
    for method in (*METHOD.findall(names), *METHOD.findall(meaning)):
        assert any(hasattr(each, method) for each in found), method


def fields_of(name: str) -> set[str]:
    """The fields that the diagrams draw in a class."""
    seed = (HERE / "seed.txt").read_text("utf-8")
    drawn = re.search(rf"^class {name} {{\n(.*?)^}}", seed, re.M | re.S)
    assert drawn is not None
    return set(re.findall(r"^[-+](\w+): ", drawn[1], flags=re.M)) - INSIDE


async def test_every_field_of_the_diagrams_is_there() -> None:
    config = AioPikaWorkerConfig("memory://seed", "jararaca_ex", "user_service_queue", ["seed.*"])
    app = Microservice(controllers=[Listener], name="seed")
    worker = MessageBusWorker(app, config)
    consumer = AioPikaMicroserviceConsumer(config, worker.message_handler_set, app=app)
    (callback,) = consumer.callbacks
    data = callback.message_handler
    for each in (worker, consumer, callback, data, data.spec):
        fields = fields_of(type(each).__name__)
        assert fields and {name for name in fields if not hasattr(each, name)} == set()


def test_every_class_and_method_of_the_diagrams_is_listed() -> None:
    seed = (HERE / "seed.txt").read_text("utf-8")
    classes = set(re.findall(r"^class (\w+) \{", seed, flags=re.M)) - LATER
    methods = set(re.findall(r"^\+(\w+)\(\)", seed, flags=re.M)) - {"model_validate_json", "json"}
    listed = set(re.findall(r"`(\w+)(?:\(\))?`", PAGE))
    assert classes - listed - {"UserCreatedMessage"} == set()
    assert methods - listed == set()


def test_every_field_option_and_variable_is_listed() -> None:
    seed = (HERE / "seed.txt").read_text("utf-8")
    fields = set(re.findall(r"^[-+](\w+): ", seed, flags=re.M)) - INSIDE - OF_THE_EXAMPLE
    options = set(re.findall(r"(--[a-z-]+): ", seed))
    variables = set(re.findall(r"\[env: (\w+)\]|^export (\w+)=", seed, flags=re.M))
    named = {*fields, *options, *(name for pair in variables for name in pair if name)}
    assert len(fields) > 15 and len(options) == 5 and len(variables) > 5
    assert {name for name in named if f"`{name}`" not in PAGE} == set()
