"""Text of strangers made fit for a terminal and for a log: what it says, and nothing it does."""

from __future__ import annotations

import json
import logging
import re
from typing import Any

CONTROLS = "\x00-\x1f\x7f-\x9f"
"""C0, DEL and C1: they move the cursor, ring, set titles, and begin lines of their own."""

REORDERING = "\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069"
"""Marks that show text in another order than it has, and the line ends of Unicode."""

UNSHOWN = "\ufeff\ufff9-\ufffb\U000e0000-\U000e007f\ud800-\udfff"
"""What nobody sees, and halves of characters, which no terminal can be sent."""

NEVER = re.compile(f"[{CONTROLS}{REORDERING}{UNSHOWN}]")
BUT_LINES = re.compile(f"(?![\n\t])[{CONTROLS}{REORDERING}{UNSHOWN}]")
IN_JSON = re.compile(f"[\x7f-\x9f{REORDERING}{UNSHOWN}]")
TRACEBACKS = logging.Formatter()


def printable(text: str) -> str:
    """One line: each character that does something is written as its escape, such as `\\x1b`."""
    return NEVER.sub(_escape, text)


def printable_lines(text: str) -> str:
    """The same for what may have lines and tabs: a body, a traceback."""
    return BUT_LINES.sub(_escape, text)


def indented(text: str) -> str:
    """Lines that follow a log line: none can be taken for one of its own."""
    return "\n".join(f"  {line}" for line in printable_lines(text).split("\n"))


def json_line(value: Any, **options: Any) -> str:
    """A value as JSON that is safe to print; what JSON lets stand as it is, is escaped as well."""
    told = json.dumps(value, ensure_ascii=False, default=str, **options)
    return IN_JSON.sub(_json_escape, told)


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


def _escape(found: re.Match[str]) -> str:
    return found[0].encode("unicode_escape").decode()


def _json_escape(found: re.Match[str]) -> str:
    return json.dumps(found[0])[1:-1]
