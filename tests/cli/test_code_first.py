"""An application without a document: its controllers are compiled when it starts."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, Generic, TypeVar
from urllib.request import urlopen

import pytest
from jararaca import (
    ConfigurationError,
    Message,
    MessageBusController,
    MessageHandler,
    MessageOf,
    Microservice,
    WebSocketMessage,
)
from jararaca.testing import TestBus
from jararaca_compiler.importing.classes import read_controllers
from jararaca_compiler.importing.document import document_of
from pydantic import BaseModel, ConfigDict, Field, computed_field, create_model

from tests.cli.project import Project

APP = """
from pathlib import Path

from jararaca import Message, MessageBusController, MessageHandler, MessageOf, Microservice


class UserCreated(Message):
    MESSAGE_TOPIC = "{prefix}.user.created"
    user_id: str


class SendMail(Message):
    MESSAGE_TOPIC = "{prefix}.mail.{{address}}.send"
    MESSAGE_TYPE = "task"
    subject: str = ""


class Unheard(Message):
    MESSAGE_TOPIC = "{prefix}.unheard"


@MessageBusController()
class Users:
    def __init__(self) -> None:
        self.notes = Path("notes")

    @MessageHandler(UserCreated)
    async def on_user_created(self, message: MessageOf[UserCreated]) -> None:
        with self.notes.open("a") as notes:
            notes.write(f"created {{message.payload().user_id}}\\n")

    @MessageHandler(SendMail, name="mailer")
    async def send_mail(self, message: MessageOf[SendMail]) -> None:
        with self.notes.open("a") as notes:
            notes.write(f"mailed {{message.parameters['address']}}\\n")


