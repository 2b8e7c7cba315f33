"""The formats of texts that generated classes check, and which texts have them.

Any other format is a note. The compiler needs its own answer where it leaves out what a class
would refuse: a value of an `enum`, a default.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Mapping
from decimal import Decimal
from functools import partial
from ipaddress import IPv4Address, IPv6Address

FORMATS = {
    "uuid": "UUID",
    "date-time": "dt.datetime",
    "date": "dt.date",
    "time": "dt.time",
    "duration": "dt.timedelta",
    "email": "Email",
    "idn-email": "Email",
    "uri": "Uri",
    "url": "Uri",
    "ipv4": "IPv4Address",
    "ipv6": "IPv6Address",
    "decimal": "Decimal",
}
"""The Python type of each."""
_ZONE = r"(?:[Zz]|[+-]\d\d:[0-5]\d)"
_SHAPES = {
    "UUID": r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}",
    "dt.datetime": rf"\d{{4}}-\d\d-\d\d[Tt ]\d\d:\d\d:\d\d(?:\.\d+)?{_ZONE}",
    "dt.date": r"\d{4}-\d\d-\d\d",
    "dt.time": rf"\d\d:\d\d(?::\d\d(?:\.\d+)?)?{_ZONE}?",
    "dt.timedelta": r"[+-]?P(?=\d|T\d)(\d+Y)?(\d+M)?(\d+W)?(\d+D)?"
    r"(?:T(?=\d)(\d+H)?(\d+M)?(\d+(\.\d+)?S)?)?",
    "Email": r"[^@\s]+@[^@\s]+",
    "Uri": r"[A-Za-z][A-Za-z0-9+.-]*:[^\s]*",
    "IPv4Address": r"[0-9.]+",
    "IPv6Address": r"[0-9a-fA-F:.]+",
    "Decimal": r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?",
}
_READERS: Mapping[str, Callable[[str], object]] = {
    "dt.datetime": dt.datetime.fromisoformat,
    "dt.date": dt.date.fromisoformat,
    "dt.time": dt.time.fromisoformat,
    "IPv4Address": IPv4Address,
    "IPv6Address": IPv6Address,
    "Decimal": Decimal,
}


def is_checked(name: object) -> bool:
    """Whether classes check a format."""
    return isinstance(name, str) and name in FORMATS


def has_format(name: object, text: str) -> bool:
    """Whether a text has a format; every text has one that is a note."""
    kind = FORMATS.get(name) if isinstance(name, str) else None
    if kind is None:
        return True
    if re.fullmatch(_SHAPES[kind], text, re.ASCII) is None:
        return False
    try:
        return kind not in _READERS or _READERS[kind](text.upper()) is not None
    except (ValueError, ArithmeticError):
        return False


CHECKS: dict[str, Callable[..., bool]] = {name: partial(has_format, name) for name in FORMATS}
"""Each format as a function of a text, for JSON Schema validators."""
