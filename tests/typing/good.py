"""What must pass `mypy --strict`: the way people write and call things."""

from __future__ import annotations

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


@MessageBusController()
class Users:
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


async def publish(user_id: UUID) -> None:
    async with Publisher.connect("memory://shop") as publisher:
        await UserCreated(user_id=user_id).publish()
        await publisher.publish(Temperatures([20.5]))
