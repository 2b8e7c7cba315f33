"""Log lines that tell which message they are about: as text, or as JSON, a line each."""

from __future__ import annotations

import logging
import sys
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Literal

from jararaca.errors import ConfigurationError
from jararaca.handlers.current_work import current_work
from jararaca.printable import indented, json_line, printable, printable_lines, traceback_of
from jararaca.transport.client_logs import quieten

LogFormat = Literal["text", "json"]
TEXT = "%(asctime)s %(levelname)-7s %(message)s"
STANDARD = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}
CONTEXT = "jararaca"


def work_context() -> Mapping[str, Any]:
    """What the unit of work that runs here is about; empty outside of one.

    `kind`, `handler`, and of a delivery `message_id`, `topic` and `attempt`.
    """
    work: Any = current_work.get()
    if work is None:
        return {}
    told = {"kind": work.kind, "handler": work.name}
    message = work.message
    if message is not None:
        told["message_id"] = message.properties.message_id
        told["topic"] = message.topic
        told["attempt"] = message.attempt
    return {
        name: printable(value) if isinstance(value, str) else value
        for name, value in told.items()
        if value not in (None, "")
    }


class ContextFilter(logging.Filter):
    """Gives each record the fields of `work_context()`, for a formatter of yours.

    They are set on every record, None where there is nothing to tell, so that
    `%(message_id)s` is always there; a handler's filter sees the context of whoever logs.
    """

    def filter(self, record: logging.LogRecord) -> bool:
        """Add the fields; every record passes."""
        told = work_context()
        setattr(record, CONTEXT, told)
        for name in ("kind", "handler", "message_id", "topic", "attempt"):
            if not hasattr(record, name):
                setattr(record, name, told.get(name))
        return True


class TextFormatter(logging.Formatter):
    """The usual line; inside a unit of work, its handler, message and try follow."""

    def __init__(self) -> None:
        super().__init__(TEXT, datefmt="%H:%M:%S")

    def format(self, record: logging.LogRecord) -> str:
        """The formatted record, without characters that control a terminal."""
        first, *more = super().format(record).split("\n")
        return "\n".join([printable_lines(first), *map(indented, more)])

    def formatMessage(self, record: logging.LogRecord) -> str:
        """The line, with what it is about."""
        told: Mapping[str, Any] = getattr(record, CONTEXT, {})
        line = super().formatMessage(record)
        attempt = told.get("attempt", 1)
        about = [told.get("handler"), told.get("message_id"), attempt > 1 and f"try {attempt}"]
        shown = " ".join(str(each) for each in about if each)
        return f"{line} [{shown}]" if shown else line


class JsonFormatter(logging.Formatter):
    """One JSON object a line: time (UTC), level, logger, message, what it is about, and `extra`."""

    def format(self, record: logging.LogRecord) -> str:
        """The line."""
        told: dict[str, Any] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
            **getattr(record, CONTEXT, {}),
        }
        for name, value in vars(record).items():
            if name not in STANDARD and name != CONTEXT and value is not None:
                told.setdefault(name, value)
        if record.exc_info and record.exc_info[1] is not None:
            told["exception"] = traceback_of(record.exc_info[1])
        if record.stack_info:
            told["stack"] = self.formatStack(record.stack_info)
        return json_line(told)


def log_format_of(text: str) -> LogFormat:
    """What `--log-format` says. Raises ConfigurationError."""
    if text not in ("text", "json"):
        raise ConfigurationError(f"--log-format must be text or json, got {text!r}")
    return "json" if text == "json" else "text"


def start_logging(format: LogFormat = "text") -> None:
    """Log lines of ours and of the application on stderr; of the AMQP client its errors.

    Where the application has set up logging itself, that stays.
    """
    handler = logging.StreamHandler(sys.stderr)
    handler.addFilter(ContextFilter())
    handler.setFormatter(JsonFormatter() if format == "json" else TextFormatter())
    logging.basicConfig(level=logging.INFO, handlers=[handler])
    quieten()
