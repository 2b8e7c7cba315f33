"""A registry in S3-compatible storage: only what is asked for is fetched, file by file."""

from __future__ import annotations

import importlib
import re
from collections.abc import Callable, Collection, Iterable, Mapping
from pathlib import Path
from typing import Any, TypeVar

from jararaca_shared.distribution import install

from jararaca_compiler.linking.registry.record import RegistryError

SCHEME = "s3://"
_OURS = re.compile(r"(contracts|environments)/[\w.%+-]+/[\w.%+-]+\.json")
_CONTRACTS, _ENVIRONMENTS = "contracts/", "environments"
T = TypeVar("T")


class Storage:
    """One look at a registry at `url`, whose files come into `folder` as they are asked for."""

    def __init__(self, url: str, folder: Path) -> None:
        self._url = url
        self._folder = folder
        self._fetched: dict[str, bytes | None] = {}

    def fetch_records(self) -> bool:
        """Get what is in all environments, no contract; whether there is anything there.

        Raises RegistryError.
        """

        def read(files: Any, root: str) -> tuple[dict[str, bytes], bool]:
            found = _listed(files, f"{root}/{_ENVIRONMENTS}", root)
            contents = files.cat(list(found.values())) if found else {}
            is_there = bool(found) or bool(files.exists(f"{root}/{_CONTRACTS}"))
            return {name: contents[path] for name, path in found.items()}, is_there

        found, is_there = _told(self._url, read)
        self._take(found)
        return is_there

    def obtain(self, names: Collection[str]) -> None:
        """Get contracts, each once; one that is not there is left out. Raises RegistryError."""
        new = [name for name in dict.fromkeys(names) if name not in self._fetched]
        if not new:
            return

        def read(files: Any, root: str) -> dict[str, bytes | None]:
            contents = files.cat([f"{root}/{name}" for name in new], on_error="return")
            return {name: _content(contents[f"{root}/{name}"]) for name in new}

        self._take(_told(self._url, read))

    def store(self) -> None:
        """Store what is new in the folder, and remove what is gone from it.

        Whoever else publishes at the same time keeps what they wrote: each service has its own
        files, contracts come before the records that name them, and a contract is never
        overwritten. Raises RegistryError.
        """
        there = _contents(self._folder)
        new = {name: text for name, text in there.items() if text != self._fetched.get(name)}
        gone = [n for n, text in self._fetched.items() if text is not None and n not in there]
        _told(self._url, lambda files, root: _store(files, root, new, gone))

    def _take(self, found: Mapping[str, bytes | None]) -> None:
        self._fetched |= found
        for name, content in found.items():
            if content is not None:
                path = self._folder / name
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(content)


def _listed(files: Any, place: str, root: str) -> dict[str, str]:
    names = {path.removeprefix(f"{root}/"): path for path in files.find(place)}
    return {name: path for name, path in names.items() if _OURS.fullmatch(name)}


def _content(found: object) -> bytes | None:
    """What `cat` has found; None for no such file. Raises what else it met."""
    if isinstance(found, FileNotFoundError):
        return None
    if isinstance(found, BaseException):
        raise found
    return found if isinstance(found, bytes) else None


def _store(files: Any, root: str, contents: dict[str, bytes], gone: Iterable[str]) -> None:
    """Contracts first; one that somebody else has just written must be the same."""
    for name in sorted(contents, key=lambda each: not each.startswith(_CONTRACTS)):
        path = f"{root}/{name}"
        if not name.startswith(_CONTRACTS):
            files.pipe_file(path, contents[name])
            continue
        try:
            files.pipe_file(path, contents[name], mode="create")
        except FileExistsError:
            if files.cat_file(path) != contents[name]:
                raise RegistryError(
                    f"{name} has just been published with another contract: raise `info.version` "
                    "of its document"
                ) from None
    for name in gone:
        files.rm_file(f"{root}/{name}")


def _contents(folder: Path) -> dict[str, bytes]:
    paths = (path for path in folder.rglob("*.json") if path.is_file())
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in paths}


def _told(url: str, do: Callable[[Any, str], T]) -> T:
    """What is done with the storage's files; whatever its client raises is our error."""
    try:
        files, root = importlib.import_module("fsspec.core").url_to_fs(
            url, skip_instance_cache=True, use_listings_cache=False
        )
        return do(files, str(root).rstrip("/"))
    except ImportError as error:
        raise RegistryError(f"a registry in {SCHEME} needs s3fs: {install('s3')}") from error
    except RegistryError:
        raise
    except Exception as error:
        # Botocore's errors have no base class of Python's own.
        reason = str(error) or type(error).__name__
        raise RegistryError(f"{url} cannot be reached: {reason}") from error
