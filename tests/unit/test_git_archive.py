"""Archives, hostile ones too, written as files."""

from __future__ import annotations

import io
import tarfile
from pathlib import Path

from jararaca_compiler.reading.git_archive import unpack


def archive(*members: tuple[str, bytes | None]) -> bytes:
    """A tar of files; None: a symbolic link that leads outside."""
    written = io.BytesIO()
    with tarfile.open(fileobj=written, mode="w") as made:
        for name, content in members:
            member = tarfile.TarInfo(name)
            if content is None:
                member.type, member.linkname = tarfile.SYMTYPE, "/etc"
            else:
                member.size = len(content)
            made.addfile(member, io.BytesIO(content or b""))
    return written.getvalue()


def test_only_what_is_wanted_and_inside_is_written(tmp_path: Path) -> None:
    folder = tmp_path / "here"
    hostile = archive(
        ("docs/a.yaml", b"a"),
        ("docs/b.py", b"b"),
        ("../outside.yaml", b"c"),
        (f"{tmp_path}/outside.yaml", b"d"),
        ("link.yaml", None),
    )
    unpack(hostile, folder, lambda name: name.endswith(".yaml"))
    found = [path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*.*")]
    assert found == ["here/docs/a.yaml"]
