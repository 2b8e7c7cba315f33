"""The system as its user described it: each code block and command line is run as it stands."""

from __future__ import annotations

import asyncio
import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest
from websockets.asyncio.client import connect

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
SEED = [line.strip() for line in (HERE / "seed.txt").read_text("utf-8").splitlines()]
BLOCKS = {
    path.name.partition(".")[0]: path.read_text("utf-8") for path in (HERE / "blocks").iterdir()
}
COMMANDS = [line for line in SEED if line.startswith(("jararaca worker", "export "))]
BROKER, BACKEND = (
    "amqp://guest:guest@localhost:5672/?exchange=jararaca",
    "redis://localhost:6379",
)
"""What the command lines name; the tests' own servers stand in for them."""

PLACEHOLDERS = """
import asyncio
from jararaca import Message, MessageBusController, MessageHandler, MessageOf, Microservice
from jararaca import RetryPolicy, WebSocketMessage
from jararaca.integrations.websockets import WebSockets

class TemporaryError(Exception): ...
class PermanentError(Exception): ...

class TaskMessage(Message):
    MESSAGE_TOPIC = "seed.task"
    MESSAGE_TYPE = "task"
    kind: str

class UserActivityMessage(Message):
    MESSAGE_TOPIC = "user.activity"
    user_id: str
    action: str
    timestamp: float

class ActivityNotification(WebSocketMessage):
    user_id: str
    action: str
    timestamp: float
"""
PROCESSING = '''
class Processor(TaskProcessor):
    """What the seed leaves open: `process_task_data`."""
    tried = 0

    async def process_task_data(self, task):
        print(f"task {task.kind}", flush=True)
        if task.kind == "temporary" and not Processor.tried:
            Processor.tried += 1
            raise TemporaryError
        if task.kind == "permanent":
            raise PermanentError
        print(f"done {task.kind}", flush=True)

async def rooms(socket):
    return [f"user-{socket.query_params['user']}"]

app = Microservice(
    controllers=[UserEventsController, Processor, NotificationController],
    integrations=[WebSockets(on_connect=rooms)],
)
'''
WEB = """
from contextlib import asynccontextmanager
import os
from jararaca import Host
from jararaca.transport.connect import transport_for
from starlette.applications import Starlette
from starlette.routing import WebSocketRoute
from myapp.main import app

sockets = app.integrations[0]
host = Host(app, transport_for(os.environ["BROKER_URL"]), os.environ["BACKEND_URL"])

@asynccontextmanager
async def lifespan(_):
    await host.start()
    yield
    await host.stop()

web = Starlette(routes=[WebSocketRoute("/ws", sockets.endpoint)], lifespan=lifespan)
"""


def lines(block: str) -> list[str]:
    return [line.strip() for line in block.splitlines() if line.strip()]


@pytest.mark.parametrize("name", sorted(BLOCKS))
def test_a_block_is_the_seed_word_for_word(name: str) -> None:
    block = lines(BLOCKS[name])
    whole = [line for line in SEED if line]
    assert any(whole[at : at + len(block)] == block for at in range(len(whole)))


def test_no_block_of_the_seed_is_left_out() -> None:
    code = re.compile(r"from jararaca|@Message|class \w+\(|async def |await |worker_config = ")
    known = {line for block in BLOCKS.values() for line in lines(block)}
    assert [line for line in SEED if code.match(line) and line not in known] == []


def test_every_command_line_of_the_seed_is_run_here() -> None:
    assert len([line for line in COMMANDS if line.startswith("jararaca worker")]) == 3
    assert {line for line in SEED if "jararaca worker" in line} == {
        line for line in COMMANDS if line.startswith("jararaca worker")
    }


