"""`jararaca worker --reload`: a new process each time a source file has changed."""

from __future__ import annotations

import signal
import subprocess
import threading
from pathlib import Path

from jararaca.application.loading import project_of
from jararaca.cli.console import count, paint, say
from jararaca.cli.processes import children
from jararaca.cli.processes.settings import WorkerSettings
from jararaca.errors import ConfigurationError


def reloading(settings: WorkerSettings, src_dir: str | None) -> int:
    """Run a worker and restart it on changes until stopped; the last one's exit status."""
    from watchfiles import PythonFilter, watch

    folder = _folder(src_dir)
    stopping = threading.Event()
    child = children.start(settings.environment())

    def on_signal() -> None:
        if stopping.is_set() and child.poll() is None:
            child.send_signal(signal.SIGTERM)
        stopping.set()

    children.on_stop_signal(on_signal)
    say(paint(f"watching {folder}", "dim"))
    changes = watch(
        folder,
        watch_filter=PythonFilter(extra_extensions=(".json", ".toml")),
        stop_event=stopping,
        raise_interrupt=False,
    )
    for changed in changes:
        paths = sorted(path for _, path in changed)
        more = f" and {count(len(paths) - 1, 'other file')}" if paths[1:] else ""
        say(paint(f"{_short(paths[0])}{more} changed: restarting", "warn"))
        children.stop(child)
        child = children.start(settings.environment())
    return _last(child)


def _last(child: subprocess.Popen[bytes]) -> int:
    return children.stop(child)


def _folder(src_dir: str | None) -> Path:
    if src_dir is None:
        project = project_of(Path.cwd())
        return project / "src" if (project / "src").is_dir() else project
    if not Path(src_dir).is_dir():
        raise ConfigurationError(f"--src-dir {src_dir}: there is no such folder")
    return Path(src_dir)


def _short(path: str) -> str:
    here = Path.cwd()
    return str(Path(path).relative_to(here)) if Path(path).is_relative_to(here) else path
