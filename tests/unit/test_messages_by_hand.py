"""Message classes that are written by hand: what is on the wire is all that the object says."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from enum import Enum
from functools import partial
from typing import Annotated, Any, ClassVar, Literal, Self
from uuid import UUID, uuid4

import pytest
from jararaca import (
    DecodeError,
    Message,
    MessageBusController,
    MessageHandler,
    MessageOf,
    Microservice,
    Model,
    PublishParameterError,
)
from jararaca.messages.model import json_value
from jararaca.publishing.publication import publication_of
from jararaca.testing import TestBus
from pydantic import (
    BaseModel,
    Field,
    IPvAnyAddress,
    JsonValue,
    NaiveDatetime,
    SecretStr,
    computed_field,
    field_validator,
    model_validator,
)

from tests.support.models import imported, sources

NOW = datetime(2026, 11, 29, 7, 30, tzinfo=UTC)


class Cash(BaseModel):
    kind: Literal["cash"] = "cash"


class Card(BaseModel):
    kind: Literal["card"] = "card"
    number: str


class Line(BaseModel):
    id: UUID = Field(default_factory=uuid4)
    quantity: int = 1


class Placed(Message):
    MESSAGE_TOPIC = "by-hand.placed"

    id: UUID = Field(default_factory=uuid4)
    region: str = "eu"
    note: str | None = None
    lines: list[Line]
    payment: Annotated[Cash | Card, Field(discriminator="kind")]


def test_defaults_are_on_the_wire_at_every_depth() -> None:
    placed = Placed(lines=[Line()], payment=Card(number="4"))
    body = json.loads(placed.encode())
    assert body == json.loads(placed.model_dump_json())
    assert (body["id"], body["region"], body["note"]) == (str(placed.id), "eu", None)
    assert Placed.decode(placed.encode()) == placed


def test_headers_have_their_defaults_too() -> None:
    class Told(Message):
        MESSAGE_TOPIC = "by-hand.told"

        class Headers(Model):
            tenant: str = "acme"
            trace: UUID

    trace = uuid4()
    sent = publication_of(Told(), headers=json_value(Told.Headers(trace=trace)))
    assert sent.headers == {"tenant": "acme", "trace": str(trace)}


def test_a_generated_message_is_written_as_it_was_given(tmp_path: Any) -> None:
    payload = {"type": "object", "properties": {"size": {"type": "integer", "default": 3}}}
    document = {
        "asyncapi": "3.0.0",
        "info": {"title": "Made", "version": "1.0.0"},
        "channels": {"a": {"address": "a", "messages": {"Made": {"payload": payload}}}},
    }
    made = imported(tmp_path, sources(tmp_path, document)).Made
    assert (made().size, made().encode()) == (3, b"{}")


class Timed(Message):
    MESSAGE_TOPIC = "by-hand.timed"
    at: datetime = Field(default_factory=datetime.now)


def test_a_time_without_its_zone_is_refused_where_it_is_published() -> None:
    assert publication_of(Timed(at=NOW)).body == b'{"at":"2026-11-29T07:30:00Z"}'
    with pytest.raises(PublishParameterError, match=r"Timed cannot be written .* has no time zone"):
        publication_of(Timed())


def test_what_json_cannot_say_is_refused_where_it_is_published() -> None:
    class Raw(Message):
        MESSAGE_TOPIC = "by-hand.raw"
        content: bytes

    with pytest.raises(PublishParameterError, match=r"Raw cannot be written .* utf-8"):
        publication_of(Raw(content=b"\xff"))


class Kinds(Message):
    MESSAGE_TOPIC = "by-hand.kinds"
    anything: JsonValue
    secret: SecretStr
    address: IPvAnyAddress
    local: NaiveDatetime


def test_types_of_pydantics_own_are_taken(recwarn: pytest.WarningsRecorder) -> None:
    told = {"anything": [1, {"a": None}], "secret": "s", "address": "10.0.0.1"}
    made = Kinds.decode(json.dumps({**told, "local": "2026-11-29T07:30:00"}).encode())
    assert Kinds.model_validate({**told, "local": "2026-11-29T07:30:00.5"}).local.microsecond
    assert (made.anything, made.secret.get_secret_value()) == (told["anything"], "s")
    assert made.local == datetime(2026, 11, 29, 7, 30)
    assert json.loads(made.encode())["local"] == "2026-11-29T07:30:00"
    assert not recwarn.list
    assert "format" not in Kinds.model_json_schema()["properties"]["local"]


def test_a_topic_with_an_annotation_is_no_field() -> None:
    class Annotated(Message):
        MESSAGE_TOPIC: str = "by-hand.annotated"  # type: ignore[misc]
        MESSAGE_TYPE: Literal["task", "event"] = "task"  # type: ignore[misc]
        number: int

    assert (Annotated.MESSAGE_TOPIC, Annotated.MESSAGE_TYPE) == ("by-hand.annotated", "task")
    assert Annotated(number=1).encode() == b'{"number":1}'


async def test_a_message_gives_its_topic_the_parameters() -> None:
    class Tenant(str, Enum):  # noqa: UP042  (what people write; a StrEnum is its text anyway)
        ACME = "acme"

    class Mail(Message):
        MESSAGE_TOPIC = "by-hand.mail.{tenant}"

    seen: list[Any] = []

    @MessageBusController()
    class Mailer:
        @MessageHandler(Mail)
        async def mail(self, message: MessageOf[Mail]) -> None:
            seen.append(message.parameters)

    async with TestBus(Microservice(controllers=[Mailer], name="by_hand")) as bus:
        await Mail().publish(parameters={"tenant": "acme"})
        await Mail().publish(parameters={"tenant": Tenant.ACME})
        await bus.settle()
        with pytest.raises(PublishParameterError, match="tenant"):
            await Mail().publish()
    assert seen == [{"tenant": "acme"}] * 2


def test_a_message_is_an_event_or_a_task() -> None:
    with pytest.raises(TypeError, match='Shouted.MESSAGE_TYPE is "event" or "task", got \'TASK\''):
        type("Shouted", (Message,), {"MESSAGE_TYPE": "TASK", "__module__": __name__})


def test_a_handler_names_its_message_by_place_or_by_name() -> None:
    assert MessageHandler(message_type=Placed, timeout=30).message_type is Placed
    with pytest.raises(TypeError, match="twice"):
        MessageHandler(Placed, message_type=Placed)  # type: ignore[call-overload]


@pytest.mark.parametrize("timeout", [0, -1, "30"])
def test_a_timeout_is_a_number_of_seconds(timeout: Any) -> None:
    with pytest.raises(ValueError, match=f"seconds above 0, got {timeout!r}"):
        MessageHandler(Placed, timeout=timeout)


def test_the_decorator_of_a_controller_says_that_it_has_parentheses() -> None:
    class Plain:
        """No controller yet."""

    with pytest.raises(TypeError, match=r"MessageBusController\(\) .* above Plain"):
        MessageBusController(Plain)  # type: ignore[arg-type]


class Counted(Message):
    MESSAGE_TOPIC = "by-hand.counted"
    number: int


class CheckedAfter(Counted):
    @model_validator(mode="after")
    def checked(self) -> Self:
        return self


class CheckedBefore(Counted):
    @model_validator(mode="before")
    @classmethod
    def checked(cls, value: Any) -> Any:
        return value


class CheckedAround(Counted):
    @model_validator(mode="wrap")
    @classmethod
    def checked(cls, value: Any, handler: Any) -> Any:
        return handler(value)


class CheckedTwice(CheckedAfter):
    @model_validator(mode="after")
    def checked_again(self) -> Self:
        return self


@pytest.mark.parametrize(
    "kind", [Counted, CheckedAfter, CheckedBefore, CheckedAround, CheckedTwice]
)
def test_a_message_with_validators_of_its_own_is_as_exact_as_any(kind: type[Counted]) -> None:
    assert kind.decode(b'{"number":5.0}').number == 5
    for wrong in (b'{"number":"5"}', b'{"number":true}'):
        with pytest.raises(DecodeError, match="number: Input should be a valid integer"):
            kind.decode(wrong)


class Half(BaseModel):
    whole: int

    @computed_field
    def half(self) -> float:
        return self.whole / 2


class Doubled(Counted):
    part: Half

    @computed_field(alias="twice")
    def double(self) -> int:
        return self.number * 2


def test_a_computed_field_is_written_once_also_of_what_was_received() -> None:
    body = b'{"number":2,"part":{"whole":1,"half":0.5},"twice":4}'
    assert Doubled(number=2, part=Half(whole=1)).encode() == body
    assert Doubled.decode(body).encode() == body
    assert Doubled.decode(b'{"number":2,"part":{"whole":1},"other":1}').encode() == (
        b'{"number":2,"part":{"whole":1,"half":0.5},"other":1,"twice":4}'
    )


def test_a_method_has_one_decorator_for_all_of_its_messages() -> None:
    with pytest.raises(TypeError, match="both has two @MessageHandler: .* in one"):

        class Twice:
            @MessageHandler(Placed)  # type: ignore[arg-type]
            @MessageHandler(Timed)
            async def both(self, message: MessageOf[Timed]) -> None: ...


def test_what_is_no_method_is_told() -> None:
    async def shared(tag: str, controller: Any, message: Any) -> None: ...

    with pytest.raises(TypeError, match=r"for methods, got functools.partial.*write a method"):
        MessageHandler(Placed)(partial(shared, "tag"))


class Ordered(Model):
    inner: Annotated[Ordered | Other, Field(union_mode="left_to_right")] | None = None


class Other(Model):
    inner: Annotated[Ordered | Other, Field(union_mode="left_to_right")] | None = None
    tried: ClassVar[list[int]] = []
    number: int

    @field_validator("number")
    @classmethod
    def _note(cls, number: int) -> int:
        cls.tried.append(number)
        return number


class Nested(Message):
    MESSAGE_TOPIC = "by-hand.nested"
    value: Annotated[Ordered | Other, Field(union_mode="left_to_right")]


def test_a_union_from_left_to_right_tries_each_value_of_a_field_once() -> None:
    value: Any = {"inner": 0, "number": 0}
    for depth in range(1, 13):
        value = {"inner": value, "number": depth}
    with pytest.raises(DecodeError):
        Nested.decode(json.dumps({"value": value}).encode())
    assert len(Other.tried) == 1 + 2 * 12, "the outermost, then once for each field of its kind"
