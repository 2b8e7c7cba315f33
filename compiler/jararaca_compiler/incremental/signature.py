"""Which records are this account's own: they are signed with a key that no checkout can bring.

A record says that generated files are fresh, and what they consist of. It lies in the project,
where a clone or an archive may have put another one.
"""

from __future__ import annotations

import hashlib
import hmac
import os
import secrets
from pathlib import Path

KEY = "jararaca/codegen.key"
SIZE = 32


def sign(record: bytes, root: Path) -> str | None:
    """The signature of a project's record; None where no key can be kept."""
    key = _key(root, create=True)
    return None if key is None else _signed(key, record, root)


def is_own(record: bytes, signature: object, root: Path) -> bool:
    """Whether this account has signed the record, for the project in this very place."""
    key = _key(root, create=False)
    if key is None or not isinstance(signature, str) or not signature.isascii():
        return False
    return hmac.compare_digest(signature, _signed(key, record, root))


def _signed(key: bytes, record: bytes, root: Path) -> str:
    place = hashlib.sha256(str(root.resolve()).encode("utf-8", "surrogateescape")).digest()
    return hmac.new(key, place + record, "sha256").hexdigest()


def _key(root: Path, *, create: bool) -> bytes | None:
    """The account's key; None inside the project, and where there is none and none can be made."""
    try:
        place = _state_folder() / KEY
        if place.resolve().is_relative_to(root.resolve()):
            return None
        if create and not place.exists():
            place.parent.mkdir(parents=True, exist_ok=True)
            _make(place)
        key = place.read_bytes()
    except (OSError, RuntimeError):
        return None
    return key if len(key) == SIZE else None


def _make(place: Path) -> None:
    """Write a new key, whole or not at all: another process may be at it too."""
    new = place.with_name(f"{place.name}-{secrets.token_hex(8)}")
    descriptor = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(secrets.token_bytes(SIZE))
    try:
        os.link(new, place)
    except FileExistsError:
        pass
    finally:
        new.unlink()


def _state_folder() -> Path:
    """Where programs keep what is the account's own (XDG Base Directory Specification)."""
    named = Path(os.environ.get("XDG_STATE_HOME", ""))
    return named if named.is_absolute() else Path.home() / ".local/state"
