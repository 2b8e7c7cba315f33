"""A project whose events and tasks are partitioned, and all that may publish to them."""

from __future__ import annotations

from pathlib import Path

from tests.cli.project import Project, make_project

DOCUMENT = """
asyncapi: 3.0.0
info: {{title: Pay, version: 1.0.0}}
channels:
  paid:
    address: {prefix}.{{region}}.paid
    parameters: {{region: {{enum: [eu, us]}}}}
    x-stream: {{max-age: 1h}}
    x-partitions: {{count: {count}, by: $message.payload#/order}}
    messages:
      Paid:
        payload:
          type: object
          required: [order, number]
          properties: {{order: {{type: string}}, number: {{type: integer}}}}
      Failed:
        payload: {{type: object, required: [order], properties: {{order: {{type: string}}}}}}
  job:
    address: {prefix}.job
    x-partitions: {{count: 2, by: $message.payload#/key}}
    messages:
      Job:
        x-message-type: task
        payload: {{type: object, required: [key], properties: {{key: {{type: string}}}}}}
        x-schedule: {{every: 1s, payload: {{key: tick}}, catch-up: none}}
  count:
    address: {prefix}.count
    x-partitions: {{count: 2, by: $message.payload#/key}}
    messages:
      Count:
        x-message-type: task
        payload: {{type: object, required: [key], properties: {{key: {{type: string}}}}}}
  counted:
    address: null
    messages:
      Counted: {{payload: {{type: object, required: [key], properties: {{key: {{type: string}}}}}}}}
operations:
  onPaid: {{action: receive, channel: {{$ref: '#/channels/paid'}}}}
  onJob: {{action: receive, channel: {{$ref: '#/channels/job'}}}}
  onCount:
    action: receive
    channel: {{$ref: '#/channels/count'}}
    reply: {{channel: {{$ref: '#/channels/counted'}}}}
"""
HANDLERS = """
from __future__ import annotations

from pathlib import Path

from jararaca import MessageBusController, MessageHandler, MessageOf, RetryPolicy

from generated.pay import messages


def note(text: str) -> None:
    with Path("notes").open("a") as file:
        file.write(text + "\\n")


@MessageBusController()
class PayHandlers:
    @MessageHandler(messages.Paid, retry=RetryPolicy(max_retries=1, initial_delay=0.1))
    async def on_paid_paid(self, message: MessageOf[messages.Paid]) -> None:
        paid = message.payload()
        if paid.number < 0 and not Path("mended").exists():
            raise ValueError("less than nothing")
        note(f"paid {paid.order} {paid.number}")

    @MessageHandler(messages.Failed)
    async def on_paid_failed(self, message: MessageOf[messages.Failed]) -> None:
        note(f"failed {message.payload().order}")

    @MessageHandler(messages.Job)
    async def on_job(self, message: MessageOf[messages.Job]) -> None:
        key = message.payload().key
        note(f"job {key}")
        if key == "ask":
            answer = await messages.Count(key="asked").request()
            note(f"answered {answer.key}")
            await messages.Paid(order="by-job", number=1).publish(region="eu")
            await messages.Count(key="delayed").delay(0.5)

    @MessageHandler(messages.Count)
    async def on_count(self, message: MessageOf[messages.Count]) -> messages.Counted:
        key = message.payload().key
        note(f"count {key}")
        return messages.Counted(key=key)
"""
APP = """
from jararaca import Microservice
from jararaca.integrations.sqlalchemy import Database

from generated.pay.routes import SERVICE

database = Database("sqlite+aiosqlite:///pay.db", outbox=True, create_tables=True)
app = Microservice(SERVICE, integrations=[database])
"""


def partitioned_project(folder: Path, broker_url: str) -> Project:
    """Compiled, with two partitions of what is paid, and nothing on the broker yet."""
    made = make_project(folder, broker_url)
    project = Project(folder, made.prefix, {**made.environment, "APP_PATH": "payapp:app"})
    (folder / "handlers").mkdir()
    (folder / "handlers" / "pay.py").write_text(HANDLERS)
    (folder / "payapp.py").write_text(APP)
    divide(project, 2)
    return project


def divide(project: Project, count: int) -> None:
    """Compile with so many partitions of what is paid."""
    document = DOCUMENT.format(prefix=project.prefix, count=count)
    (project.folder / "pay.asyncapi.yaml").write_text(document)
    done = project.run("codegen", "pay.asyncapi.yaml")
    assert done.returncode == 0, done.stdout + done.stderr