class Seed:
    """The application in a folder of its own, and its command lines, run there by a shell."""

    def __init__(self, folder: Path, broker_url: str, backend_url: str) -> None:
        self.folder = folder
        self.broker_url, self.backend_url = broker_url, backend_url
        package = folder / "src/myapp"
        package.mkdir(parents=True)
        parts = ("message", "handler", "control", "websocket")
        code = "\n".join([PLACEHOLDERS, *(BLOCKS[each] for each in parts), PROCESSING])
        (package / "__init__.py").touch()
        (package / "main.py").write_text(code)
        (package / "web.py").write_text(WEB)
        (folder / "pyproject.toml").write_text('[tool.jararaca]\nimport-root = "src"\n')
        roots = (".", "runtime", "compiler", "shared")
        self.environment = {
            "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
            "PYTHONPATH": os.pathsep.join([str(folder / "src"), *(str(ROOT / r) for r in roots)]),
            "PYTHONUNBUFFERED": "1",
        }
        self._running: list[subprocess.Popen[bytes]] = []
        self.output = folder / "output"

    def start(self, *lines: str, **variables: str) -> None:
        """Run command lines in a shell of their own, with the servers that are here."""
        text = "\n".join(lines).replace(BROKER, self.broker_url).replace(BACKEND, self.backend_url)
        with self.output.open("ab") as output:
            self._running.append(
                subprocess.Popen(
                    ["bash", "-c", text],
                    cwd=self.folder,
                    env={**self.environment, **variables},
                    stdout=output,
                    stderr=subprocess.STDOUT,
                    start_new_session=True,
                )
            )

    def publish(self, topic: str, **body: object) -> None:
        """Publish a message by the command line."""
        given = [topic, json.dumps(body), "--app", "myapp.main:app"]
        done = subprocess.run(
            ["jararaca", "publish", *given, "--broker-url", self.broker_url],
            cwd=self.folder,
            env=self.environment,
            capture_output=True,
            text=True,
        )
        assert done.returncode == 0, done.stderr

    def wait_for(self, text: str, times: int = 1) -> None:
        """Return once the output has the text so often."""
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            if self.output.read_text().count(text) >= times:
                return
            time.sleep(0.05)
        raise AssertionError(f"no {text!r} in:\n{self.output.read_text()}")

    def end(self) -> None:
        """Stop what runs, with its children."""
        for process in self._running:
            os.killpg(process.pid, signal.SIGTERM)
        for process in self._running:
            process.wait(60)


@pytest.fixture
def seed(tmp_path: Path, scratch_broker_url: str, redis_url: str) -> Iterator[Seed]:
    """The command lines with the tests' servers: their own words but for the addresses."""
    separator = "&" if "?" in scratch_broker_url else "?"
    made = Seed(tmp_path, f"{scratch_broker_url}{separator}exchange=jararaca", redis_url)
    try:
        yield made
    finally:
        made.end()


def command(number: int) -> str:
    return [line for line in COMMANDS if line.startswith("jararaca worker")][number]


def created(number: int) -> Mapping[str, str]:
    return {"user_id": str(number), "username": f"user{number}", "email": "a@example.org"}


def test_the_seeds_application_consumes_as_it_is_written(seed: Seed) -> None:
    seed.start(command(0))
    seed.wait_for("ready: 3 handlers on 3 queues")
    seed.publish("user.created", **created(1))
    seed.wait_for("User created: user1")
    for kind in ("plain", "temporary", "permanent"):
        seed.publish("seed.task", kind=kind)
    seed.wait_for("done plain")
    seed.wait_for("task temporary", 2)
    seed.wait_for("done temporary")
    seed.wait_for("task permanent")
    seed.wait_for("dead-lettered")


def test_the_worker_is_reloaded_when_a_source_is_saved(seed: Seed) -> None:
    seed.start(command(1))
    seed.wait_for("ready: 3 handlers")
    main = seed.folder / "src/myapp/main.py"
    main.write_text(main.read_text().replace("User created:", "User was created:"))
    seed.wait_for("ready: 3 handlers", 2)
    seed.publish("user.created", **created(2))
    seed.wait_for("User was created: user2")


def test_the_worker_takes_everything_from_the_environment(seed: Seed) -> None:
    at = COMMANDS.index(next(line for line in COMMANDS if line.startswith("export")))
    seed.start(*COMMANDS[at:])
    seed.wait_for("ready: 3 handlers")
    seed.publish("user.created", **created(3))
    seed.wait_for("User created: user3")


async def test_a_notification_reaches_the_users_room(seed: Seed) -> None:
    seed.start(command(0))
    port = free_port()
    seed.start(
        f"exec python -m uvicorn myapp.web:web --port {port}",
        BROKER_URL=seed.broker_url,
        BACKEND_URL=seed.backend_url,
    )
    await asyncio.to_thread(seed.wait_for, "ready: 3 handlers")
    await asyncio.to_thread(seed.wait_for, "Uvicorn running")
    async with connect(f"ws://127.0.0.1:{port}/ws?user=7") as client:
        activity = {"user_id": "7", "action": "login", "timestamp": 1.5}
        await asyncio.to_thread(lambda: seed.publish("user.activity", **activity))
        frame = json.loads(await asyncio.wait_for(client.recv(), 30))
    assert frame == {"type": "ActivityNotification", "payload": activity}


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
