"""Why a connection could not be made, in the system's words and not in Python's."""

from __future__ import annotations

import os
import socket
import ssl


def reason_of(error: BaseException) -> str | None:
    """The reason, without numbers, tuples and places in OpenSSL; None for other errors."""
    if isinstance(error, TimeoutError):
        return "no answer in time"
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"the certificate is not accepted: {error.verify_message}"
    if isinstance(error, ssl.SSLError):
        return (error.reason or str(error)).replace("_", " ").lower()
    if isinstance(error, socket.gaierror):
        return error.strerror
    if isinstance(error, OSError) and error.errno:
        return os.strerror(error.errno)
    return None
