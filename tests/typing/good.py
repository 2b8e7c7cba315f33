"""What must pass `mypy --strict`: the way people write and call things."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from jararaca import (
    Message,
    MessageBusController,
    MessageHandler,
    MessageOf,
    Publisher,
    RetryPolicy,
    RootMessage,
    ack,
    reject,
    route,
    stub,
    use_publisher,
)


class UserCreated(Message):
    MESSAGE_TOPIC = "user.created"
    user_id: UUID


class Temperatures(RootMessage[list[float]]):
    MESSAGE_TOPIC = "temperatures"


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


ANSWERED = route(
    operation="find",
    queue="users.find",
    binding_keys=("user.get",),
    message=GetUser,
    controller=Users,
    handler=Users.find,
)


async def publish(user_id: UUID) -> None:
    async with Publisher.connect("memory://shop") as publisher:
        await UserCreated(user_id=user_id).publish()
        await publisher.publish(Temperatures([20.5]))
