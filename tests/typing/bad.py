"""What must fail `mypy --strict`, at the lines that say `# error:` and the code expected there."""

from __future__ import annotations

from typing import Any, Literal, TypedDict

from fastapi import WebSocket
from jararaca import (
    Message,
    MessageBusController,
    MessageHandler,
    MessageOf,
    Microservice,
    Properties,
    WebSocketMessage,
    Work,
    is_shutting_down,
    reject,
    route,
    shutdown_race,
    use,
)
from jararaca.integrations.fastapi import Bus
from jararaca.integrations.websockets import WebSockets


class UserCreated(Message):
    user_id: str


class Packed(Message):
    MESSAGE_TOPIC = "parcels.{region}.packed"

    class TopicParameters(TypedDict):
        region: Literal["eu", "us"]


class UserDeleted(Message):
    user_id: str


class GetUser(Message):
    name: str

    async def request(self, *, timeout: float = 30.0) -> UserCreated:
        return self.decode_reply(await self._request({}, None, timeout))

    @classmethod
    def decode_reply(cls, reply: Any) -> UserCreated:  # type: ignore[override]
        return cls._one_of(reply, UserCreated)


@MessageBusController()
class Users:
    @MessageHandler(UserCreated)
    async def welcome(self, message: MessageOf[UserCreated]) -> None:
        message.payload().user_name  # error: attr-defined

    @MessageHandler(Packed)
    async def wrong_parameter(self, message: MessageOf[Packed]) -> None:
        message.parameters["depot"]  # error: typeddict-item
        assert message.parameters["region"] == "mars"  # error: comparison-overlap

    @MessageHandler(UserDeleted)  # error: arg-type
    async def wrong_payload(self, message: MessageOf[UserCreated]) -> None:
        """The decorator names another message than the signature."""

    @MessageHandler(UserCreated, retries=1)  # error: call-overload, untyped-decorator
    async def misspelt(self, message: MessageOf[UserCreated]) -> None:
        """An option that does not exist."""

    @MessageHandler(GetUser)  # error: arg-type
    async def wrong_answer(self, message: MessageOf[GetUser]) -> UserDeleted:
        return UserDeleted(user_id=message.payload().name)

    @MessageHandler(GetUser)  # error: arg-type
    async def no_answer(self, message: MessageOf[GetUser]) -> None:
        """A request is answered."""

    @MessageHandler(UserCreated)  # error: arg-type
    async def answer_to_no_request(self, message: MessageOf[UserCreated]) -> UserDeleted:
        return UserDeleted(user_id=message.payload().user_id)

    @MessageHandler(UserCreated, UserDeleted)  # error: arg-type
    async def only_one(self, message: MessageOf[UserCreated]) -> None:
        """The decorator names more messages than the signature."""

    @MessageHandler(UserCreated, UserDeleted)
    async def both(self, message: MessageOf[UserCreated | UserDeleted]) -> None:
        """Two messages."""


class Others:
    async def unanswered(self, message: MessageOf[GetUser]) -> None:
        """It answers with nothing."""

    async def unrelated(self, message: MessageOf[UserDeleted]) -> None:
        """Another controller's method."""


ROW = route(
    operation="welcome",
    queue="users.welcome",
    binding_keys=("user.created",),
    message=UserDeleted,
    controller=Users,
    handler=Users.welcome,  # error: arg-type
)
FOREIGN = route(
    operation="welcome",
    queue="users.welcome",
    binding_keys=("user.created",),
    message=UserDeleted,
    controller=Users,
    handler=Others.unrelated,  # error: arg-type
)
NO_MEMBER = route(
    operation="find",
    queue="users.find",
    binding_keys=("user.get",),
    message=GetUser,
    controller=Users,
    handler=Users.both,  # error: arg-type
)
UNANSWERED = route(
    operation="find",
    queue="users.find",
    binding_keys=("user.get",),
    message=GetUser,
    controller=Others,
    handler=Others.unanswered,  # error: arg-type
)


async def ask() -> None:
    await UserCreated(user_id="a").request()  # error: attr-defined
    (await GetUser(name="a").request(timeout=1)).name  # error: attr-defined
    await GetUser(name="a").request(patience=1)  # error: call-arg


class Store:
    """Not a provider of itself."""


async def unwrapped(work: Work) -> None:
    """Not a context manager."""


async def counted() -> int:
    return 1


APP = Microservice(
    interceptors=[unwrapped],  # error: list-item
    providers=[Store()],  # error: list-item
    lifecycle=Store(),  # error: arg-type
)
APP.overridden(Store())  # error: arg-type
Bus(APP)  # error: call-arg


async def asks() -> None:
    (await use(Store)).missing  # error: attr-defined
    (await shutdown_race(counted())).missing  # error: attr-defined
    is_shutting_down().begun  # error: attr-defined


UserCreated(user_id=1)  # error: arg-type
UserCreated(user="a")  # error: call-arg


def stops() -> int:
    reject()  # NoReturn: what follows is not missing a return


class OrderUpdate(WebSocketMessage):
    order: int


async def rooms(websocket: WebSocket) -> int:
    await OrderUpdate(order="seven").send("a")  # error: arg-type
    await OrderUpdate(order=7).send(["a", "b"])  # error: arg-type
    await OrderUpdate(order=7).publish()  # error: attr-defined
    return 1


sockets = WebSockets(on_connect=rooms)  # error: arg-type


class Batches:
    @MessageHandler(UserCreated)  # error: arg-type
    async def forgotten(self, messages: list[MessageOf[UserCreated]]) -> None: ...

    @MessageHandler(UserCreated, batch=100)  # error: arg-type
    async def single(self, message: MessageOf[UserCreated]) -> None: ...

    @MessageHandler(UserCreated, batch=100)
    async def batched(self, messages: list[MessageOf[UserCreated]]) -> None: ...

    @MessageHandler(UserCreated, within=1.0)  # error: call-overload, untyped-decorator
    async def unbatched(self, message: MessageOf[UserCreated]) -> None: ...


route(
    operation="onGetUser",
    queue="user.get",
    binding_keys=("user.get",),
    message=GetUser,
    controller=Batches,
    handler=Batches.batched,  # error: arg-type
)


Properties().message_id = "another"  # error: misc
