"""Certificates of the suite's own: an authority that nobody knows, and what it has signed."""

from __future__ import annotations

import subprocess
from dataclasses import dataclass
from pathlib import Path

DAYS = "2"


@dataclass(frozen=True)
class Signed:
    """A certificate and its key, as PEM files."""

    certificate: Path
    key: Path


class Authority:
    """Signs certificates; it needs the command `openssl`."""

    def __init__(self, folder: Path, name: str) -> None:
        self._folder = folder
        self.certificate = folder / f"{name}.pem"
        self._key = folder / f"{name}.key"
        subject = ("-subj", f"/CN={name}")
        files = ("-keyout", self._key, "-out", self.certificate)
        _openssl("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", DAYS, *subject, *files)

    def sign(self, name: str, host: str) -> Signed:
        """A certificate for an address."""
        made = Signed(self._folder / f"{name}.pem", self._folder / f"{name}.key")
        request = self._folder / f"{name}.csr"
        extensions = self._folder / f"{name}.ext"
        extensions.write_text(f"subjectAltName=IP:{host}\n")
        subject = ("-subj", f"/CN={name}", "-keyout", made.key, "-out", request)
        _openssl("req", "-newkey", "rsa:2048", "-nodes", *subject)
        signing = ("-CA", self.certificate, "-CAkey", self._key, "-CAcreateserial")
        files = ("-in", request, "-out", made.certificate, "-extfile", extensions)
        _openssl("x509", "-req", "-days", DAYS, *signing, *files)
        return made


def _openssl(*arguments: str | Path) -> None:
    subprocess.run(["openssl", *arguments], check=True, capture_output=True, timeout=60)
