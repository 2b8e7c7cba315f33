"""Broker URLs: what stands in them, and how they are shown without their password."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from urllib.parse import SplitResult, parse_qsl, quote, unquote, urlsplit

AMQP = ("amqp", "amqps")
MEMORY = "memory"
DEFAULT_PORTS = {"amqp": 5672, "amqps": 5671}

SCHEMES = (*AMQP, MEMORY, "redis", "rediss", "unix")
"""The parts that are shown of a URL of which nothing else may be."""

SECONDS = {"heartbeat": 15.0, "connection_timeout": 10.0, "publish_timeout": 30.0}
"""Parameters in seconds and their defaults."""

FILES = ("cafile", "certfile", "keyfile")
"""Parameters of amqps:// that name a PEM file."""

KNOWN: Mapping[str, tuple[str, ...]] = {
    "memory": ("exchange",),
    "amqp": ("exchange", "name", "transport", "trusted_users", *SECONDS),
    "amqps": ("exchange", "name", "transport", "trusted_users", *SECONDS, *FILES),
}
TRANSPORTS = ("fast", "plain")
"""Over channels of our own, or over aio-pika's; both promise the same."""

HINTS = {"prefetch_count": " (the prefetch is `jararaca worker --prefetch N`)"}


class BrokerUrlError(Exception):
    """A URL cannot be used; the text says what is allowed, and has nothing of the URL in it."""


@dataclass(frozen=True, slots=True)
class BrokerUrl:
    """A broker URL in its parts; `exchange` None leaves the name to the compiled topology.

    `others` are the hosts and ports behind the first, with commas between.
    """

    scheme: str
    host: str
    port: int
    user: str
    password: str
    vhost: str
    exchange: str | None
    name: str | None
    seconds: Mapping[str, float]
    files: Mapping[str, str]
    transport: str = TRANSPORTS[0]
    trusted_users: frozenset[str] = frozenset()
    others: tuple[tuple[str, int], ...] = ()

    @property
    def shown(self) -> str:
        """Scheme, hosts, ports and virtual host: what a log line tells."""
        if self.scheme == MEMORY:
            return f"memory://{self.host}"
        hosts = ((self.host, self.port), *self.others)
        places = ",".join(f"{bracketed(host)}:{port}" for host, port in hosts)
        return f"{self.scheme}://{places}/{quote(self.vhost, safe='')}"

    @property
    def hosts(self) -> tuple[BrokerUrl, ...]:
        """A URL for each host that it names: the nodes of a cluster."""
        named = ((self.host, self.port), *self.others)
        return tuple(replace(self, host=host, port=port, others=()) for host, port in named)


def parse_broker_url(broker_url: str) -> BrokerUrl:
    """The parts of a broker URL. Raises BrokerUrlError, which says what is allowed."""
    if not _is_whole(broker_url):
        raise _unreadable("broker")
    try:
        first, others = _hosts(broker_url)
    except ValueError:
        raise _unreadable("broker") from None
    parts = url_parts(first, "broker")
    port = parts.port
    if parts.scheme not in KNOWN:
        raise BrokerUrlError(
            "the broker URL has another scheme: it takes amqp://user:password@host:5672/vhost, "
            "amqps://... or memory://name"
        )
    if parts.scheme in AMQP and not parts.hostname:
        raise BrokerUrlError("the broker URL has no host: amqp://user:password@host:5672/vhost")
    given = _parameters(parts.scheme, parts.query)
    return BrokerUrl(
        scheme=parts.scheme,
        host=parts.netloc if parts.scheme == MEMORY else parts.hostname or "",
        port=port or DEFAULT_PORTS.get(parts.scheme, 0),
        user=unquote(parts.username or "guest"),
        password=unquote(parts.password or "guest"),
        vhost=unquote(parts.path[1:]) or "/",
        exchange=given.get("exchange") or None,
        name=given.get("name"),
        seconds={name: _seconds(name, given, default) for name, default in SECONDS.items()},
        files={name: given[name] for name in FILES if name in given},
        transport=_transport(given.get("transport", TRANSPORTS[0])),
        trusted_users=frozenset(filter(None, given.get("trusted_users", "").split(","))),
        others=tuple(
            (host, given_port or DEFAULT_PORTS[parts.scheme]) for host, given_port in others
        ),
    )


def bracketed(host: str) -> str:
    """A host as it stands in a URL: an address of IPv6 has colons of its own."""
    return f"[{host}]" if ":" in host else host


