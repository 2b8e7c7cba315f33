"""A registry in a branch of a git repository: fetched anew each time, pushed without force."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from jararaca_compiler.linking.git_command import GitError, git
from jararaca_compiler.linking.registry.record import RegistryError

TRIES = 8
"""How often somebody else's push may come first."""


def check_out(url: str, branch: str, folder: Path) -> bool:
    """Fill `folder` with the newest commit of the branch; whether there is such a branch.

    Raises RegistryError where the repository cannot be read.
    """
    try:
        if not (folder / ".git").exists():
            git("init", "--quiet", str(folder))
            git("remote", "add", "origin", url, inside=folder)
        if not git("ls-remote", "--heads", "origin", f"refs/heads/{branch}", inside=folder):
            git("symbolic-ref", "HEAD", f"refs/heads/{branch}", inside=folder)
            return False
        git("fetch", "--quiet", "--depth=1", "origin", f"refs/heads/{branch}", inside=folder)
        git("checkout", "--quiet", "--force", "-B", branch, "FETCH_HEAD", inside=folder)
        git("clean", "--quiet", "-fdx", inside=folder)
    except GitError as error:
        raise RegistryError(str(error)) from error
    return True


def push(url: str, branch: str, folder: Path, write: Callable[[], bool], message: str) -> bool:
    """Write on the newest commit and push it; whether there was anything to push.

    Whoever pushed first keeps what they wrote: ours is written again on top. Raises RegistryError.
    """
    for _ in range(TRIES):
        check_out(url, branch, folder)
        if not write():
            return False
        try:
            git("add", "--all", inside=folder)
            git(*_author(folder), "commit", "--quiet", "--message", message, inside=folder)
        except GitError as error:
            raise RegistryError(str(error)) from error
        try:
            git("push", "--quiet", "origin", f"HEAD:refs/heads/{branch}", inside=folder)
            return True
        except GitError as error:
            refusal = error
            if not error.is_late:
                raise RegistryError(str(error)) from error
    raise RegistryError(f"others push to {branch} all the time ({refusal}): try again")


def author(folder: Path) -> str:
    """Who publishes, as git knows them; empty where it does not."""
    try:
        return git("config", "user.name", inside=folder).decode(errors="replace").strip()
    except GitError:
        return ""


def _author(folder: Path) -> tuple[str, ...]:
    """In CI git often knows nobody."""
    if author(folder):
        return ()
    return ("-c", "user.name=jararaca", "-c", "user.email=jararaca@localhost")
