"""What `diff` says of two documents, a line a change; `python -m tests.compat.told FOLDER`."""

from __future__ import annotations

import sys
from pathlib import Path

from jararaca_compiler.compat.compare import compare
from jararaca_compiler.compat.versions import read_version
from jararaca_compiler.project.config import Config


def told(folder: Path) -> list[str]:
    """The changes from `old.yaml` to `new.yaml`: the code, what it is about, whom it breaks."""
    old, new = (read_version([Path(name)], folder, Config()) for name in ("old.yaml", "new.yaml"))
    return [
        " ".join(
            [
                *(change.code, change.subject),
                *(["breaks", *change.breaks] if change.breaks else []),
                *(["risks", *change.risks] if change.risks else []),
                *(["safe"] if change.is_safe else []),
            ]
        )
        for change in compare(old, new)
    ]


if __name__ == "__main__":
    print(*told(Path(sys.argv[1])), sep="\n")
