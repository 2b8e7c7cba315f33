"""Handlers of Schema: `jararaca codegen` adds what is missing, no more."""

from __future__ import annotations

from jararaca import MessageBusController, MessageHandler, MessageOf, stub

from generated.schema import messages


@MessageBusController()
class SchemaHandlers:
    """What Schema does when a message arrives."""

    @stub
    @MessageHandler(messages.Schema)
    async def on_schema(self, message: MessageOf[messages.Schema]) -> None:
        """Schema"""
        raise NotImplementedError("on_schema")
