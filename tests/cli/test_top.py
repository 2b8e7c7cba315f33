"""`jararaca top` and `dead-letters counts` ask RabbitMQ's management API, as it answers."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any, ClassVar

import pytest
from jararaca.contract.topology import DEAD_LETTER_SUFFIX, PartitionedQueue
from jararaca.errors import ConfigurationError, ManagementError
from jararaca.operations.dead_letter import PARKED
from jararaca.operations.management import Management, QueueState
from jararaca.operations.queue_view import together, view_of
from jararaca_shared import management_api

from tests.cli.project import Project

BUSY = {
    "name": "shop.orders",
    "messages_ready": 7,
    "messages_unacknowledged": 3,
    "consumers": 2,
    "message_stats": {
        "publish_details": {"rate": 12.5},
        "ack_details": {"rate": 10.0},
        "redeliver_details": {"rate": 0.4},
    },
}
TOLD = [
    {"name": "shop.quiet", "messages_ready": 0, "consumers": 1},
    BUSY,
    {"name": f"shop.orders{DEAD_LETTER_SUFFIX}", "messages_ready": 4},
    {"name": "jararaca.delay.03", "messages_ready": 5},
    {"name": f"gone{DEAD_LETTER_SUFFIX}", "messages_ready": 1},
]


class Api(BaseHTTPRequestHandler):
    """Answers as the plugin does."""

    asked: ClassVar[list[str]] = []

    def do_GET(self) -> None:
        self.asked.append(self.path)
        is_known = self.headers["Authorization"] == "Basic Z3Vlc3Q6Z3Vlc3Q="
        self.send_response(200 if is_known else 401)
        self.end_headers()
        self.wfile.write(json.dumps(TOLD if is_known else {"error": "not_authorised"}).encode())

    def log_message(self, *_: Any) -> None:
        """Nothing on stderr."""


class Odd(Api):
    """Another server: it answers whoever asks, and always the same."""

    body: ClassVar[bytes] = b""

    def do_GET(self) -> None:
        self.send_response(200)
        self.end_headers()
        self.wfile.write(self.body)


@pytest.fixture
def api() -> Iterator[str]:
    yield from served(Api)


@pytest.fixture
def odd() -> Iterator[str]:
    yield from served(Odd)


def served(handler: type[Api]) -> Iterator[str]:
    server = HTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


def test_a_row_has_a_queue_with_its_dead_letters_the_busiest_first() -> None:
    view = view_of(map(QueueState.of, TOLD))
    assert [(row.state.name, row.dead) for row in view.rows] == [
        ("shop.orders", 4),
        ("gone", 1),
        ("shop.quiet", None),
    ]
    assert view.delayed == 5
    busy = view.rows[0].state
    assert (busy.ready, busy.in_flight, busy.consumers) == (7, 3, 2)
    assert (busy.published, busy.acked, busy.redelivered) == (12.5, 10.0, 0.4)


def test_only_the_applications_queues_are_shown_where_there_is_one() -> None:
    view = view_of(map(QueueState.of, TOLD), {"shop.quiet"})
    assert [row.state.name for row in view.rows] == ["shop.quiet"]


def test_a_partitioned_queue_is_one_row_of_sums_and_the_fewest_consumers() -> None:
    states = [
        QueueState("q", 1, 0, 1, 3.0),
        QueueState("q.p0", 2, 5, 1, 1.0, 2.0),
        QueueState("q.p1", 4, 0, 0, 0.5, 0.0, 0.1),
        QueueState("q.dead-letters", 7),
        QueueState("q.p9", 1),
    ]
    view = view_of(together(states, [PartitionedQueue("q", 2)]))
    assert [(row.state, row.dead) for row in view.rows] == [
        (QueueState("q", 7, 5, 0, 4.5, 2.0, 0.1), 7),
        (QueueState("q.p9", 1), None),
    ]


def test_delayed_messages_for_queues_that_are_gone_are_no_tries_to_come() -> None:
    """A whole virtual host is told of them, and each application too: nobody else would be."""
    for name in PARKED:
        parked = {"name": name, "messages_ready": 2}
        for wanted in (None, {"shop.quiet"}):
            view = view_of(map(QueueState.of, [*TOLD, parked]), wanted)
            shown = (name.removesuffix(DEAD_LETTER_SUFFIX), 2)
            assert view.delayed == 5
            assert shown in [(row.state.name, row.dead) for row in view.rows]


def test_one_look_without_an_application(api: str, project: Project) -> None:
    (project.folder / "empty").mkdir()
    stranger = Project(project.folder / "empty", "", {**project.environment, "APP_PATH": ""})
    url = "amqp://localhost/team%2Fa"
    done = stranger.run("top", "--once", "--broker-url", url, MANAGEMENT_URL=api)
    assert done.returncode == 0, done.stderr
    [headings, busy, *_, footer] = done.stdout.splitlines()
    assert headings.split()[:2] == ["queue", "consumers"]
    assert busy.split() == ["shop.orders", "2", "7", "3", "12.5", "10.0", "0.4", "4"]
    assert footer.endswith(": 5")
    assert Api.asked[-1].startswith("/api/queues/team%2Fa?columns=name,")
    record = json.loads(
        stranger.run("top", "--json", "--broker-url", url, MANAGEMENT_URL=api).stdout
    )
    assert record["queues"][0]["dead_letters"] == 4 and record["delayed"] == 5


def test_an_account_that_is_refused_is_one_line(api: str, project: Project) -> None:
    url = "amqp://other:secret-word@localhost/"
    done = project.run("top", "--once", "--broker-url", url, MANAGEMENT_URL=api)
    assert done.returncode == 1 and "rabbitmqctl set_user_tags other monitoring" in done.stderr
    assert len(done.stderr.splitlines()) == 1 and "secret-word" not in done.stderr


@pytest.mark.broker
def test_without_the_api_amqp_tells_what_waits(broker_project: Project) -> None:
    assert broker_project.run("topology", "apply").returncode == 0
    topic = f"{broker_project.prefix}.work"
    assert broker_project.run("publish", topic, '{"number": 1}').returncode == 0
    done = broker_project.run("top", "--json")
    assert done.returncode == 0, done.stderr
    rows = {row["name"]: row for row in json.loads(done.stdout)["queues"]}
    assert (rows[topic]["ready"], rows[topic]["dead_letters"]) == (1, 0)


@pytest.mark.parametrize("url", ["ftp://x", "x"])
def test_a_management_url_of_another_kind_is_refused(url: str) -> None:
    with pytest.raises(ConfigurationError):
        Management.of("amqp://localhost", url)


def test_what_is_not_the_api_is_told(api: str) -> None:
    nobody = Management.of("amqp://localhost", "http://127.0.0.1:1")
    with pytest.raises(ManagementError, match="rabbitmq-plugins enable"):
        nobody.queues()
    assert Management.of("amqp://localhost", api).dead_letter_queues() == ["gone", "shop.orders"]


@pytest.mark.parametrize(
    "body",
    [
        b"<html><body>Please log in</body></html>",
        b"",
        b"\xff\xfe",
        b"[" * 100_000,
        b'{"name": "a"}',
        b'[{"kind": "no queue"}]',
        b'[{"name": "a", "messages_ready": "many"}]',
        b'[{"name": "a", "message_stats": [1]}]',
    ],
)
def test_what_another_server_answers_is_one_error(
    odd: str, body: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Odd, "body", body)
    with pytest.raises(ManagementError, match=r"127\.0\.0\.1.* is not RabbitMQ's management API"):
        Management.of("amqp://localhost", odd).queues()


def test_why_it_does_not_answer_is_told_in_words(odd: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ManagementError, match=r"does not answer \(Connection refused\): enable it"):
        Management.of("amqp://localhost", "http://127.0.0.1:1").queues()
    with pytest.raises(ManagementError, match=r"does not answer \([a-z ]+\): enable it"):
        Management.of("amqp://localhost", odd.replace("http:", "https:")).queues()


def test_an_answer_that_trickles_has_an_end(odd: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(management_api, "WHOLE_SECONDS", 0.0)
    monkeypatch.setattr(Odd, "body", b"[ ]")
    with pytest.raises(ManagementError, match=r"does not answer \(no answer in time\)"):
        Management.of("amqp://localhost", odd).queues()