app = Microservice(controllers=[Users{call}])
"""


T = TypeVar("T")


class Address(BaseModel):
    street: str


class Envelope(Message, Generic[T]):
    MESSAGE_TOPIC = "by.hand.envelope"
    data: T


class Letter(Envelope[Address]):
    MESSAGE_TOPIC = "by.hand.letter"


def by_hand(project: Project, call: str = "()") -> Project:
    (project.folder / "people.py").write_text(APP.format(prefix=project.prefix, call=call))
    return Project(project.folder, project.prefix, {**project.environment, "APP_PATH": "people"})


@pytest.mark.parametrize("call", ["()", ""], ids=["an instance", "a class"])
def test_controllers_by_hand_consume_from_a_broker(broker_project: Project, call: str) -> None:
    project = by_hand(broker_project, call)
    worker = project.start()
    try:
        assert "ready: 2 handlers on 2 queues" in worker.output
        assert "jararaca import people" in worker.output
        sent = project.run("publish", f"{project.prefix}.user.created", '{"user_id": "7"}')
        assert sent.returncode == 0, sent.stderr
        sent = project.run("publish", f"{project.prefix}.mail.ada.send", "{}")
        assert sent.returncode == 0, sent.stderr
        project.wait_for_note("created 7")
        project.wait_for_note("mailed ada")
    finally:
        worker.end()


def test_the_written_document_compiles_to_the_same_topology(project: Project) -> None:
    mine = by_hand(project)
    in_memory = mine.run("topology", "export")
    assert in_memory.returncode == 0, in_memory.stderr
    assert mine.run("import", "people:app").returncode == 0
    assert mine.run("codegen", "schemas/people.asyncapi.yaml").returncode == 0
    compiled = mine.run("topology", "export", "generated.people.routes")
    assert json.loads(compiled.stdout) == json.loads(in_memory.stdout)


def test_routes_lists_what_is_handled_by_hand(project: Project) -> None:
    told = by_hand(project).run("routes")
    assert told.returncode == 0, told.stderr
    assert "people.on_user_created" in told.stdout and "mailer" in told.stdout


class Placed(Message):
    MESSAGE_TOPIC = "placed"
    number: int


class Pack(Message):
    MESSAGE_TOPIC = "pack"
    MESSAGE_TYPE = "task"


async def test_classes_inside_of_a_function_are_compiled_too() -> None:
    class Local(Message):
        MESSAGE_TOPIC = "local"
        number: int

    seen: list[int] = []

    @MessageBusController()
    class Handlers:
        @MessageHandler(Local)
        async def on_local(self, message: MessageOf[Local]) -> None:
            seen.append(message.payload().number)

    async with TestBus(Microservice(controllers=[Handlers], name="inner")) as bus:
        await bus.publish(Local(number=3))
    assert seen == [3]


async def test_a_generic_message_is_one_for_each_type_that_is_handled() -> None:
    heard: list[object] = []

    class Inherited:
        @MessageHandler(Letter)
        async def on_letter(self, message: MessageOf[Letter]) -> None:
            heard.append(message.payload().data)

    @MessageBusController()
    class Post(Inherited):
        @MessageHandler(Envelope[int])
        async def on_number(self, message: MessageOf[Envelope[int]]) -> None:
            heard.append(message.payload().data)

    app = Microservice(controllers=[Post])
    made = {kind for kind in app.services[0].messages if issubclass(kind, Envelope)}
    assert made == {Envelope[int], Letter}
    async with TestBus(app) as bus:
        await bus.publish(Letter(data=Address(street="Rua")))
        await bus.publish(Envelope[int](data=7))
    assert heard == [Address(street="Rua"), 7]


async def test_a_document_and_controllers_by_hand_run_side_by_side() -> None:
    from generated.shop.routes import SERVICE

    @MessageBusController()
    class More:
        @MessageHandler(Placed)
        async def on_placed(self, message: MessageOf[Placed]) -> None: ...

    app = Microservice(SERVICE, controllers=[More], name="more")
    assert [service.name for service in app.services] == ["shop", "more"]
    assert app.from_code[0].routes[0].queue == "more.on_placed"


def refusal(*services: object, controllers: list[type]) -> str:
    with pytest.raises(ConfigurationError) as told:
        _ = Microservice(*services, controllers=controllers).services  # type: ignore[arg-type]
    return str(told.value)


def test_a_task_that_a_document_gives_to_another_handler_is_refused() -> None:
    from generated.shop import messages
    from generated.shop.routes import SERVICE

    @MessageBusController()
    class Second:
        @MessageHandler(messages.Refund)
        async def pay_again(self, message: MessageOf[messages.Refund]) -> None: ...

    told = refusal(SERVICE, controllers=[Second])
    assert "Second.pay_again and ShopHandlers.pay_refund both handle refund" in told


def test_two_handlers_of_one_task_are_refused() -> None:
    @MessageBusController()
    class Twice:
        @MessageHandler(Pack)
        async def first(self, message: MessageOf[Pack]) -> None: ...

        @MessageHandler(Pack)
        async def second(self, message: MessageOf[Pack]) -> None: ...

    told = refusal(controllers=[Twice])
    assert "Pack" in told and "first and second" in told


def test_two_handlers_of_one_name_are_refused() -> None:
    @MessageBusController()
    class One:
        @MessageHandler(Placed)
        async def handle(self, message: MessageOf[Placed]) -> None: ...

    @MessageBusController()
    class Other:
        @MessageHandler(Placed)
        async def handle(self, message: MessageOf[Placed]) -> None: ...

    told = refusal(controllers=[One, Other])
    assert "One.handle" in told and "Other.handle" in told and "name=" in told


def address(**fields: Any) -> Any:
    return create_model("Address", **fields)


def test_two_classes_of_one_name_are_two_schemas() -> None:
    home, office = address(street=(str, ...)), address(floor=(int, ...))
    person = create_model("Person", at=(office, ...))
    messages = [
        create_model(name, __base__=Message, __module__=__name__, at=(kind, ...))
        for name, kind in (("Home", home), ("Office", office), ("Staff", person), ("Flat", home))
    ]
    for each in messages:
        each.MESSAGE_TOPIC = each.__name__

    @MessageBusController()
    class Handlers:
        @MessageHandler(*messages)
        async def on_any(self, message: MessageOf[Any]) -> None: ...

    found = read_controllers([Handlers])
    names = {kind.__name__ for kind in messages}
    own = [each for each in found.messages if each.name in names]
    schemas = {each.name: each.schema["properties"]["at"]["$ref"] for each in own}
    parts = {name: found.schemas[ref.rpartition("/")[2]] for name, ref in schemas.items()}
    assert parts["Staff"]["properties"]["at"]["$ref"] == schemas["Office"]
    assert {name: list(part["properties"]) for name, part in parts.items()} == {
        "Home": ["street"],
        "Office": ["floor"],
        "Staff": ["at"],
        "Flat": ["street"],
    }
    assert len(found.schemas) == 3 and found.notes == ()


class Odd:
    """No type of JSON's."""


@pytest.mark.parametrize("kind", [Callable[[int], int], Odd, "Missing"], ids=str)
def test_a_field_that_json_does_not_have_is_told_with_its_class(kind: Any) -> None:
    made = create_model("Strange", __base__=Message, __module__=__name__, field=(kind, ...))
    made.MESSAGE_TOPIC = "strange"

    @MessageBusController()
    class Handlers:
        @MessageHandler(made)
        async def on_strange(self, message: MessageOf[Any]) -> None: ...

    told = refusal(controllers=[Handlers])
    assert f"{__name__}.Strange has no JSON Schema" in told and "\n\n" not in told


class Closed(BaseModel):
    model_config = ConfigDict(extra="forbid")
    number: int

    @computed_field
    def double(self) -> int:
        return self.number * 2


