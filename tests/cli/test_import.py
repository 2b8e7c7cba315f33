"""`jararaca import`: what stands in code becomes a document that compiles to the same contract."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.cli.project import IMPORTED, Project

MESSAGES = '''
from jararaca import Message, MessageBusController, MessageHandler, MessageOf, Model


class Line(Model):
    sku: str
    title: str = ""


class OrderPlaced(Message):
    """An order came in."""

    MESSAGE_TOPIC = "shop.{region}.order.placed"
    order_id: int
    lines: list[Line]


class PackOrder(Message):
    MESSAGE_TOPIC = "shop.pack"
    MESSAGE_TYPE = "task"
    order_id: int


@MessageBusController()
class Handlers:
    @MessageHandler(OrderPlaced)
    async def on_order_placed(self, message: MessageOf[OrderPlaced]) -> None: ...
'''
FASTSTREAM = """
from faststream import FastStream
from faststream.rabbit import ExchangeType, RabbitBroker, RabbitExchange, RabbitQueue
from pydantic import BaseModel

broker = RabbitBroker()
app = FastStream(broker)


class Item(BaseModel):
    sku: str


class Order(BaseModel):
    id: int
    items: list[Item]


class Paid(BaseModel):
    id: int


@broker.subscriber("orders")
@broker.publisher("paid")
async def on_order(order: Order) -> Paid: ...


@broker.subscriber(
    RabbitQueue("shipping", routing_key="order.*.shipped"),
    RabbitExchange("shop", type=ExchangeType.TOPIC),
)
async def on_shipped(paid: Paid, note: str = ""): ...
"""
EVERYTHING = """
from typing import Generic, Literal, TypedDict, TypeVar

from jararaca import Message, MessageBusController, MessageHandler, MessageOf, Model, RetryPolicy
from pydantic import BaseModel

__version__ = "2.3.0"
T = TypeVar("T")


class Address(BaseModel):
    street: str


class Envelope(Message, Generic[T]):
    MESSAGE_TOPIC = "envelope"
    data: T


class Ask(Message):
    MESSAGE_TOPIC = "ask"
    MESSAGE_REPLIES = ("Answer", "NoAnswer")
    MESSAGE_CORRELATION_ID = "$message.header#/corr"
    question: str

    class Headers(Model):
        tenant: str


class Answer(Message):
    text: str


class NoAnswer(Message):
    reason: str


class Packed(Message):
    MESSAGE_TOPIC = "parcels.{region}.{id}.packed"
    MESSAGE_LOCATIONS = {"id": "$message.payload#/id"}
    MESSAGE_PRIORITY = 3
    MESSAGE_PERSISTENT = False
    MESSAGE_EXPIRATION = 5000
    MESSAGE_MANDATORY = True
    id: str

    class TopicParameters(TypedDict):
        region: Literal["eu", "us"]
        id: str


async def broken(message, error): ...


@MessageBusController()
class Handlers:
    @MessageHandler(
        Packed,
        timeout=30,
        retry=RetryPolicy(max_retries=2, reject=(ValueError,)),
        exception_handler=broken,
    )
    async def on_packed(self, message: MessageOf[Packed]) -> None: ...

    @MessageHandler(Ask, group="slow")
    async def answer(self, message: MessageOf[Ask]) -> Answer | NoAnswer: ...

    @MessageHandler(Envelope[Address], idempotent=True)
    async def on_envelope(self, message: MessageOf[Envelope[Address]]) -> None: ...
"""
ACCEPTS = """
import json, sys
from generated.{service} import messages
for name, payload in json.load(sys.stdin):
    try:
        getattr(messages, name).decode(json.dumps(payload).encode())
        print(name, "accepted")
    except Exception as error:
        print(name, type(error).__name__)
