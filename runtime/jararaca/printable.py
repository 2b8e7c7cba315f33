"""Log lines in which the text of strangers says something and does nothing."""

from __future__ import annotations

import logging
import traceback
from typing import Any

from jararaca_shared.printable import json_text, printable, printable_lines

__all__ = ["indented", "json_line", "logger_named", "printable", "printable_lines"]

MAX_LINE = 4_000
MAX_TRACEBACK = 40_000
"""Characters of one line of a traceback, and of all of it: it shows what a handler's error says.
No more are told of one value either, such as an error whose text is a whole body."""


def traceback_of(error: BaseException, limit: int | None = None) -> str:
    """An exception's traceback, of a length that a log takes; code of its class may fail in it.

    `limit` is traceback's own: how many frames, the last ones where it is negative.
    """
    try:
        text = "".join(traceback.format_exception(error, limit=limit)).rstrip("\n")
    except Exception as failure:
        return f"(its traceback cannot be had: {type(failure).__name__})"
    if len(text) <= MAX_LINE:
        return text
    cut = "\n".join(map(_cut, text.split("\n")))
    return cut if len(cut) <= MAX_TRACEBACK else f"…{cut[-MAX_TRACEBACK:]}"


def _cut(line: str) -> str:
    return line if len(line) <= MAX_LINE else f"{line[:MAX_LINE]}…"


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
        if record.exc_info and record.exc_info[1] is not None and not record.exc_text:
            record.exc_text = indented(traceback_of(record.exc_info[1]))
        return True


def _argument(value: object) -> object:
    if isinstance(value, int | float):
        return value
    text = str(value)
    cut = text if len(text) <= MAX_TRACEBACK else f"{text[:MAX_TRACEBACK]}…"
    return printable(cut)
