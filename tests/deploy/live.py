"""The shop as it is deployed: worker and scheduler under the exported rights, and Prometheus."""

from __future__ import annotations

import json
import os
import shlex
import shutil
import socket
import sqlite3
import subprocess
import sys
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

import yaml
from jararaca_compiler.deploying.deployment import Deployment
from jararaca_compiler.deploying.targets.prometheus import prometheus
from jararaca_compiler.deploying.targets.rabbitmq import rabbitmq

from tests.deploy import provider
from tests.deploy.deployments import documents
from tests.support.brokers import Broker, missing

ROOT = Path(__file__).parents[2]
PATIENCE = 150.0
"""Seconds at most; rates of the last minute take that minute to clear."""
PASSWORD = "secret"


def free_port() -> int:
    """One that nobody listens on."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        port: int = server.getsockname()[1]
        return port


def until(check: Callable[[], Any], what: Callable[[], str]) -> Any:
    """Wait for it."""
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        found = check()
        if found:
            return found
        time.sleep(0.3)
    raise AssertionError(f"not within {PATIENCE:g} s: {what()}")


def give_rights(deployment: Deployment, broker: Broker) -> None:
    """Make both accounts, and call what the exported script calls."""
    for user in (deployment.user, deployment.deploy_user):
        assert broker.administer("add_user", user, PASSWORD)
    for line in rabbitmq(deployment)["rabbitmq/accounts.sh"].splitlines():
        words = shlex.split(line, comments=True)
        if words[:1] == ["rabbitmqctl"]:
            assert broker.administer(*words[1:]), line


def take_rights(deployment: Deployment, broker: Broker) -> None:
    """Delete both accounts."""
    for user in (deployment.user, deployment.deploy_user):
        broker.administer("delete_user", user)


def url_for(broker: Broker, user: str) -> str:
    """The broker's URL for another account."""
    parts = urlsplit(broker.url)
    return f"amqp://{quote(user)}:{PASSWORD}@{parts.hostname}:{parts.port or 5672}{parts.path}"


class Process:
    """A command of the shop's, in the background, with ports of its own."""

    def __init__(self, folder: Path, environment: Mapping[str, str], *command: str) -> None:
        self.health, self.metrics = free_port(), free_port()
        self._folder, self._command = folder, command
        self._environment = {
            **os.environ,
            **environment,
            "HEALTH_PORT": str(self.health),
            "METRICS_PORT": str(self.metrics),
        }
        self._running: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it, and wait until it is ready."""
        with (self._folder / f"{self._command[0]}.log").open("ab") as log:
            self._running = subprocess.Popen(
                [sys.executable, "-m", "jararaca.cli", *self._command],
                cwd=ROOT,
                env=self._environment,
                stdout=log,
                stderr=log,
            )
        until(self.is_ready, lambda: f"{self._command[0]} is ready: {self.log()}")

    def is_ready(self) -> bool:
        """What the probe says."""
        try:
            with urllib.request.urlopen(f"http://localhost:{self.health}/ready", timeout=3):
                return True
        except OSError:
            assert self._running is not None and self._running.poll() is None, self.log()
            return False

    def log(self) -> str:
        """The last of what it has said."""
        return (self._folder / f"{self._command[0]}.log").read_text("utf-8", "replace")[-2000:]

    def stop(self) -> None:
        """Let it drain."""
        if self._running is not None:
            self._running.terminate()
            self._running.wait(timeout=30)
            self._running = None


class Prometheus:
    """Prometheus, with the exported rules, over processes on this machine."""

    def __init__(self, deployment: Deployment, folder: Path, targets: list[int]) -> None:
        binary = shutil.which("prometheus")
        if binary is None:
            missing("prometheus is not installed: it evaluates rules and dashboard")
        files = prometheus(deployment)
        [configuration] = documents(files["prometheus/prometheus.yaml"])
        [job] = configuration["scrape_configs"]
        del job["dns_sd_configs"]
        job["static_configs"] = [{"targets": [f"localhost:{port}" for port in targets]}]
        # A process whose database does not answer takes two seconds for a scrape.
        configuration["global"] = {"scrape_interval": "3s", "evaluation_interval": "1s"}
        (folder / "rules.yaml").write_text(files["prometheus/rules.yaml"], "utf-8")
        (folder / "prometheus.yaml").write_text(yaml.safe_dump(configuration), "utf-8")
        self._port, self._binary, self._folder = free_port(), binary, folder
        self._running: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it, and wait until it answers."""
        with (self._folder / "prometheus.log").open("wb") as log:
            self._running = subprocess.Popen(
                [
                    self._binary,
                    "--config.file=prometheus.yaml",
                    "--storage.tsdb.path=data",
                    f"--web.listen-address=127.0.0.1:{self._port}",
                ],
                cwd=self._folder,
                stdout=log,
                stderr=log,
            )
        until(lambda: self._get("/api/v1/status/config"), lambda: "Prometheus answers")

    def query(self, expression: str) -> list[dict[str, Any]]:
        """The series of an expression. Raises AssertionError where it cannot be evaluated."""
        answer = self._get("/api/v1/query?" + urllib.parse.urlencode({"query": expression}))
        assert answer and answer["status"] == "success", f"{expression}: {answer}"
        found: list[dict[str, Any]] = answer["data"]["result"]
        return found

    def firing(self) -> set[str]:
        """The names of the alerts that fire."""
        found = self._get("/api/v1/alerts")["data"]["alerts"]
        return {each["labels"]["alertname"] for each in found if each["state"] == "firing"}

    def fires(self, *alerts: str) -> None:
        """Wait until these fire."""
        until(lambda: set(alerts) <= self.firing(), lambda: f"{alerts} fire, not {self.firing()}")

    def clears(self, *alerts: str) -> None:
        """Wait until these do not."""
        until(
            lambda: not set(alerts) & self.firing(),
            lambda: f"{alerts} clear, but {self.firing()} fire",
        )

    def stop(self) -> None:
        """End it."""
        if self._running is not None:
            self._running.terminate()
            self._running.wait(timeout=30)

    def _get(self, path: str) -> Any:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self._port}{path}", timeout=5) as said:
                return json.load(said)
        except urllib.error.HTTPError as error:
            # What is wrong with a query is JSON; that it is still starting is not.
            return json.load(error) if error.code == 400 else None
        except OSError:
            return None


