"""Where a registry is: a folder, `git+URL#BRANCH`, or `s3://BUCKET/PATH`."""

from __future__ import annotations

import getpass
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from jararaca_compiler.linking.git_command import SCHEMES
from jararaca_compiler.linking.registry import branch, storage
from jararaca_compiler.linking.registry.folder import RegistryFolder
from jararaca_compiler.linking.registry.record import RegistryError

_GIT = "git+"
_EXAMPLE = "git+ssh://git@example.com/team/contracts#main"


@dataclass(frozen=True, slots=True)
class RegistryPlace:
    """A folder `root`, or the branch of the repository `url`; storage has a URL and no branch."""

    root: Path | None
    url: str = ""
    branch: str = ""

    @contextmanager
    def reading(self) -> Iterator[RegistryFolder]:
        """The registry as it is now. Raises RegistryError."""
        if self.root is not None:
            if not self.root.is_dir():
                raise RegistryError(f"there is no registry in {self.root}: publish to it first")
            yield RegistryFolder(self.root)
            return
        with TemporaryDirectory(prefix="jararaca-registry-") as folder:
            if self.branch:
                if not branch.check_out(self.url, self.branch, Path(folder)):
                    raise RegistryError(
                        f"there is no branch {self.branch} yet: publish to it first"
                    )
                yield RegistryFolder(Path(folder))
                return
            stored = storage.Storage(self.url, Path(folder))
            if not stored.fetch_records():
                raise RegistryError(f"there is nothing in {self.url} yet: publish to it first")
            yield RegistryFolder(Path(folder), stored.obtain)

    def write(self, change: Callable[[RegistryFolder], bool], message: str) -> bool:
        """Change the registry; whether there was anything to change. Raises RegistryError."""
        if self.root is not None:
            return change(RegistryFolder(self.root))
        with TemporaryDirectory(prefix="jararaca-registry-") as folder:
            root = Path(folder)
            if self.branch:
                registry = RegistryFolder(root)
                return branch.push(self.url, self.branch, root, lambda: change(registry), message)
            stored = storage.Storage(self.url, root)
            stored.fetch_records()
            is_changed = change(RegistryFolder(root, stored.obtain))
            if is_changed:
                stored.store()
            return is_changed

    def user(self, project: Path) -> str:
        """Who publishes: git's `user.name`, else the account."""
        return branch.author(project) or getpass.getuser()


def registry_place(text: str, root: Path) -> RegistryPlace:
    """The place that a person writes; a folder is relative to `root`. Raises RegistryError."""
    if text.startswith(storage.SCHEME) and text.removeprefix(storage.SCHEME).strip("/"):
        return RegistryPlace(None, text.rstrip("/"))
    if not text.startswith(_GIT):
        if "://" in text:
            raise RegistryError(
                f"a registry is a folder, or written like {_EXAMPLE} or s3://bucket/contracts"
            )
        return RegistryPlace(root / text)
    url, _, name = text.removeprefix(_GIT).partition("#")
    if not url.startswith(SCHEMES) or not name or name.startswith("-") or ":" in name:
        raise RegistryError(f"write a registry in git like {_EXAMPLE}")
    return RegistryPlace(None, url, name)
