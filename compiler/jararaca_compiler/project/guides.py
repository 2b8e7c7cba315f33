"""`[tool.jararaca.docs]`: the folder of guides that stand beside the message pages."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

from jararaca_compiler.project.config import ConfigError, read_table

TABLE = "[tool.jararaca.docs]"
MARKDOWN = ".md"
IMAGES = {
    ".png": "image/png",
    ".jpg": "image/jpeg",
    ".jpeg": "image/jpeg",
    ".gif": "image/gif",
    ".webp": "image/webp",
    ".svg": "image/svg+xml",
}
LARGEST_IMAGE = 2 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Guides:
    """Texts and images by their paths below the folder, with slashes."""

    texts: Mapping[str, str] = field(default_factory=dict)
    images: Mapping[str, bytes] = field(default_factory=dict)


def guides_folder(root: Path) -> Path | None:
    """Where the guides are, if the project has some. Raises ConfigError."""
    table = read_table(root).get("docs", {})
    if not isinstance(table, dict):
        raise ConfigError(f"docs must be a table: {TABLE}")
    unknown = sorted(table.keys() - {"guides"})
    if unknown:
        raise ConfigError(f"{TABLE} has no setting {unknown[0]!r}: it has guides")
    named = table.get("guides")
    if named is None:
        return None
    path = PurePosixPath(named) if isinstance(named, str) else PurePosixPath("/")
    if path.is_absolute() or ".." in path.parts:
        raise ConfigError(f"{TABLE} guides {named!r}: write a folder below the project's root")
    folder = root / path
    if not folder.is_dir():
        raise ConfigError(f"{TABLE} guides: there is no folder {named!r}")
    return folder


def read_guides(root: Path) -> Guides:
    """All guides, and the images beside them. Raises ConfigError for what cannot be read."""
    folder = guides_folder(root)
    if folder is None:
        return Guides()
    texts: dict[str, str] = {}
    images: dict[str, bytes] = {}
    inside = root.resolve()
    for file in sorted(folder.rglob("*")):
        path = file.relative_to(folder).as_posix()
        if path.startswith(".") or "/." in path or not file.resolve().is_relative_to(inside):
            continue
        suffix = file.suffix.lower()
        try:
            if suffix == MARKDOWN:
                texts[path] = file.read_text("utf-8-sig")
            elif suffix in IMAGES and file.stat().st_size <= LARGEST_IMAGE:
                images[path] = file.read_bytes()
        except UnicodeDecodeError:
            raise ConfigError(f"{TABLE} guides: {path} is not UTF-8") from None
        except OSError as error:
            raise ConfigError(f"{TABLE} guides: {path}: {error.strerror}") from error
    return Guides(texts, images)