class LiveShop:
    """All of it, in an empty virtual host."""

    def __init__(self, deployment: Deployment, broker: Broker, redis: str, folder: Path) -> None:
        self.deployment, self.broker, self.folder = deployment, broker, folder
        self.environment = {
            "APP_PATH": "tests.deploy.provider:app",
            provider.OUT: str(folder / "provider-is-out"),
            "DATABASE_URL": f"sqlite+aiosqlite:///{folder}/shop.db",
            "BACKEND_URL": redis,
            "NO_DECLARE": "1",
            "BROKER_URL": url_for(broker, deployment.user),
        }
        self.worker = Process(folder, self.environment, "worker")
        self.scheduler = Process(folder, self.environment, "scheduler")
        targets = [self.worker.metrics, self.scheduler.metrics]
        self.prometheus = Prometheus(deployment, folder, targets)

    def start(self) -> None:
        """Begin with the accounts and the topology."""
        give_rights(self.deployment, self.broker)
        deploying = url_for(self.broker, self.deployment.deploy_user)
        self.jararaca("topology", "apply", BROKER_URL=deploying)
        for each in (self.worker, self.scheduler, self.prometheus):
            each.start()

    def jararaca(self, *arguments: str, **variables: str) -> str:
        """Run a command to its end."""
        done = subprocess.run(
            [sys.executable, "-m", "jararaca.cli", *arguments],
            cwd=ROOT,
            env={**os.environ, **self.environment, **variables},
            capture_output=True,
            text=True,
            timeout=90,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def open_database(self) -> sqlite3.Connection:
        """The shop's database, beside the shop; each statement is a transaction."""
        return sqlite3.connect(self.folder / "shop.db", timeout=PATIENCE, isolation_level=None)

    @contextmanager
    def without_provider(self) -> Iterator[None]:
        """While the payment provider is out."""
        told = Path(self.environment[provider.OUT])
        told.touch()
        try:
            yield
        finally:
            told.unlink()

    def stop(self) -> None:
        """End all of it."""
        for each in (self.prometheus, self.worker, self.scheduler):
            each.stop()
        take_rights(self.deployment, self.broker)
