"""The exit statuses of the commands."""

from __future__ import annotations

DONE, FOUND, WRONG = 0, 1, 2
"""It was done; what it looks for was found (a stale file, a broken rule); it could not be done."""
