"""Checks what a release needs, and builds it into dist/; nothing is published."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from jararaca_shared.distribution import NAME, VERSION

ROOT = Path(__file__).parents[1]
DIST = ROOT / "dist"
TOP = ("README.md", "CHANGELOG.md", "CONTRIBUTING.md", "SECURITY.md", "LICENSE")
TESTS = ("tests/install", "tests/readme")


def main() -> int:
    """Say everything that is missing; build, and test what was built, once nothing is."""
    found = problems(ROOT)
    for problem in found:
        print(f"error: {problem}", file=sys.stderr)
    if found:
        return 1
    shutil.rmtree(DIST, ignore_errors=True)
    if not _done("-m", "build", "--outdir", str(DIST)) or not _done("-m", "pytest", *TESTS):
        return 1
    print(f"{NAME} {VERSION} is in dist/: git tag v{VERSION}, then twine upload dist/*")
    return 0


def problems(root: Path) -> list[str]:
    """What stands against releasing the tree at `root`."""
    checks: tuple[Callable[[Path], str | None], ...] = (_top, _changelog, _clean, _tag)
    return [problem for check in checks if (problem := check(root))]


def _top(root: Path) -> str | None:
    missing = [name for name in TOP if not (root / name).is_file()]
    return f"missing: {', '.join(missing)}" if missing else None


def _changelog(root: Path) -> str | None:
    text = (root / "CHANGELOG.md").read_text(encoding="utf-8")
    if re.search(rf"^## {re.escape(VERSION)} \(\d{{4}}-\d\d-\d\d\)$", text, re.MULTILINE):
        return None
    return (
        f"CHANGELOG.md has no heading `## {VERSION} (YYYY-MM-DD)`: write what has changed, and when"
    )


def _clean(root: Path) -> str | None:
    changed = _git(root, "status", "--porcelain")
    return f"commit first: {len(changed.splitlines())} changed files" if changed else None


def _tag(root: Path) -> str | None:
    there = _git(root, "tag", "--list", f"v{VERSION}")
    return f"v{VERSION} is tagged already: raise VERSION in distribution.py" if there else None


def _git(root: Path, *arguments: str) -> str:
    command = ["git", "-C", str(root), *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()


def _done(*arguments: str) -> bool:
    return subprocess.run([sys.executable, *arguments], cwd=ROOT, check=False).returncode == 0


if __name__ == "__main__":
    sys.exit(main())
