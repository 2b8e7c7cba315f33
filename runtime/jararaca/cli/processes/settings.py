"""The settings of a worker process, from the command line or its environment."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from jararaca.errors import ConfigurationError
from jararaca.observability.logs import LogFormat

LinkLevel = Literal["off", "warn", "fail"]
LEVELS: tuple[LinkLevel, ...] = ("off", "warn", "fail")


@dataclass(frozen=True, slots=True)
class Linking:
    """Whether to link the services at start with what runs in an environment.

    `registry` None is the one of pyproject.toml.
    """

    level: LinkLevel = "off"
    environment: str = ""
    registry: str | None = None


NOT_LINKED = Linking()


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
    linking: Linking = NOT_LINKED

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
            "LINK": self.linking.level,
            "LINK_ENVIRONMENT": self.linking.environment,
            "LINK_REGISTRY": self.linking.registry,
        }
        return {name: value for name, value in given.items() if value}


def linking_of(level: str, environment: str, registry: str | None) -> Linking:
    """The options of `--link`. Raises ConfigurationError."""
    found = next((each for each in LEVELS if each == level), None)
    if found is None:
        raise ConfigurationError(f"--link {level}: write one of {', '.join(LEVELS)}")
    if found != "off" and not environment:
        raise ConfigurationError(f"--link {level} needs an --environment, such as production")
    return Linking(found, environment, registry)