def _hosts(broker_url: str) -> tuple[str, list[tuple[str, int | None]]]:
    """The URL with its first host alone, and the further hosts with their ports.

    Raises ValueError.
    """
    parts = urlsplit(broker_url)
    credentials, at, places = parts.netloc.rpartition("@")
    first, *others = places.split(",")
    if not others or parts.scheme not in AMQP:
        return broker_url, []
    further = [urlsplit(f"//{place}") for place in others]
    if not all(each.hostname for each in further):
        raise BrokerUrlError("the broker URL is invalid: a host is missing between two commas")
    alone = parts._replace(netloc=f"{credentials}{at}{first}").geturl()
    return alone, [(each.hostname or "", each.port) for each in further]


def url_parts(url: str, what: str) -> SplitResult:
    """The parts of a URL. Raises BrokerUrlError, in which no text of the URL stands.

    A `#`, a `/` or a `?` in a password ends the part that it stands in: what follows would be taken
    for a place, and be told.
    """
    try:
        parts = urlsplit(url)
        parts.port  # noqa: B018 (it is read here for its error)
    except ValueError:
        raise _unreadable(what) from None
    if not _is_whole(url):
        raise _unreadable(what)
    return parts


def safe_url(broker_url: str) -> str:
    """The URL without its password, and without its parameters; no more where it is not one."""
    scheme, separator, rest = broker_url.partition("://")
    if not separator:
        return "(not a URL)"
    if not _is_whole(broker_url):
        return f"{scheme}://***" if scheme in SCHEMES else "(not a URL)"
    place = rest.partition("?")[0]
    credentials, at, host = place.rpartition("@")
    user = credentials.partition(":")[0]
    return f"{scheme}://{user}{':***' if ':' in credentials else ''}{at}{host}"


def _is_whole(url: str) -> bool:
    """Whether user and password end where they seem to; whoever means another `@` encodes it."""
    rest = url.partition("://")[2]
    authority = re.split("[/?#]", rest, maxsplit=1)[0]
    after = rest[len(authority) :]
    is_cut = "@" in (after.partition("?")[0] if "@" in authority else after)
    places = authority.rpartition("@")[2].split(",")
    ports = [place.rpartition("]")[2].partition(":")[2] for place in places]
    has_ports = all(not port or port.isdecimal() for port in ports)
    return not is_cut and "#" not in url and has_ports


def _unreadable(what: str) -> BrokerUrlError:
    return BrokerUrlError(
        f"the {what} URL is invalid: percent-encode what is neither letter nor digit in its user "
        "and password (# is %23, / is %2F, ? is %3F, @ is %40, : is %3A), and give the port in "
        "digits"
    )


def with_transport(broker_url: str, name: str | None) -> str:
    """The URL with its `transport` parameter set; without a name, as it is."""
    if name is None:
        return broker_url
    return f"{broker_url}{'&' if '?' in broker_url else '?'}transport={name}"


def with_exchange(broker_url: str, name: str) -> str:
    """The URL with its `exchange` parameter set; one that it has stays."""
    given = dict(parse_qsl(urlsplit(broker_url).query))
    if "exchange" in given:
        return broker_url
    return f"{broker_url}{'&' if '?' in broker_url else '?'}exchange={quote(name, safe='')}"


def _parameters(scheme: str, query: str) -> dict[str, str]:
    given: dict[str, str] = {}
    for name, value in parse_qsl(query, keep_blank_values=True):
        if name not in KNOWN[scheme]:
            raise BrokerUrlError(
                f"the broker URL has {_named(name)}: {scheme}:// takes {', '.join(KNOWN[scheme])}"
            )
        if name in given:
            raise BrokerUrlError(f"the broker URL has the parameter {name!r} twice")
        given[name] = value
    return given


def _named(name: str) -> str:
    """An unknown parameter: what is no name of ours may be a part of a password."""
    if name in HINTS:
        return f"the parameter {name}{HINTS[name]}"
    # A worker that starts well needs none of it.
    from difflib import get_close_matches

    near = get_close_matches(name, {*KNOWN["memory"], *KNOWN["amqps"]}, 1)
    return f"an unknown parameter{f' (is it {near[0]}?)' if near else ''}"


def _transport(name: str) -> str:
    if name not in TRANSPORTS:
        raise BrokerUrlError("transport= in the broker URL must be fast or plain")
    return name


def _seconds(name: str, given: Mapping[str, str], default: float) -> float:
    text = given.get(name)
    if text is None:
        return default
    try:
        value = float(text)
    except ValueError:
        value = -1.0
    if not 0 < value < 65_535 or (name == "heartbeat" and value != int(value)):
        what = "whole seconds" if name == "heartbeat" else "seconds"
        raise BrokerUrlError(f"{name}= in the broker URL must be {what} above 0")
    return value
