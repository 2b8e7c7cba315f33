"""The names of this machine that a request may have in its `Host`.

Whatever else resolves to this machine (DNS rebinding) is a web page's way to what listens here.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

_LOCAL = re.compile(r"(localhost|127\.0\.0\.1|\[::1\])(:[0-9]{1,5})?", re.ASCII | re.IGNORECASE)


def is_local_host(hosts: Sequence[str]) -> bool:
    """Whether these, all that a request has, are one name of this machine."""
    return len(hosts) == 1 and _LOCAL.fullmatch(hosts[0]) is not None
