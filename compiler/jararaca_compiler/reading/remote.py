"""Documents on the network: fetched on request only, within limits, pinned by `jararaca.lock`."""

from __future__ import annotations

import hashlib
import http.client
import ipaddress
import socket
import time
import tomllib
import urllib.error
import urllib.request
from pathlib import Path
from typing import IO, Any
from urllib.parse import urlsplit

from jararaca_compiler.project.config import ConfigError

LOCK_FILE = "jararaca.lock"
MAX_BYTES = 5_000_000
MAX_SECONDS = 20
MAX_REDIRECTS = 5
MAX_DOCUMENTS = 200
_HEADER = """\
# The documents on the network that the contracts refer to, with the SHA-256 of each.
# `jararaca codegen --allow-remote-refs --update-lock` accepts what has changed.
"""
_SCHEMES = ("http", "https")


class RemoteError(Exception):
    """A document that is not to be had; `code` is the diagnostic's, the text its reason."""

    def __init__(self, code: str, reason: str) -> None:
        super().__init__(reason)
        self.code = code


class Remote:
    """Fetches what references on the network lead to; a changed document is an error.

    A document reaches any host that a local file names. What a fetched document refers to, or a
    server redirects to, must be on the same host or on a public address. A lock file that
    cannot be read raises ConfigError.
    """

    def __init__(self, root: Path, *, update: bool = False) -> None:
        """`update` accepts what has changed. What is not fetched stays pinned: another command
        may read it, as `link` does the neighbours.
        """
        self.path = root / LOCK_FILE
        self._update = update
        self._pinned = _read_lock(self.path)
        self._fetched: dict[str, bytes | RemoteError] = {}

    def fetch(self, url: str, referrer: str | None) -> bytes:
        """The bytes of a document; `referrer` is the URL that refers to it, None for a file.

        Raises RemoteError.
        """
        if url not in self._fetched:
            try:
                self._fetched[url] = self._checked(url, referrer)
            except RemoteError as error:
                self._fetched[url] = error
        found = self._fetched[url]
        if isinstance(found, RemoteError):
            raise found
        return found

    def lock(self) -> str:
        """The lock file's text: what has been fetched, and what was pinned and not refused."""
        pinned = dict(self._pinned)
        for url, data in self._fetched.items():
            if isinstance(data, bytes):
                pinned[url] = hashlib.sha256(data).hexdigest()
        rows = [
            f'\n[[document]]\nurl = "{url}"\nsha256 = "{pinned[url]}"\n' for url in sorted(pinned)
        ]
        return _HEADER + "".join(rows)

    def save(self) -> bool:
        """Write the lock file if it changes; whether it did."""
        text = self.lock()
        has = self.path.exists()
        if (has and self.path.read_text("utf-8") == text) or not (has or self._fetched):
            return False
        if self.path.is_symlink():
            self.path.unlink()
        self.path.write_text(text, encoding="utf-8")
        return True

    def _checked(self, url: str, referrer: str | None) -> bytes:
        if len(self._fetched) >= MAX_DOCUMENTS:
            raise RemoteError("unreachable-ref", f"more than {MAX_DOCUMENTS} documents")
        refuse(url, referrer)
        data = _download(url)
        digest = hashlib.sha256(data).hexdigest()
        pinned = self._pinned.get(url)
        if pinned is not None and pinned != digest and not self._update:
            raise RemoteError("changed-ref", f"sha256 {digest[:12]}, {LOCK_FILE} has {pinned[:12]}")
        return data


def refuse(url: str, referrer: str | None) -> None:
    """Raise RemoteError unless a URL may be fetched on behalf of another one."""
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError as error:
        raise RemoteError("unreachable-ref", str(error)) from error
    if parts.scheme not in _SCHEMES or not host:
        raise RemoteError("unreachable-ref", "only http and https are fetched")
    if parts.username or parts.password:
        raise RemoteError("unreachable-ref", "a reference must not contain a user or a password")
    if not url.isascii() or any(c in '"\\' or c <= " " for c in url):
        raise RemoteError("unreachable-ref", "it is not a valid URL")
    if referrer is None:
        return
    before = urlsplit(referrer)
    if before.scheme == "https" and parts.scheme == "http":
        raise RemoteError("unreachable-ref", f"{referrer} leads from https to http")
    if (host, port) != (before.hostname, before.port) and not _is_public(host):
        raise RemoteError("unreachable-ref", f"{before.netloc} leads to the private host {host}")


def _is_public(host: str) -> bool:
    try:
        found = socket.getaddrinfo(host, None)
    except OSError:
        return True
    return all(ipaddress.ip_address(str(row[4][0]).split("%")[0]).is_global for row in found)


class _Redirects(urllib.request.HTTPRedirectHandler):
    max_redirections = MAX_REDIRECTS

    def redirect_request(
        self,
        req: urllib.request.Request,
        fp: IO[bytes],
        code: int,
        msg: str,
        headers: Any,
        newurl: str,
    ) -> urllib.request.Request | None:
        refuse(newurl, req.full_url)
        return super().redirect_request(req, fp, code, msg, headers, newurl)


def _download(url: str) -> bytes:
    opener = urllib.request.build_opener(_Redirects)
    request = urllib.request.Request(url, headers={"User-Agent": "jararaca", "Accept": "*/*"})
    deadline = time.monotonic() + MAX_SECONDS
    data = bytearray()
    try:
        with opener.open(request, timeout=MAX_SECONDS) as response:
            while chunk := response.read1(65536):
                data += chunk
                if len(data) > MAX_BYTES:
                    raise RemoteError("unreachable-ref", f"it is larger than {MAX_BYTES:,} bytes")
                if time.monotonic() > deadline:
                    raise RemoteError("unreachable-ref", f"it took longer than {MAX_SECONDS} s")
    except urllib.error.HTTPError as error:
        raise RemoteError("unreachable-ref", f"{error.code} {error.reason}") from error
    except (OSError, http.client.HTTPException, ValueError) as error:
        reason = getattr(error, "reason", None) or error
        raise RemoteError("unreachable-ref", str(reason) or type(reason).__name__) from error
    return bytes(data)


def _read_lock(path: Path) -> dict[str, str]:
    """By URL the digest that is pinned. Raises ConfigError for a file that is not a lock file."""
    if not path.exists():
        return {}
    try:
        rows = tomllib.loads(path.read_text("utf-8")).get("document", [])
        return {str(row["url"]): str(row["sha256"]) for row in rows}
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise ConfigError(
            f"{path.name} is not a lock file ({error}): delete it, and pin anew with --update-lock"
        ) from error