@pytest.mark.parametrize(
    ("field", "why"),
    [
        ((int, Field(validation_alias="userId")), "'userId' is read, and 'field' is written"),
        ((int, Field(serialization_alias="userId")), "'field' is read, and 'userId' is written"),
        ((int, Field(1, validation_alias="userId")), "'userId' is read, and 'field' is written"),
        ((int, Field(exclude=True)), "'field' must be there where it is read, and is not written"),
        ((Closed, ...), "the computed field 'double' is written, and extra='forbid' refuses it"),
    ],
    ids=str,
)
def test_a_message_that_does_not_read_what_it_writes_is_refused(field: Any, why: str) -> None:
    made = create_model("Uneven", __base__=Message, __module__=__name__, field=field)
    made.MESSAGE_TOPIC = "uneven"

    @MessageBusController()
    class Handlers:
        @MessageHandler(made)
        async def on_uneven(self, message: MessageOf[Any]) -> None: ...

    told = refusal(controllers=[Handlers])
    assert f"{__name__}.Uneven cannot be read as it is written: {why}" in told


@pytest.mark.parametrize(
    "field", [(int, Field(alias="userId")), (int, Field(1, exclude=True))], ids=str
)
def test_a_message_with_an_alias_or_a_note_of_its_own_is_taken(field: Any) -> None:
    made = create_model("Even", __base__=Message, __module__=__name__, field=field)
    made.MESSAGE_TOPIC = "even"

    @MessageBusController()
    class Handlers:
        @MessageHandler(made)
        async def on_even(self, message: MessageOf[Any]) -> None: ...

    assert len(Microservice(controllers=[Handlers]).routes) == 1


class Alert(WebSocketMessage):
    """Something is wrong."""

    text: str


class Watch(WebSocketMessage):
    room: str


def test_messages_of_websocket_clients_are_in_the_document() -> None:
    @MessageBusController()
    class Handlers:
        @MessageHandler(Placed)
        async def on_placed(self, message: MessageOf[Placed]) -> None: ...

    found = read_controllers([Handlers], [Watch])
    document = document_of(found, "Shop")
    channel = document["channels"]["websocket"]
    assert (channel["address"], channel["bindings"]) == (None, {"ws": {}})
    operations = document["operations"]
    sent, received = operations["sendWebsocket"], operations["receiveWebsocket"]
    assert sent["messages"] == [{"$ref": "#/channels/websocket/messages/alert"}]
    assert received["messages"] == [{"$ref": "#/channels/websocket/messages/watch"}]
    alert = document["components"]["messages"]["alert"]
    assert (alert["x-message-type"], alert["description"]) == ("websocket", "Something is wrong.")
    (service,) = Microservice(controllers=[Handlers], name="shop").services
    wanted: set[type[WebSocketMessage]] = {Alert, Watch}
    assert wanted <= set(service.sockets)


def test_a_message_of_clients_that_is_called_like_one_of_the_broker_is_left_out_and_told() -> None:
    @MessageBusController()
    class Handlers:
        @MessageHandler(Placed)
        async def on_placed(self, message: MessageOf[Placed]) -> None: ...

    twin = type("Placed", (WebSocketMessage,), {"__module__": __name__})
    found = read_controllers([Handlers], [twin])
    assert found.classes["Placed"] is Placed
    assert any("is left out, because" in note for note in found.notes)


def test_a_handler_that_does_not_take_its_message_is_refused() -> None:
    @MessageBusController()
    class Deaf:
        @MessageHandler(Placed)  # type: ignore[arg-type]
        async def on_placed(self) -> None: ...

    @MessageBusController()
    class Bare:
        @MessageHandler(Placed)  # type: ignore[arg-type]
        async def on_placed(self, placed: Placed) -> None: ...

    for each in (Deaf, Bare):
        told = refusal(controllers=[each])
        assert f"{each.__name__}.on_placed" in told
        assert "on_placed(self, message: MessageOf[Placed])" in told


def test_a_controller_that_nothing_calls_is_refused() -> None:
    class Idle:
        """No handler."""

    assert "Idle" in refusal(controllers=[Idle])


def test_a_worker_without_any_handler_says_what_its_application_lacks(project: Project) -> None:
    (project.folder / "empty.py").write_text(
        "from jararaca import Microservice\napp = Microservice()\n"
    )
    worker = project.start("empty:app")
    try:
        assert "controllers=[...]" in worker.output and "()" not in worker.output
    finally:
        worker.end()


def test_without_the_compiler_it_is_told_which_extra_is_missing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    @MessageBusController()
    class Handlers:
        @MessageHandler(Placed)
        async def on_placed(self, message: MessageOf[Placed]) -> None: ...

    monkeypatch.setattr("jararaca.application.code_first.compiling.entry_points", lambda group: [])
    told = refusal(controllers=[Handlers])
    assert "Handlers" in told and "[compiler]" in told


