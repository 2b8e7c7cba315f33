"""Handlers of the accounts: `jararaca codegen` adds what is missing and changes nothing else."""

from __future__ import annotations

from uuid import UUID

from jararaca import MessageBusController, MessageHandler, MessageOf, reject

from generated.accounts import messages


@MessageBusController()
class AccountsHandlers:
    """Who has an account."""

    def __init__(self) -> None:
        self.users: dict[UUID, str] = {}

    @MessageHandler(messages.UserCreated)
    async def on_user_created(self, message: MessageOf[messages.UserCreated]) -> None:
        """Somebody has opened an account."""
        user = message.payload()
        self.users[user.user_id] = user.email

    @MessageHandler(messages.CloseAccount)
    async def on_close_account(self, message: MessageOf[messages.CloseAccount]) -> None:
        """Delete all that is known about a customer."""
        if message.payload().reason == "banned":
            reject("a banned account is kept until legal has looked at it")
        self.users.pop(message.payload().user_id, None)
