"""A project of two services that share a message, in a folder of its own."""

from __future__ import annotations

import importlib
import itertools
import sys
from contextlib import redirect_stderr, redirect_stdout
from io import StringIO
from pathlib import Path
from types import ModuleType
from typing import Any

from jararaca_compiler.commands.codegen import Codegen, Request
from jararaca_compiler.project.config import read_config

EVENTS = """
asyncapi: 3.0.0
info: {title: Team events, version: 1.0.0}
channels:
  userCreated:
    address: user.created
    messages:
      UserCreated: {$ref: '#/components/messages/UserCreated'}
components:
  messages:
    UserCreated:
      summary: Somebody signed up.
      payload:
        type: object
        required: [id, address]
        properties:
          id: {type: string}
          address: {$ref: '#/components/schemas/Address'}
      examples:
        - payload: {id: '7', address: {city: Bahia}}
  schemas:
    Address:
      type: object
      required: [city]
      properties:
        city: {type: string}
    Size: {type: string, enum: [small, large]}
"""
ORDERS = """
asyncapi: 3.0.0
info: {title: Orders, version: 1.0.0}
channels:
  userCreated: {$ref: 'events.yaml#/channels/userCreated'}
  placed:
    address: order.placed
    messages:
      OrderPlaced:
        payload:
          type: object
          required: [to]
          properties:
            to: {$ref: 'events.yaml#/components/schemas/Address'}
            size: {$ref: 'events.yaml#/components/schemas/Size'}
operations:
  onUserCreated: {action: receive, channel: {$ref: '#/channels/userCreated'}}
  place: {action: send, channel: {$ref: '#/channels/placed'}}
"""
BILLING = """
asyncapi: 3.0.0
info: {title: Billing, version: 1.0.0}
channels:
  users:
    address: user.created
    messages:
      UserCreated: {$ref: 'events.yaml#/components/messages/UserCreated'}
operations:
  welcome: {action: receive, channel: {$ref: '#/channels/users'}}
  signUp: {action: send, channel: {$ref: '#/channels/users'}}
"""
SHARED = '[tool.jararaca.shared]\nteam_events = ["schemas/events.yaml"]\n'
_NUMBERS = itertools.count()


class Team:
    """The project; its generated package has a name that no other project's has."""

    def __init__(self, folder: Path, shared: str = SHARED) -> None:
        self.folder = folder
        self.output = f"made_{next(_NUMBERS)}"
        (folder / "schemas").mkdir()
        self.write(events=EVENTS, orders=ORDERS, billing=BILLING)
        self.configure(shared)

    def configure(self, shared: str) -> None:
        """Write pyproject.toml."""
        (self.folder / "pyproject.toml").write_text(
            f'[tool.jararaca]\nsources = ["schemas"]\noutput = "{self.output}"\n'
            f'handlers = "{self.output}_{{service}}.py"\n\n{shared}'
        )

    def write(self, **documents: str) -> None:
        """Write documents by their names."""
        for name, text in documents.items():
            (self.folder / f"schemas/{name}.yaml").write_text(text)

    def codegen(self, *sources: str, **request: Any) -> tuple[int, str]:
        """A run of `jararaca codegen`: its exit status, and all that it says."""
        said = StringIO()
        with redirect_stdout(said), redirect_stderr(said):
            config = read_config(self.folder).override(sources=sources)
            status = Codegen(self.folder, config, Request(**request)).run()
        return status, said.getvalue()

    def compiled(self) -> Team:
        """The project, once it has been compiled without a complaint."""
        status, said = self.codegen()
        assert status == 0, said
        return self

    def text(self, path: str) -> str:
        """A generated file."""
        return (self.folder / self.output / path).read_text()

    def module(self, name: str) -> ModuleType:
        """A generated module (`orders.messages`), or a service's handlers (`_orders`)."""
        sys.path.insert(0, str(self.folder))
        try:
            importlib.invalidate_caches()
            joined = f"{self.output}{name}" if name.startswith("_") else f"{self.output}.{name}"
            return importlib.import_module(joined)
        finally:
            sys.path.remove(str(self.folder))
