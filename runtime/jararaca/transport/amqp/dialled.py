"""aiormq's connection, which says why the broker does not open it."""

from __future__ import annotations

from typing import Any

import aiormq
from aiormq.connection import exception_by_code
from pamqp import commands


class _Frames:
    """The frames of a connection that is being opened; a close is raised as what it says."""

    def __init__(self, frames: Any) -> None:
        self._frames = frames

    async def get_frame(self) -> Any:
        """The next one. Raises aiormq's error of the close's code."""
        received = await self._frames.get_frame()
        frame = received[2]
        # 403 is a wrong password, which aiormq tells itself.
        if isinstance(frame, commands.Connection.Close) and frame.reply_code != 403:
            raise exception_by_code(frame)
        return received


class Dialled(aiormq.Connection):
    """Of a virtual host that is missing, aiormq's own says `Expected ['Connection.OpenOk']`."""

    @staticmethod
    async def _rpc(
        request: Any, writer: Any, frame_receiver: Any, wait_response: bool = True
    ) -> Any:
        frames: Any = _Frames(frame_receiver)
        return await aiormq.Connection._rpc(request, writer, frames, wait_response)