"""


@pytest.fixture
def empty(tmp_path: Path) -> Project:
    return Project(tmp_path, "", {"PATH": os.environ["PATH"], "PYTHONPATH": IMPORTED})


def imported(project: Project, code: str, *arguments: str) -> dict[str, Any]:
    """The document of the code, once it has been written and compiled."""
    (project.folder / "mine.py").write_text(code)
    done = project.run("import", *(arguments or ("mine",)))
    assert done.returncode == 0, done.stderr
    assert all(line.startswith("note: ") for line in done.stderr.splitlines())
    compiled = project.run("codegen", "schemas/mine.asyncapi.yaml")
    assert (compiled.returncode, compiled.stderr) == (0, ""), compiled.stderr
    text = (project.folder / "schemas/mine.asyncapi.yaml").read_text()
    found: dict[str, Any] = yaml.safe_load(text)
    return found


def verdicts(project: Project, service: str, *bodies: tuple[str, Any]) -> list[str]:
    done = subprocess.run(
        [sys.executable, "-c", ACCEPTS.format(service=service)],
        input=json.dumps(bodies),
        cwd=project.folder,
        env=dict(project.environment),
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


def test_message_classes_become_channels_messages_and_operations(empty: Project) -> None:
    document = imported(empty, MESSAGES)
    addresses = {each["address"] for each in document["channels"].values()}
    assert addresses == {"shop.{region}.order.placed", "shop.pack"}
    messages = document["components"]["messages"]
    assert messages["packOrder"]["x-message-type"] == "task"
    assert messages["orderPlaced"]["description"] == "An order came in."
    assert document["operations"]["onOrderPlaced"]["action"] == "receive"
    assert document["operations"]["sendPackOrder"]["action"] == "send"
    assert set(document["components"]["schemas"]["Line"]["properties"]) == {"sku", "title"}


def test_what_the_classes_accept_the_compiled_ones_accept(empty: Project) -> None:
    imported(empty, MESSAGES)
    order = {"order_id": 7, "lines": [{"sku": "a"}]}
    told = verdicts(
        empty,
        "mine",
        ("OrderPlaced", order),
        ("OrderPlaced", {"order_id": 7, "lines": [{}]}),
        ("PackOrder", {"order_id": "seven"}),
    )
    assert told == ["OrderPlaced accepted", "OrderPlaced DecodeError", "PackOrder DecodeError"]


TYPED = """
from decimal import Decimal
from enum import Enum
from typing import Annotated, Generic, TypeVar
from uuid import UUID

from jararaca import Message
from pydantic import UUID4, BaseModel, Field

T = TypeVar("T")


class Color(Enum):
    RED = "red"
    BLUE = "blue"


class Book(BaseModel):
    title: str
    default: int = 1


class Page(BaseModel, Generic[T]):
    items: list[T] = []


class Listed(Message):
    MESSAGE_TOPIC = "books.listed"
    color: Color | None = Color.RED
    colors: list[Color] = [Color.BLUE]
    price: Annotated[Decimal, Field(ge=0)] = Decimal("1.10")
    id: UUID4 = UUID("7b8a4e8e-5c1c-4d2b-9f41-0c5a7a3a9b1d")
    book: Book = Book(title="x")
    page: Page[Book] = Page(items=[Book(title="y", default=2)])
"""
DEFAULTS = """
from generated.mine import messages

listed = messages.Listed.decode(b"{}")
print(listed.color, listed.colors, repr(listed.price), listed.book, listed.page)
print(type(listed.id).__name__)
"""


def test_the_defaults_and_types_of_fields_are_kept(empty: Project) -> None:
    imported(empty, TYPED)
    done = subprocess.run(
        [sys.executable, "-c", DEFAULTS],
        cwd=empty.folder,
        env=dict(empty.environment),
        capture_output=True,
        text=True,
    )
    assert done.stdout == (
        "red [<Color.BLUE: 'blue'>] Decimal('1.10') title='x' default=1 "
        "items=[Book(title='y', default=2)]\nUUID\n"
    ), done.stderr


def test_a_faststream_application_becomes_tasks_and_events(empty: Project) -> None:
    document = imported(empty, FASTSTREAM, "mine:app")
    channels = {each["address"]: each for each in document["channels"].values()}
    assert set(channels) == {"orders", "paid", "order.{part1}.shipped"}
    messages = document["components"]["messages"]
    assert (messages["order"]["x-message-type"], messages["paid"]["x-message-type"]) == (
        "task",
        "task",
    )
    operations = document["operations"]
    assert operations["onOrder"]["action"] == operations["onShipped"]["action"] == "receive"
    assert operations["sendPaid"]["action"] == "send"
    told = verdicts(
        empty,
        "mine",
        ("Order", {"id": 1, "items": [{"sku": "a"}]}),
        ("Order", {"id": 1}),
        ("OnShipped", {"paid": {"id": 1}, "note": "x"}),
    )
    assert told == ["Order accepted", "Order DecodeError", "OnShipped accepted"]


GENERIC = """
from typing import Generic, TypeVar

T = TypeVar("T")


class Page(BaseModel, Generic[T]):
    items: list[T]


@broker.subscriber("pages")
async def on_page(page: Page[Paid]) -> None: ...


