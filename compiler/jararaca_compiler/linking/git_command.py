"""git, as a command: it never asks for a password, and takes no protocol that runs a command."""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path

SCHEMES = ("ssh://", "https://", "http://", "file://")
_PROTOCOLS = ":".join(scheme.removesuffix("://") for scheme in SCHEMES)
_SECONDS = 60
_FROM_SSH = "Could not read from remote"
_USER = re.compile(r"//[^/@\s]*@")
_LATE = re.compile(
    r"\[rejected\]|\[remote rejected\].*(cannot lock|incorrect old value|failed to update)"
    r"|fetch first|non-fast-forward|cannot lock ref"
)


class GitError(Exception):
    """git refused; the text is its reason, without a user or password of a URL.

    `is_late`: somebody else has pushed in the meantime.
    """

    def __init__(self, text: str, is_late: bool = False) -> None:
        super().__init__(text)
        self.is_late = is_late


def git(*arguments: str, inside: Path | None = None) -> bytes:
    """What git prints. Raises GitError."""
    environment = os.environ | {"GIT_TERMINAL_PROMPT": "0", "GIT_ALLOW_PROTOCOL": _PROTOCOLS}
    try:
        done = subprocess.run(
            ["git", *arguments],
            capture_output=True,
            check=False,
            timeout=_SECONDS,
            stdin=subprocess.DEVNULL,
            env=environment,
            cwd=inside,
        )
    except subprocess.TimeoutExpired as error:
        raise GitError(f"git did not answer within {_SECONDS} s") from error
    except OSError as error:
        raise GitError(f"git cannot be run ({error.strerror}): install it") from error
    if done.returncode != 0:
        told = done.stderr.decode(errors="replace")
        lines = [line for line in told.strip().splitlines() if line] or ["git failed"]
        own = [line for line in lines if line.startswith(("fatal: ", "error: "))]
        # ssh says the reason itself, in the line before git's.
        reason = own[0] if own and _FROM_SSH not in own[0] else lines[0]
        shown = _USER.sub("//", reason.removeprefix("fatal: ").removeprefix("error: "))
        raise GitError(f"git: {shown}", _LATE.search(told) is not None)
    return done.stdout