def test_a_mistake_in_the_code_is_told_at_its_place(project: Project) -> None:
    mine = by_hand(project)
    path = Path(mine.folder / "people.py")
    path.write_text(path.read_text().replace(f'"{mine.prefix}.unheard"', '"x" * 300'))
    told = mine.run("routes")
    assert told.returncode == 2
    assert "Traceback" not in told.stderr and "xxx" in told.stderr and "255" in told.stderr


def test_lint_docs_and_diff_take_an_application(project: Project) -> None:
    mine = by_hand(project)
    assert mine.run("lint", "people:app").returncode == 0
    built = mine.run("docs", "build", "people:app")
    assert built.returncode == 0, built.stderr
    assert "UserCreated" in (mine.folder / "site/index.html").read_text()
    (mine.folder / "pyproject.toml").write_text('[tool.jararaca]\napp = "people:app"\n')
    assert "in 1 service" in mine.run("lint").stdout
    git(mine, "init", "-q")
    git(mine, "add", "people.py")
    git(mine, "commit", "-qm", "first")
    assert mine.run("diff", "--against", "HEAD").returncode == 0
    path = mine.folder / "people.py"
    path.write_text(path.read_text().replace("user_id: str\n", "user_id: str\n    name: str\n", 1))
    told = mine.run("diff", "--against", "HEAD")
    assert told.returncode == 1
    assert "UserCreated" in told.stdout and "`name`" in told.stdout


def test_dev_and_doctor_need_no_document(project: Project) -> None:
    mine = by_hand(project)
    told = mine.run("doctor", "people:app", "--broker-url", "memory://none")
    assert "the controllers are compiled at start" in told.stdout
    command = [sys.executable, "-m", "jararaca.cli", "dev", "people:app", "--port", "0"]
    with subprocess.Popen(
        command, cwd=mine.folder, env=mine.environment, stdout=subprocess.PIPE, text=True
    ) as dev:
        assert dev.stdout is not None
        output = ""
        while not (found := re.search(r"pages on (http://\S+)", output)):
            line = dev.stdout.readline()
            assert line, output
            output += line
        with urlopen(found[1]) as page:
            assert b"UserCreated" in page.read()
        dev.terminate()
        assert dev.wait(30) == 0


def git(project: Project, *arguments: str) -> None:
    who = ("-c", "user.name=a", "-c", "user.email=a@example.org")
    subprocess.run(["git", *who, *arguments], cwd=project.folder, check=True)


def test_a_written_table_is_used_without_the_compiler(project: Project) -> None:
    mine = by_hand(project)
    before = mine.run("routes").stdout
    assert mine.run("codegen", "--from-code", "people:app").returncode == 0
    assert mine.run("codegen", "--from-code", "people:app", "--check").returncode == 0
    without = "import importlib.metadata as m; m.entry_points = lambda **k: ()\n"
    (mine.folder / "sitecustomize.py").write_text(without)
    path = os.pathsep.join([str(mine.folder), mine.environment["PYTHONPATH"]])
    assert mine.run("routes", PYTHONPATH=path).stdout == before


def test_a_written_table_that_is_stale_says_how_to_write_it_again(project: Project) -> None:
    mine = by_hand(project)
    assert mine.run("codegen", "--from-code", "people:app").returncode == 0
    path = mine.folder / "people.py"
    path.write_text(path.read_text().replace(".user.created", ".user.made"))
    told = mine.run("routes")
    assert told.returncode == 2
    assert "jararaca codegen --from-code people:app" in told.stderr
    assert mine.run("codegen", "--from-code", "people:app", "--check").returncode == 1


def test_compiling_documents_leaves_a_table_from_code_alone(project: Project) -> None:
    mine = by_hand(project)
    assert mine.run("import", "people:app", "--title", "Other").returncode == 0
    (mine.folder / "pyproject.toml").write_text('[tool.jararaca]\nsources = ["schemas"]\n')
    assert mine.run("codegen", "--from-code", "people:app").returncode == 0
    assert mine.run("codegen").returncode == 0
    assert mine.run("codegen", "--from-code", "people:app", "--check").returncode == 0


def test_a_class_in_a_function_cannot_be_named_by_a_file(project: Project) -> None:
    (project.folder / "inside.py").write_text(
        "from jararaca import *\n"
        "def make():\n"
        "    class Inner(Message):\n"
        '        MESSAGE_TOPIC = "inner"\n'
        "    @MessageBusController()\n"
        "    class Handlers:\n"
        "        @MessageHandler(Inner)\n"
        "        async def on_inner(self, message: MessageOf[Inner]) -> None: ...\n"
        "    return Microservice(controllers=[Handlers])\n"
        "app = make()\n"
    )
    told = project.run("codegen", "--from-code", "inside:app")
    assert told.returncode == 2 and "Traceback" not in told.stderr
    assert "nor a generic" in told.stderr
