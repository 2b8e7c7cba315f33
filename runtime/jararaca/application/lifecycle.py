"""What an application of yours does at its start and its end."""

from __future__ import annotations


class AppLifecycle:
    """What an application of yours does at its start and its end: override what you need.

    Several start in their order and stop in reverse; when a start fails, those before it are
    stopped, and the application does not run.
    """

    async def start(self) -> None:
        """Before the first message is taken; the broker and all integrations are there."""

    async def stop(self) -> None:
        """After the last message was settled; called only where `start` succeeded."""
