"""A registry in S3-compatible storage: fetched anew each time, and written file by file."""

from __future__ import annotations

import importlib
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

from jararaca_shared.distribution import install

from jararaca_compiler.linking.registry.record import RegistryError

SCHEME = "s3://"
_OURS = re.compile(r"(contracts|environments)/[\w.%+-]+/[\w.%+-]+\.json")
_CONTRACTS = "contracts/"
T = TypeVar("T")


def fetch(url: str, folder: Path) -> bool:
    """Write the registry's files into `folder`; whether there are any. Raises RegistryError."""
    found = _told(url, _read)
    for name, content in found.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    return bool(found)


def change(url: str, folder: Path, write: Callable[[], bool]) -> bool:
    """Write in `folder`, which is empty, on top of what is there, and store what is new.

    Whoever else publishes at the same time keeps what they wrote: each service has its own files,
    contracts come before the records that name them, and a contract is never overwritten. Returns
    whether there was anything to write. Raises RegistryError.
    """
    fetch(url, folder)
    before = _contents(folder)
    if not write():
        return False
    after = _contents(folder)
    new = sorted(name for name in after if after[name] != before.get(name))
    _told(url, lambda files, root: _store(files, root, {name: after[name] for name in new}))
    return True


def _read(files: Any, root: str) -> dict[str, bytes]:
    prefix = f"{root}/"
    names = {path.removeprefix(prefix): path for path in files.find(root)}
    ours = {name: path for name, path in names.items() if _OURS.fullmatch(name)}
    contents = files.cat(list(ours.values())) if ours else {}
    return {name: contents[path] for name, path in ours.items()}


def _store(files: Any, root: str, contents: dict[str, bytes]) -> None:
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
