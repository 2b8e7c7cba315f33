"""TLS for a broker URL: the certificates that it names, for the worker and for who listens."""

from __future__ import annotations

import ssl

from jararaca_shared.broker_url import BrokerUrl


class BrokerTlsError(Exception):
    """A PEM file that the URL names cannot be used; the text says which, and why."""


def tls_context(url: BrokerUrl) -> ssl.SSLContext | None:
    """The context of an `amqps` URL, None for another. Raises BrokerTlsError."""
    if url.scheme != "amqps":
        return None
    try:
        context = ssl.create_default_context(cafile=url.files.get("cafile"))
        if "certfile" in url.files:
            context.load_cert_chain(url.files["certfile"], url.files.get("keyfile"))
    except OSError as error:
        named = ", ".join(f"{name}={path}" for name, path in url.files.items())
        raise BrokerTlsError(
            f"{named} in the broker URL: {error.strerror or error}; each is a readable PEM file, "
            "and the key is the certificate's"
        ) from error
    return context
