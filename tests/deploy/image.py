"""Does what a Dockerfile says where no builder is: each stage is a root over this machine's.

The roots are overlays in a mount namespace of their own: nothing is left, nothing is touched.
"""

from __future__ import annotations

import json
import os
import shlex
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from tests.support.brokers import missing

BASE_PATH = f"{sys.base_prefix}/bin:/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin"
"""Of the base image: `python:3` has its interpreter first in PATH, too."""

PREPARE = """\
set -e
mkdir -p "$roots"
mount -t tmpfs none "$roots"
stage() {
  mkdir -p "$roots/$1/upper" "$roots/$1/work" "$roots/$1/root"
  mount -t overlay overlay "$roots/$1/root" \\
    -o "lowerdir=/,upperdir=$roots/$1/upper,workdir=$roots/$1/work"
  mount --rbind /dev "$roots/$1/root/dev"
  root=$roots/$1/root workdir=/ user=0 env=
}
"""


def needs_roots(folder: Path) -> None:
    """Skip where nobody may make a root: no Linux, not root, or mounting is forbidden."""
    if os.geteuid() != 0 or shutil.which("unshare") is None:
        missing("only root can make the root file system of an image, with unshare")
    tried = subprocess.run(
        _in_a_namespace(folder, "stage 0"), capture_output=True, text=True, timeout=30
    )
    if tried.returncode != 0:
        missing(f"nothing can be mounted here: {tried.stderr.strip()}")


def context_of(project: Path, ignored: str, folder: Path) -> Path:
    """What a builder is given: the project without what its .dockerignore names."""
    names = [line for line in ignored.splitlines() if line and not line.startswith("#")]
    anywhere = shutil.ignore_patterns(*(each[3:] for each in names if each.startswith("**/")))

    def unwanted(where: str, found: list[str]) -> set[str]:
        here = set(names) & set(found) if Path(where) == project else set()
        return here | anywhere(where, found)

    return Path(shutil.copytree(project, folder, ignore=unwanted))


def command(dockerfile: str, context: Path, roots: Path, variables: dict[str, str]) -> list[str]:
    """Builds it and then runs what CMD says, with these variables, as the image's user."""
    begin = [f"context={shlex.quote(str(context))}", f"PATH={BASE_PATH}"]
    return _in_a_namespace(roots, "\n".join([*begin, *_steps(dockerfile, variables)]))


def _in_a_namespace(roots: Path, script: str) -> list[str]:
    lines = f"roots={shlex.quote(str(roots))}\n{PREPARE}{script}\n"
    return ["unshare", "--mount", "sh", "-c", lines]


def _steps(dockerfile: str, variables: dict[str, str]) -> Iterator[str]:
    stages = 0
    for line in dockerfile.splitlines():
        word, _, rest = line.partition(" ")
        if word == "FROM":
            yield f"stage {stages}\n{_reachable()}"
            stages += 1
        elif word == "CMD":
            given = shlex.join(f"{name}={value}" for name, value in variables.items())
            yield f"exec {_inside(f'env {given} {shlex.join(json.loads(rest))}')}"
        elif word not in ("", "#"):
            yield STEPS[word](rest)


def _workdir(rest: str) -> str:
    return f'workdir={shlex.quote(rest)}; mkdir -p "$root$workdir"'


def _run(rest: str) -> str:
    return _inside(f"sh -c {shlex.quote(rest)}")


def _user(rest: str) -> str:
    return f"user={shlex.quote(rest)}"


def _env(rest: str) -> str:
    names = [each.partition("=")[0] for each in rest.split()]
    kept = " ".join(f"{name}=${name}" for name in names if name != "PATH")
    return f'export {rest}; env="$env {kept}"'


def _inside(what: str) -> str:
    """In the root, in its WORKDIR, as its USER, with what ENV has said and no more."""
    there = shlex.quote('cd "$0" && exec "$@"')
    clean = 'env -i "PATH=$PATH" HOME=/ $env'
    chroot = 'chroot --userspec="$user:$user" "$root"'
    return f'{chroot} {clean} sh -c {there} "$workdir" {what} </dev/null'


def _copied(rest: str) -> str:
    """COPY; a folder's content goes into the folder that is named last."""
    first, _, after = rest.partition(" ")
    source = '"$context"'
    if first.startswith("--from="):
        source, rest = '"$roots/0/root"', after
    names = json.loads(rest) if rest.startswith("[") else rest.split()
    [given, target] = names
    place = f'"$root"{shlex.quote(target)}' if target.startswith("/") else '"$root$workdir"'
    found = f"{source}/{shlex.quote(given.lstrip('/'))}"
    return (
        f"if [ -d {found} ]; then mkdir -p {place}; cp -R {found}/. {place}; "
        f"else mkdir -p $(dirname {place}); cp {found} {place}; fi"
    )


def _reachable() -> str:
    """The interpreter of the tests may be in somebody's home; an image's is everybody's."""
    folders = [each for each in Path(sys.base_prefix).parents if each != Path("/")]
    return "\n".join(f'chmod a+x "$root"{shlex.quote(str(each))}' for each in folders)


STEPS: Mapping[str, Callable[[str], str]] = {
    "WORKDIR": _workdir,
    "RUN": _run,
    "COPY": _copied,
    "USER": _user,
    "ENV": _env,
}
