"""Text of strangers made fit for a terminal and for a log: what it says, and nothing it does."""

from __future__ import annotations

import json
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


def printable(text: str) -> str:
    """One line: each character that does something is written as its escape, such as `\\x1b`."""
    return NEVER.sub(_escape, text)


def printable_lines(text: str) -> str:
    """The same for what may have lines and tabs: a body, a traceback."""
    return BUT_LINES.sub(_escape, text)


def json_text(value: Any, **options: Any) -> str:
    """A value as JSON that is safe to print; what JSON lets stand as it is, is escaped as well."""
    told = json.dumps(value, ensure_ascii=False, **options)
    return IN_JSON.sub(_json_escape, told)


def _escape(found: re.Match[str]) -> str:
    return found[0].encode("unicode_escape").decode()


def _json_escape(found: re.Match[str]) -> str:
    return json.dumps(found[0])[1:-1]
