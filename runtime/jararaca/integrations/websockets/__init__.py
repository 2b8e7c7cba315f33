"""WebSockets: rooms of clients, and messages to them from any process of an application."""

from jararaca.integrations.websockets.connection import Connection
from jararaca.integrations.websockets.integration import OnConnect, OnMessage, WebSockets
from jararaca.integrations.websockets.manager import Manager

__all__ = ["Connection", "Manager", "OnConnect", "OnMessage", "WebSockets"]
