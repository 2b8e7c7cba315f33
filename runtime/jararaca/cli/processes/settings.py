"""The settings of a worker process, from the command line or its environment."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from jararaca.observability.logs import LogFormat


@dataclass(frozen=True, slots=True)
class WorkerSettings:
    """The settings of `jararaca worker`."""

    app: str | None
    broker_url: str
    backend_url: str | None
    handlers: tuple[str, ...]
    groups: tuple[str, ...]
    prefetch: int
    shutdown_timeout: float
    declare: bool
    wait_for_broker: float = 0.0
    log_format: LogFormat = "text"

    def environment(self) -> Mapping[str, str]:
        """The same for a child process: passwords in it stay out of the process list."""
        given = {
            "APP_PATH": self.app,
            "BROKER_URL": self.broker_url,
            "BACKEND_URL": self.backend_url,
            "HANDLERS": ",".join(self.handlers),
            "GROUPS": ",".join(self.groups),
            "PREFETCH": str(self.prefetch),
            "SHUTDOWN_TIMEOUT": str(self.shutdown_timeout),
            "WAIT_FOR_BROKER": str(self.wait_for_broker),
            "NO_DECLARE": None if self.declare else "1",
            "LOG_FORMAT": self.log_format,
        }
        return {name: value for name, value in given.items() if value}
