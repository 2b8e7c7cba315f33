"""`jararaca dev`: everything in one process, started again when a file is saved."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

import typer
from jararaca_shared.settings import SettingsError, read_settings

from jararaca.cli.console import paint, say
from jararaca.cli.help import RUN, examples
from jararaca.cli.options import AppArgument
from jararaca.errors import ConfigurationError

EPILOG = examples(
    "jararaca dev                         with a broker in memory",
    "jararaca dev --broker-url amqp://guest:guest@localhost:5672/ --port 8080",
)
WATCHED = (".py", ".yaml", ".yml", ".json", ".toml", ".avsc", ".proto")
IGNORED = {"__pycache__", "node_modules", "site"}
DOCUMENTS = (".yaml", ".yml", ".json", ".avsc", ".proto")


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command(rich_help_panel=RUN, epilog=EPILOG)(dev)


def dev(
    app: AppArgument = None,
    broker_url: Annotated[
        str,
        typer.Option(
            metavar="URL", help="The broker: amqp://..., or memory:// for one in the same process."
        ),
    ] = "memory://dev",
    port: Annotated[
        int, typer.Option(metavar="PORT", help="The port of the documentation site on localhost.")
    ] = 8000,
) -> None:
    """Run worker, broker and docs in one process, with reload.

    The documentation site has a desk: it sends messages and requests, shows what becomes of each
    through all handlers, and replays dead letters. Documents are compiled when you save them.
    While one has an error, the last valid state keeps running.
    """
    from jararaca.application.loading import project_of

    # Its processes all work in the project, and none of its options is a path.
    os.chdir(project_of(Path.cwd()))
    environment = {"BROKER_URL": broker_url, "DEV_PORT": str(port)}
    if app:
        environment["APP_PATH"] = app
    if _has_documents() and (status := _codegen()):
        raise typer.Exit(status)
    raise typer.Exit(_watching(environment))


def _watching(environment: Mapping[str, str]) -> int:
    from watchfiles import watch

    from jararaca.cli.processes import children

    stopping = threading.Event()
    children.on_stop_signal(stopping.set)
    child = _start(environment)
    changes = watch(
        Path(),
        watch_filter=lambda _, path: _is_watched(path),
        stop_event=stopping,
        raise_interrupt=False,
    )
    for changed in changes:
        paths = sorted(path for _, path in changed)
        if any(path.endswith(DOCUMENTS) for path in paths) and _has_documents():
            # What it writes comes by as a change of its own, and starts the process again.
            _codegen()
        if any(path.endswith((".py", ".toml")) for path in paths):
            say(paint(f"{Path(paths[0]).name} changed: restarting", "dim"))
            children.stop(child)
            child = _start(environment)
    return children.stop(child)


def _start(environment: Mapping[str, str]) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "jararaca.dev"]
    return subprocess.Popen(command, env={**os.environ, **environment}, start_new_session=True)


def _has_documents() -> bool:
    """Whether there is something to compile; controllers without a document are, at their start."""
    try:
        return bool(read_settings(Path.cwd()).get("sources"))
    except SettingsError as error:
        raise ConfigurationError(str(error)) from error


def _codegen() -> int:
    """Compile what has changed; its diagnostics are on the terminal."""
    done = subprocess.run([sys.executable, "-m", "jararaca.cli", "codegen"], check=False)
    return done.returncode if done.returncode >= 0 else 128 + signal.SIGTERM


def _is_watched(path: str) -> bool:
    here = Path.cwd()
    place = Path(path)
    parts = (place.relative_to(here) if place.is_relative_to(here) else place).parts
    ignored = any(part.startswith(".") or part in IGNORED for part in parts)
    return not ignored and path.endswith(WATCHED)
