"""`[tool.jararaca.deploy]`: what only the operator knows, with defaults for all of it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from difflib import get_close_matches
from pathlib import PurePosixPath
from typing import Any

from jararaca_compiler.project.config import ConfigError

TARGETS = (
    "docker",
    "compose",
    "kubernetes",
    "keda",
    "systemd",
    "rabbitmq",
    "prometheus",
    "grafana",
)
TABLE = "[tool.jararaca.deploy]"
_ENVIRONMENT_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*", re.ASCII)
_PYTHON = re.compile(r"3\.[0-9]{1,2}", re.ASCII)
_QUANTITY = re.compile(r"[0-9]+(\.[0-9]+)?(m|k|M|G|Ki|Mi|Gi)?", re.ASCII)
_IMAGE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._/:@-]*", re.ASCII)
_DNS_LABEL = re.compile(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?", re.ASCII)
_SECRET = re.compile(r"[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?", re.ASCII)
_UNIX_NAME = re.compile(r"[a-z_][a-z0-9_-]{0,30}", re.ASCII)
_PLAIN_PATH = re.compile(r"/[A-Za-z0-9._/@-]*", re.ASCII)
_RELATIVE_PATH = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._/-]*", re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertSettings:
    """From when on is told of; numbers of messages, and seconds.

    `oldest_message` None is what a queue's handler may take for all its tries, 5 minutes at least.
    `hold` is how long something must last; what is worse holds for shorter.
    """

    dead_letters: int = 0
    backlog: int = 1_000
    oldest_message: float | None = None
    outbox_lag: float = 60.0
    schedule_late: float = 120.0
    hold: float = 300.0
    slow: float = 0.8


@dataclass(frozen=True, slots=True, kw_only=True)
class DeploySettings:
    """What is exported, and what the operator's places are called.

    `copy` are the folders and files that the image gets besides what `pip install .` installs.
    `secret` holds the environment of the application, BROKER_URL in it; `deploy_secret` that of
    `topology apply`. `messages_per_replica` is what KEDA keeps in a queue for each replica.
    """

    targets: tuple[str, ...] = TARGETS
    output: str = "deploy"
    name: str | None = None
    image: str | None = None
    python: str = "3.13"
    base_image: str | None = None
    copy: tuple[str, ...] = ()
    namespace: str | None = None
    replicas: int = 2
    max_replicas: int = 10
    messages_per_replica: int = 200
    prefetch: int = 200
    shutdown_timeout: float | None = None
    cpu: str = "100m"
    memory: str = "256Mi"
    secret: str | None = None
    deploy_secret: str | None = None
    vhost: str = "/"
    user: str | None = None
    deploy_user: str | None = None
    directory: str | None = None
    system_user: str | None = None
    environment: Mapping[str, str] = field(default_factory=dict)
    alerts: AlertSettings = AlertSettings()


_FORMS: Mapping[str, re.Pattern[str]] = {
    "python": _PYTHON,
    "image": _IMAGE,
    "base_image": _IMAGE,
    "namespace": _DNS_LABEL,
    "cpu": _QUANTITY,
    "memory": _QUANTITY,
    "secret": _SECRET,
    "deploy_secret": _SECRET,
    "directory": _PLAIN_PATH,
    "system_user": _UNIX_NAME,
    "output": _RELATIVE_PATH,
}
_LEAST = {"replicas": 1, "max_replicas": 1, "messages_per_replica": 1, "prefetch": 1}


def deploy_settings(table: Any, output: str | None = None) -> DeploySettings:
    """The settings of the table, or the defaults. Raises ConfigError."""
    if not isinstance(table, Mapping):
        raise ConfigError(f"[tool.jararaca] deploy must be a table: {TABLE}")
    values = _values(DeploySettings, table, TABLE)
    if "alerts" in values:
        alerts = _values(AlertSettings, values["alerts"], "[tool.jararaca.deploy.alerts]")
        values["alerts"] = AlertSettings(**alerts)
    made = DeploySettings(**values)
    if output:
        made = replace(made, output=output)
    _check(made)
    return made


def _values(kind: type[Any], table: Mapping[str, Any], where: str) -> dict[str, Any]:
    """The table's values by the names of the fields, each of the field's type."""
    types = {each.name: str(each.type) for each in fields(kind)}
    found: dict[str, Any] = {}
    for key, value in table.items():
        name = key.replace("-", "_")
        if name not in types or "_" in key:
            near = get_close_matches(key, [each.replace("_", "-") for each in types], n=1)
            hint = f"; did you mean {near[0]}?" if near else ""
            raise ConfigError(f"{where}: there is no setting {key!r}{hint}")
        found[name] = _typed(value, types[name], f"{where} {key}")
    return found


def _typed(value: Any, kind: str, where: str) -> Any:
    if kind.startswith("tuple"):
        if isinstance(value, list) and all(isinstance(each, str) for each in value):
            return tuple(value)
        raise ConfigError(f"{where} must be a list of texts")
    if kind.startswith(("Mapping", "AlertSettings")):
        if isinstance(value, Mapping):
            return value
        raise ConfigError(f"{where} must be a table")
    if kind.startswith("str"):
        if isinstance(value, str) and value:
            return value
        raise ConfigError(f"{where} must be a text")
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ConfigError(f"{where} must be a number")
    if kind == "int" and not isinstance(value, int):
        raise ConfigError(f"{where} must be a whole number")
    if value < 0:
        raise ConfigError(f"{where} must not be below 0")
    return value


def _check(made: DeploySettings) -> None:
    unknown = [each for each in made.targets if each not in TARGETS]
    if unknown:
        raise ConfigError(f"{TABLE} targets: write some of {', '.join(TARGETS)}")
    for name, form in _FORMS.items():
        value = getattr(made, name)
        if value is not None and not form.fullmatch(value):
            raise ConfigError(f"{TABLE} {name.replace('_', '-')}: {value!r} cannot be used")
    for name, least in _LEAST.items():
        if getattr(made, name) < least:
            raise ConfigError(f"{TABLE} {name.replace('_', '-')} must be {least} or more")
    if made.max_replicas < made.replicas:
        raise ConfigError(f"{TABLE} max-replicas is below replicas")
    for path in (made.output, *made.copy):
        if ".." in PurePosixPath(path).parts or not _RELATIVE_PATH.fullmatch(path):
            raise ConfigError(f"{TABLE}: {path!r} must be a path below the project's root")
    for name, text in made.environment.items():
        if not _ENVIRONMENT_NAME.fullmatch(name) or not isinstance(text, str):
            raise ConfigError(f"{TABLE} environment: {name!r} must be a name with a text")
        if not text.isprintable():
            raise ConfigError(f"{TABLE} environment: {name} has characters that nobody sees")
