"""What must pass `mypy --strict`: the way people write and call things."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Annotated, Any, Literal, TypedDict, assert_never, assert_type
from uuid import UUID

from dishka import Provider, Scope, provide
from fastapi import FastAPI, WebSocket
from jararaca import (
    AppLifecycle,
    Message,
    MessageBusController,
    MessageHandler,
    MessageOf,
    Microservice,
    Publisher,
    RetryPolicy,
    RootMessage,
    WebSocketMessage,
    Work,
    ack,
    fail,
    implicit_headers,
    is_shutting_down,
    reject,
    route,
    run_in_loop,
    shutdown_race,
    stub,
    use,
    use_publisher,
    use_ws_manager,
)
from jararaca.integrations.fastapi import Bus, provided
from jararaca.integrations.websockets import Connection, WebSockets


class UserCreated(Message):
    MESSAGE_TOPIC = "user.created"
    user_id: UUID


class Temperatures(RootMessage[list[float]]):
    MESSAGE_TOPIC = "temperatures"


class Packed(Message):
    MESSAGE_TOPIC = "parcels.{region}.{depot}.packed"

    class TopicParameters(TypedDict):
        region: Literal["eu", "us"]
        depot: str


class Sent(Message):
    MESSAGE_TOPIC = "parcels.{region}.sent"

    class TopicParameters(TypedDict):
        region: Literal["eu", "us"]


class User(Message):
    user_id: UUID


class NoUser(Message):
    """Nobody is called so."""


class GetUser(Message):
    MESSAGE_TOPIC = "user.get"
    MESSAGE_REPLIES = ("User", "NoUser")
    name: str

    async def request(self, *, timeout: float = 30.0) -> User | NoUser:
        return self.decode_reply(await self._request({}, None, timeout))

    @classmethod
    def decode_reply(cls, reply: Any) -> User | NoUser:  # type: ignore[override]
        kinds: tuple[type[User | NoUser], ...] = (User, NoUser)
        return cls._one_of(reply, *kinds)


@MessageBusController()
class Users:
    @MessageHandler(GetUser)
    async def find(self, message: MessageOf[GetUser]) -> User | NoUser:
        found = await GetUser(name=message.payload().name).request(timeout=5)
        return found if isinstance(found, User) else NoUser()

    @stub
    @MessageHandler(GetUser, name="another")
    async def always(self, message: MessageOf[GetUser]) -> NoUser:
        raise NotImplementedError

    @MessageHandler(UserCreated, timeout=30, retry=RetryPolicy(max_retries=2))
    async def welcome(self, message: MessageOf[UserCreated]) -> None:
        user: UUID = message.payload().user_id
        await UserCreated(user_id=user).publish(headers={"tenant": "a"})
        await use_publisher().publish(message.payload())
        await ack()

    @MessageHandler(
        UserCreated, Temperatures, name="both", ordered_by=lambda each: type(each).__name__
    )
    async def watch(self, message: MessageOf[UserCreated | Temperatures]) -> None:
        match message.payload():
            case UserCreated() as created:
                user: UUID = created.user_id
                await UserCreated(user_id=user).publish()
            case Temperatures() as measured:
                values: list[float] = measured.root
                reject(f"{values}")
            case other:
                assert_never(other)

    @MessageHandler(Packed)
    async def route_parcel(self, message: MessageOf[Packed]) -> None:
        assert_type(message.parameters["region"], Literal["eu", "us"])
        depot: str = message.parameters["depot"]
        reject(depot)

    @MessageHandler(Packed, Sent)
    async def count(self, message: MessageOf[Packed | Sent]) -> None:
        assert_type(message.parameters["region"], Literal["eu", "us"])

    @MessageHandler(UserCreated, name="untyped parameters")
    async def untyped(self, message: MessageOf[UserCreated]) -> None:
        values: list[str] = [message.parameters["any"], *message.parameters.values()]
        reject(str(values))

    @MessageHandler(GetUser, name="in a thread")
    def look_up(self, message: MessageOf[GetUser]) -> User | NoUser:
        user: User | NoUser = run_in_loop(GetUser(name=message.payload().name).request(timeout=5))
        run_in_loop(ack())
        return user

    @MessageHandler(UserCreated)
    def print_card(self, message: MessageOf[UserCreated]) -> None:
        run_in_loop(UserCreated(user_id=message.payload().user_id).publish())

    @stub
    @MessageHandler(Temperatures)
    async def measure(self, message: MessageOf[Temperatures]) -> None:
        values: list[float] = message.payload().root
        if not values:
            reject("empty")


ROW = route(
    operation="welcome",
    queue="users.welcome",
    binding_keys=("user.created",),
    message=UserCreated,
    controller=Users,
    handler=Users.welcome,
)


WATCHED = [
    route(
        operation="watch",
        queue="users.watch",
        binding_keys=("user.created",),
        message=UserCreated,
        controller=Users,
        handler=Users.watch,
    ),
    route(
        operation="watch",
        queue="users.watch",
        binding_keys=("temperatures",),
        message=Temperatures,
        controller=Users,
        handler=Users.watch,
    ),
]
ANSWERED = route(
    operation="find",
    queue="users.find",
    binding_keys=("user.get",),
    message=GetUser,
    controller=Users,
    handler=Users.find,
)


THREADED = route(
    operation="look_up",
    queue="users.look_up",
    binding_keys=("user.get",),
    message=GetUser,
    controller=Users,
    handler=Users.look_up,
)


async def publish(user_id: UUID) -> None:
    async with Publisher.connect("memory://shop") as publisher:
        await UserCreated(user_id=user_id).publish()
        await publisher.publish(Temperatures([20.5]))


class Store:
    def count(self) -> int:
        return 1


class Stores(Provider):
    store = provide(Store, scope=Scope.APP)


class Doors(AppLifecycle):
    async def start(self) -> None:
        """Open them."""


@asynccontextmanager
async def timed(work: Work) -> AsyncIterator[None]:
    work.on_commit(Doors().start)
    yield


APP = Microservice(providers=[Stores()], interceptors=[timed], lifecycle=Doors())
TESTED: Microservice = APP.overridden(Stores())


async def count() -> int:
    with implicit_headers(tenant="a"):
        store: Store = await use(Store)
    if is_shutting_down():
        return 0
    return store.count() + await shutdown_race(counted())


async def counted() -> int:
    return 1


BUS = Bus(APP, "memory://shop", carry=["x-tenant"])
API = FastAPI(lifespan=BUS.lifespan)
API.add_middleware(BUS.middleware)
API.include_router(BUS.router)


@API.get("/")
async def get(store: Annotated[Store, provided(Store)]) -> int:
    async with BUS.unit_of_work("count") as work:
        name: str = work.name
    return store.count() + len(name)


class OrderUpdate(WebSocketMessage):
    order: int


async def user_rooms(websocket: WebSocket) -> list[str]:
    return [f"user-{websocket.query_params['user']}"]


async def heard(connection: Connection, message: WebSocketMessage) -> None:
    if isinstance(message, OrderUpdate):
        connection.join(f"order-{message.order}")
        await message.send(connection.id)
        await use_ws_manager().broadcast(message)


sockets = WebSockets("redis://localhost", on_connect=user_rooms, on_message=heard)
live = FastAPI()
live.add_api_websocket_route("/ws", sockets.endpoint)


class Batches:
    @MessageHandler(UserCreated, batch=100, within=0.5, concurrency=2)
    async def created(self, messages: list[MessageOf[UserCreated]]) -> None:
        for message in messages:
            assert_type(message.payload(), UserCreated)
            fail(message, ValueError("not this one"))

    @MessageHandler(UserCreated, Packed, batch=10)
    def either(self, messages: Sequence[MessageOf[UserCreated | Packed]]) -> None:
        for message in messages:
            match message.payload():
                case UserCreated():
                    pass
                case Packed():
                    pass
                case other:
                    assert_never(other)


BATCHED = (
    route(
        operation="onCreated",
        queue="user.created",
        binding_keys=("user.created",),
        message=UserCreated,
        controller=Batches,
        handler=Batches.created,
    ),
    route(
        operation="onPacked",
        queue="packed",
        binding_keys=("parcels.*.*.packed",),
        message=Packed,
        controller=Batches,
        handler=Batches.either,
    ),
)
