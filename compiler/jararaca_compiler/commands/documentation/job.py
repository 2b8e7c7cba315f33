"""`jararaca docs job`: the file by which GitHub or GitLab publishes the site."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

import typer

from jararaca_compiler.commands.console.options import leave


class Host(StrEnum):
    """Who publishes pages."""

    github = "github"
    gitlab = "gitlab"


def job(
    host: Annotated[Host, typer.Argument(metavar="github|gitlab", help="Where the repository is.")],
    print_only: Annotated[
        bool, typer.Option("--print", help="Print the job, to add it to a file that you have.")
    ] = False,
) -> None:
    """Write the job that publishes the site on GitHub or GitLab Pages.

    It builds the site of the default branch. A file that exists is not overwritten.
    """
    leave(lambda: _write(host.value, print_only))


def _write(host: str, print_only: bool) -> int:
    from jararaca_compiler.commands.console.statuses import DONE
    from jararaca_compiler.init.pages_jobs import JOBS
    from jararaca_compiler.pipeline.write import Change, Disk
    from jararaca_compiler.project.config import ConfigError, working_folder

    made = JOBS[host]
    if print_only:
        print(made.text, end="", flush=True)
        return DONE
    disk = Disk(working_folder())
    before = disk.read(made.path)
    if before not in (None, made.text):
        raise ConfigError(
            f"{made.path} exists: add what `jararaca docs job {host} --print` prints to it"
        )
    disk.apply([Change(made.path, before, made.text)])
    print(f"{made.path} written", flush=True)
    return DONE
