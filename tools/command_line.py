"""Writes docs/command-line.md: every command, as the command line itself tells it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from enum import Enum
from pathlib import Path
from textwrap import fill
from typing import Any, Final

from jararaca.cli.application import EXIT_STATUS, application
from jararaca.cli.help import HEADINGS
from typer.main import get_command

PAGE = Path(__file__).parents[1] / "docs/command-line.md"
WIDTH = 100
WHOLE_WORDS: Final[dict[str, Any]] = {"break_long_words": False, "break_on_hyphens": False}
HEAD = """\
# Command line

This page lists every command. `jararaca COMMAND --help` prints the same in a terminal.

If an option is not given, it is read from the environment variable shown beside it. The sources,
the output folder and the application can be set in `[tool.jararaca]` of `pyproject.toml`. Run
`jararaca --install-completion` to install completion for your shell.

| Exit status | Meaning |
|---|---|
"""


def page() -> str:
    """The whole page, from the application."""
    commands = get_command(application()).commands  # type: ignore[attr-defined]
    statuses = [line.split(maxsplit=1) for line in EXIT_STATUS.splitlines()[2:]]
    text = HEAD + "".join(f"| {number} | {meaning} |\n" for number, meaning in statuses)
    for heading in HEADINGS:
        text += f"\n## {heading}\n"
        for name, command in commands.items():
            if (command.rich_help_panel or HEADINGS[0]) == heading:
                text += "".join(_sections(command, f"jararaca {name}"))
    return text


def _sections(command: Any, words: str) -> Iterator[str]:
    below = getattr(command, "commands", None)
    if below:
        yield f"\n### `{words}`\n\n{_prose(command.help)}\n"
        for name, each in below.items():
            yield f"\n#### `{words} {name}`\n{_body(each, f'{words} {name}')}"
    else:
        yield f"\n### `{words}`\n{_body(command, words)}"


def _body(command: Any, words: str) -> str:
    parts = [_prose(command.help)]
    rows = [_row(each) for each in command.params if each.name != "help" and not each.hidden]
    if rows:
        parts.append("\n".join(rows))
    lines = [line.strip() for line in command.epilog.splitlines()[2:] if line.strip()]
    examples = [re.sub(r" {2,}", "  # ", line, count=1) for line in lines]
    parts.append("\n".join(["```bash", *examples, "```"]))
    return "".join(f"\n{part}\n" for part in parts)


def _row(parameter: Any) -> str:
    """An argument, or an option with its values, its variable and its default."""
    name = parameter.metavar or ""
    if parameter.param_type_name == "option":
        name = f"{', '.join(parameter.opts)} {parameter.metavar or ''}".strip()
    facts = [f"`{parameter.envvar}`"] if parameter.envvar else []
    default = parameter.default
    if default not in (None, False) and not callable(default):
        facts.append(f"default `{default.value if isinstance(default, Enum) else default}`")
    if parameter.param_type_name == "argument" and parameter.required:
        facts.append("required")
    told = f" ({', '.join(facts)})" if facts else ""
    return fill(f"- `{name}`: {parameter.help}{told}", WIDTH, subsequent_indent="  ", **WHOLE_WORDS)


def _prose(text: str) -> str:
    """Paragraphs, wrapped like the other pages."""
    return "\n\n".join(fill(part, WIDTH, **WHOLE_WORDS) for part in text.strip().split("\n\n"))


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