@broker.subscriber(RabbitQueue("told"), RabbitExchange("all", type=ExchangeType.FANOUT))
async def on_told(paid: Paid) -> None: ...
"""


def test_generic_models_and_exchanges_without_keys_are_imported(empty: Project) -> None:
    """FastStream escapes the brackets in its references, and gives a fanout no address."""
    document = imported(empty, FASTSTREAM + GENERIC, "mine:app")
    assert {"pages", "told"} <= {each["address"] for each in document["channels"].values()}
    told = verdicts(
        empty, "mine", ("PagePaid", {"items": [{"id": 1}]}), ("PagePaid", {"items": [{}]})
    )
    assert told == ["PagePaid accepted", "PagePaid DecodeError"]


def test_a_module_with_a_faststream_application_needs_no_attribute(empty: Project) -> None:
    assert "orders" in str(imported(empty, FASTSTREAM, "mine"))


def test_nothing_is_overwritten_and_a_dash_prints(empty: Project) -> None:
    (empty.folder / "mine.py").write_text(MESSAGES)
    (empty.folder / "schemas").mkdir()
    place = empty.folder / "schemas/mine.asyncapi.yaml"
    place.write_text("mine\n")
    done = empty.run("import", "mine")
    assert done.returncode == 2 and "--output" in done.stderr
    assert place.read_text() == "mine\n"
    assert yaml.safe_load(empty.run("import", "mine", "--output", "-").stdout)["asyncapi"]


@pytest.mark.parametrize(
    ("target", "words"),
    [
        ("nothing.here", "cannot be imported"),
        ("mine:nobody", "neither a Microservice nor a FastStream application"),
        ("not a module", "names no module"),
        ("json", "no message"),
    ],
)
def test_what_cannot_be_imported_is_one_line(empty: Project, target: str, words: str) -> None:
    (empty.folder / "mine.py").write_text(MESSAGES)
    done = empty.run("import", target)
    assert done.returncode == 2
    assert words in done.stderr and len(done.stderr.splitlines()) == 1
    assert not (empty.folder / "schemas").exists()


def test_what_a_class_says_of_its_publication_is_kept(empty: Project) -> None:
    document = imported(empty, EVERYTHING)
    assert document["info"]["version"] == "2.3.0"
    messages, operations = document["components"]["messages"], document["operations"]
    assert messages["ask"]["correlationId"] == {"location": "$message.header#/corr"}
    assert messages["ask"]["headers"]["required"] == ["tenant"]
    (channel,) = (each for each in document["channels"].values() if "parameters" in each)
    assert channel["parameters"] == {
        "region": {"enum": ["eu", "us"]},
        "id": {"location": "$message.payload#/id"},
    }
    assert operations["sendPacked"]["bindings"]["amqp"] == {
        "mandatory": True,
        "priority": 3,
        "expiration": 5000,
        "deliveryMode": 1,
        "bindingVersion": "0.3.0",
    }
    told = (empty.folder / "generated/mine/messages.py").read_text()
    for line in (
        'MESSAGE_REPLIES = ("Answer", "NoAnswer")',
        "MESSAGE_PRIORITY = 3",
        "MESSAGE_EXPIRATION = 5000",
        "MESSAGE_PERSISTENT = False",
        "MESSAGE_MANDATORY = True",
        'region: Literal["eu", "us"]',
    ):
        assert line in told
    assert verdicts(
        empty,
        "mine",
        ("EnvelopeAddress", {"data": {"street": "x"}}),
        ("EnvelopeAddress", {"data": {}}),
    ) == ["EnvelopeAddress accepted", "EnvelopeAddress DecodeError"]


def test_the_stubs_have_the_options_of_the_handlers(empty: Project) -> None:
    (empty.folder / "mine.py").write_text(EVERYTHING)
    done = empty.run("import", "mine")
    assert done.returncode == 0
    assert "on_packed: `exception_handler` of its decorator is left for you" in done.stderr
    assert empty.run("codegen", "schemas/mine.asyncapi.yaml").returncode == 0
    stubs = (empty.folder / "handlers/mine.py").read_text()
    for line in (
        "messages.Packed, timeout=30, retry=RetryPolicy(max_retries=2, reject=(ValueError,))\n",
        '    @MessageHandler(messages.Ask, group="slow")\n',
        "    @MessageHandler(messages.EnvelopeAddress, idempotent=True)\n",
    ):
        assert line in stubs
    checked = empty.run("codegen", "--check", "schemas/mine.asyncapi.yaml")
    assert checked.returncode == 0, checked.stdout + checked.stderr
    again = empty.run("import", "mine", "--output", "again.yaml")
    assert 'answer: its decorator has group="slow"' in again.stderr
    assert (empty.folder / "handlers/mine.py").read_text() == stubs
