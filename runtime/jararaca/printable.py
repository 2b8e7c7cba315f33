"""Log lines in which the text of strangers says something and does nothing."""

from __future__ import annotations

import logging
from typing import Any

from jararaca_shared.printable import json_text, printable, printable_lines

__all__ = ["indented", "json_line", "logger_named", "printable", "printable_lines"]

TRACEBACKS = logging.Formatter()


def indented(text: str) -> str:
    """Lines that follow a log line: none can be taken for one of its own."""
    return "\n".join(f"  {line}" for line in printable_lines(text).split("\n"))


def json_line(value: Any, **options: Any) -> str:
    """A value as JSON that is safe to print; what JSON lets stand as it is, is escaped as well."""
    return json_text(value, default=str, **options)


def logger_named(name: str) -> logging.Logger:
    """A logger whose records are printable, whichever formatter writes them."""
    logger = logging.getLogger(name)
    if not any(isinstance(each, PrintableFilter) for each in logger.filters):
        logger.addFilter(PrintableFilter())
    return logger


class PrintableFilter(logging.Filter):
    """Makes what a record tells printable where it enters; the message's template stays."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Change the arguments and the traceback; every record passes."""
        if isinstance(record.args, tuple):
            record.args = tuple(_argument(each) for each in record.args)
        if record.exc_info and record.exc_info[0] is not None and not record.exc_text:
            record.exc_text = indented(TRACEBACKS.formatException(record.exc_info))
        return True


def _argument(value: object) -> object:
    return value if isinstance(value, int | float) else printable(str(value))
