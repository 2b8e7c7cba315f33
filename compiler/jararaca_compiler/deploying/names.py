"""Names that Kubernetes takes (RFC 1123), and texts of strangers fit for each format."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Sequence

LONGEST = 40
"""Of an application's name: what is added (`-topology-1a2b3c4d`) stays within 63 characters."""

_NEVER_IN_NAMES = re.compile(r"[^a-z0-9]+", re.ASCII)


def kubernetes_name(text: str, longest: int = LONGEST) -> str:
    """A DNS label of a text; where something of it is lost, the end tells it from others."""
    plain = _NEVER_IN_NAMES.sub("-", text.lower()).strip("-")
    if plain and plain == text.lower().replace("_", "-") and len(plain) <= longest:
        return plain
    cut = plain[: longest - 7].strip("-") or "app"
    return f"{cut}-{digest(text)[:6]}"


def digest(text: str) -> str:
    """A short number of a text, in hexadecimal digits."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:12]


def one_line(text: str) -> str:
    """A text that people read, on one line: what is not shown becomes a question mark."""
    return "".join(each if each.isprintable() else "?" for each in text)


def promql_string(text: str) -> str:
    """A string of PromQL. Grafana replaces `$name` and `[[name]]`: neither is left in it."""
    written = json.dumps(text.encode("utf-8", "replace").decode(), ensure_ascii=False)
    for character, escape in (("$", "\\x24"), ("[", "\\x5b"), ("\x7f", "\\x7f")):
        written = written.replace(character, escape)
    return written.replace("\\/", "/")


def promql_any(texts: Sequence[str]) -> str:
    """A string with a regular expression for just these texts."""
    return promql_string("|".join(_re2(each) for each in texts))


def compose_value(text: str) -> str:
    """A text in which Compose finds no variable."""
    return text.replace("$", "$$")


def kubernetes_value(text: str) -> str:
    """The value of an environment variable in which Kubernetes finds no reference to another."""
    return text.replace("$(", "$$(")


def systemd_text(text: str) -> str:
    """A text of a unit file without specifiers and line ends."""
    return one_line(text).replace("\\", "/").replace("%", "%%")


def systemd_assignment(name: str, value: str) -> str:
    """`"NAME=value"`, as Environment= takes it."""
    inside = value.replace("\\", "\\\\").replace('"', '\\"').replace("%", "%%")
    return f'"{name}={inside}"'


def docker_value(text: str) -> str:
    """A quoted value of ENV in a Dockerfile."""
    inside = text.replace("\\", "\\\\").replace('"', '\\"').replace("$", "\\$")
    return f'"{inside}"'


def _re2(text: str) -> str:
    return re.sub(r"([.+*?()|\[\]{}^$\\])", r"\\\1", text)
