"""What must fail `mypy --strict`, at the lines that say `# error:` and the code expected there."""

from __future__ import annotations

from jararaca import Message, MessageBusController, MessageHandler, MessageOf, reject, route


class UserCreated(Message):
    user_id: str


class UserDeleted(Message):
    user_id: str


@MessageBusController()
class Users:
    @MessageHandler(UserCreated)
    async def welcome(self, message: MessageOf[UserCreated]) -> None:
        message.payload().user_name  # error: attr-defined

    @MessageHandler(UserDeleted)  # error: arg-type
    async def wrong_payload(self, message: MessageOf[UserCreated]) -> None:
        """The decorator names another message than the signature."""

    @MessageHandler(UserCreated, requeue_on_exeption=True)  # error: call-arg
    async def misspelt(self, message: MessageOf[UserCreated]) -> None:
        """An option that does not exist."""


class Others:
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
UserCreated(user_id=1)  # error: arg-type
UserCreated(user="a")  # error: call-arg


def stops() -> int:
    reject()  # NoReturn: what follows is not missing a return
