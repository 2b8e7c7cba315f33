"""A small project in a folder of its own, and the command line run in it as a person would."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

APP = """
from __future__ import annotations

import asyncio
import os
from pathlib import Path

from jararaca import (
    Message, MessageBusController, MessageHandler, MessageOf, Microservice, RetryPolicy, reject,
    route, stub,
)
from dataclasses import replace
from tests.support.services import service_of

P = "{prefix}"


class Placed(Message):
    MESSAGE_TOPIC = f"{{P}}.{{{{region}}}}.placed"
    number: int


class Work(Message):
    MESSAGE_TOPIC = f"{{P}}.work"
    MESSAGE_TYPE = "task"
    number: int
    seconds: float = 0.0


class Nobody(Message):
    MESSAGE_TOPIC = f"{{P}}.nobody"
    MESSAGE_TYPE = "task"


class Unheard(Message):
    MESSAGE_TOPIC = f"{{P}}.unheard"


@MessageBusController()
class Little:
    @MessageHandler(Placed)
    async def on_placed(self, message: MessageOf[Placed]) -> None:
        note(f"placed {{message.payload().number}} {{message.parameters['region']}}")

    @MessageHandler(Work, retry=RetryPolicy(max_retries=0), group="slow")
    async def work(self, message: MessageOf[Work]) -> None:
        job = message.payload()
        note(f"begun {{job.number}}")
        if job.number < 0:
            reject("negative numbers are not worked on")
        await asyncio.sleep(job.seconds)
        note(f"done {{job.number}} by {{os.getpid()}}")

    @stub
    @MessageHandler(Placed)
    async def later(self, message: MessageOf[Placed]) -> None:
        raise NotImplementedError


def note(text: str) -> None:
    with Path("notes").open("a") as file:
        file.write(text + "\\n")


SERVICE = replace(
    service_of(
        route(operation="onPlaced", queue=f"{{P}}.on_placed", binding_keys=(f"{{P}}.*.placed",),
              message=Placed, controller=Little, handler=Little.on_placed,
              parameters=(("region", 1),)),
        route(operation="work", queue=f"{{P}}.work", binding_keys=(f"{{P}}.work",),
              message=Work, controller=Little, handler=Little.work),
        route(operation="later", queue=f"{{P}}.later", binding_keys=(f"{{P}}.*.placed",),
              message=Placed, controller=Little, handler=Little.later),
        name="little",
    ),
    path=__file__,
)
SERVICE = replace(SERVICE, messages=(*SERVICE.messages, Nobody, Unheard))
app = Microservice(SERVICE)
"""
EXAMPLES = """
{"Placed": [
  {"name": "first", "payload": {"number": 1}, "headers": {}, "parameters": {"region": "br"}},
  {"name": "second", "payload": {"number": 2}, "headers": {}, "parameters": {"region": "pt"}}
]}
"""
ROOT = Path(__file__).parents[2]
IMPORTED = os.pathsep.join(str(ROOT / part) for part in (".", "runtime", "compiler", "shared"))
DEADLINE = 30


@dataclass(frozen=True)
class Project:
    """The folder, the environment that commands run in, and the Python that has them."""

    folder: Path
    prefix: str
    environment: Mapping[str, str]
    python: str = sys.executable

    def run(self, *arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
        """Run `jararaca ...` to its end."""
        return subprocess.run(
            [self.python, "-m", "jararaca.cli", *arguments],
            cwd=self.folder,
            env={**self.environment, **variables},
            capture_output=True,
            text=True,
            timeout=60,
        )

    def start(self, *arguments: str) -> Running:
        """Start `jararaca worker ...`; returns when it is ready."""
        running = Running(self, arguments)
        running.wait_for("ready")
        return running

    @property
    def notes(self) -> list[str]:
        """What the handlers have noted."""
        path = self.folder / "notes"
        return path.read_text().splitlines() if path.exists() else []

    def wait_for_note(self, text: str, times: int = 1) -> list[str]:
        """The notes, once so many begin with the text."""
        deadline = time.monotonic() + DEADLINE
        while time.monotonic() < deadline:
            if sum(note.startswith(text) for note in self.notes) >= times:
                return self.notes
            time.sleep(0.05)
        raise AssertionError(f"no {text!r} among {self.notes}")


class Running:
    """A process that runs on, a worker by default, whose output goes into a file."""

    def __init__(
        self, project: Project, arguments: tuple[str, ...], command: str = "worker"
    ) -> None:
        self.path = project.folder / f"output-{uuid4().hex[:6]}"
        with self.path.open("w") as output:
            self.process = subprocess.Popen(
                [project.python, "-m", "jararaca.cli", command, *arguments],
                cwd=project.folder,
                env=dict(project.environment),
                stdout=output,
                stderr=subprocess.STDOUT,
            )

    @property
    def output(self) -> str:
        """All that it has printed so far."""
        return self.path.read_text()

    def wait_for(self, text: str, times: int = 1) -> None:
        """Return once the output has the text so often."""
        deadline = time.monotonic() + DEADLINE
        while time.monotonic() < deadline:
            if self.output.count(text) >= times:
                return
            time.sleep(0.05)
        raise AssertionError(f"no {text!r} in:\n{self.output}")

    def end(self) -> None:
        """Make sure that it is gone, its children too."""
        if self.process.poll() is None:
            self.process.terminate()
            self.process.wait(DEADLINE)


def make_project(folder: Path, broker_url: str) -> Project:
    """A project with the module `little`, and its examples beside it."""
    prefix = f"little-{uuid4().hex[:8]}"
    (folder / "little.py").write_text(APP.format(prefix=prefix))
    (folder / "examples.json").write_text(EXAMPLES)
    kept = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    environment = {**kept, "PYTHONPATH": IMPORTED, "BROKER_URL": broker_url, "APP_PATH": "little"}
    return Project(folder, prefix, environment)
