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
        told = getattr(error, "verify_message", None) or _words(error)
        return f"the certificate is not accepted: {told}"
    if isinstance(error, ssl.SSLError):
        # Those that Python itself raises have no reason of OpenSSL.
        return (getattr(error, "reason", None) or _words(error)).replace("_", " ").lower()
    if isinstance(error, socket.gaierror):
        return error.strerror
    if isinstance(error, OSError) and error.errno:
        return os.strerror(error.errno)
    return None


def _words(error: ssl.SSLError) -> str:
    """Its text: as a string such an error is the tuple of what it was made with."""
    return str(error.args[-1]) if error.args else type(error).__name__
