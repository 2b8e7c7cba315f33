"""A dead letter's body in the editor of whoever replays it, and what comes back validated."""

from __future__ import annotations

import asyncio
import json
import os
import shlex
import subprocess
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import typer

from jararaca.cli.console import complain
from jararaca.errors import ConfigurationError, DecodeError

if TYPE_CHECKING:
    from jararaca.messages.message import Message
    from jararaca.operations.dead_letter import DeadLetter


class Editor:
    """Asks for each letter in turn, outside of the event loop: the connection stays alive."""

    def __init__(self, messages: Sequence[type[Message]]) -> None:
        self._messages = messages

    @classmethod
    def of(cls, app: str | None) -> Editor:
        """The editor for the messages of an application. Raises ConfigurationError without one."""
        from jararaca.application.loading import load_application

        services = load_application(app).services
        return cls([message for service in services for message in service.messages])

    async def __call__(self, letter: DeadLetter) -> bytes | None:
        """The body to send; None where nothing was changed, or it was given up."""
        return await asyncio.to_thread(self._asked, letter)

    def _asked(self, letter: DeadLetter) -> bytes | None:
        before = text = _pretty(letter)
        while True:
            text = in_editor(text, letter.message_id or "letter")
            if text.strip() == before.strip():
                complain(f"{letter.message_id} was not changed: it stays", label="note:")
                return None
            try:
                return self._valid(letter, text)
            except DecodeError as error:
                complain(str(error))
                if not typer.confirm("edit it again?", default=True, err=True):
                    return None

    def _valid(self, letter: DeadLetter, text: str) -> bytes:
        """The text as a body of the letter's message. Raises DecodeError."""
        from jararaca.cli.message_lookup import candidates
        from jararaca.messages.base_message import from_json, to_json

        found = candidates(self._messages, letter.topic, letter.name)
        reasons: list[DecodeError] = []
        for each in found:
            try:
                return to_json(from_json(each.message, text.encode()))
            except DecodeError as error:
                reasons.append(error)
        raise reasons[0]


def in_editor(text: str, name: str) -> str:
    """The text as $VISUAL or $EDITOR left it. Raises ConfigurationError."""
    command = os.environ.get("VISUAL") or os.environ.get("EDITOR") or "vi"
    with TemporaryDirectory(prefix="jararaca-") as folder:
        file = Path(folder, f"{''.join(c if c.isalnum() or c == '-' else '_' for c in name)}.json")
        file.write_text(text, encoding="utf-8")
        try:
            subprocess.run([*shlex.split(command), str(file)], check=True)
            return file.read_text(encoding="utf-8")
        except (OSError, ValueError, subprocess.CalledProcessError) as error:
            raise ConfigurationError(f"the editor {command!r} failed: {error}") from error


def _pretty(letter: DeadLetter) -> str:
    try:
        value = json.loads(letter.delivery.body)
    except ValueError:
        raise ConfigurationError(
            f"{letter.message_id} is not JSON: only JSON can be edited"
        ) from None
    return json.dumps(value, indent=2, ensure_ascii=False) + "\n"
