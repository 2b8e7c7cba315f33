"""How help reads: commands under headings, in the order of a day's work, and their examples."""

from __future__ import annotations

from typing import Any

import typer
from typer.core import TyperGroup

CONTRACT = "Contract"
RUN = "Run"
LOOK = "Inspect and operate"
HEADINGS = (CONTRACT, RUN, LOOK)


class HelpGroup(TyperGroup):
    """Lists the commands under their headings (`rich_help_panel`); others are the compiler's."""

    def format_commands(self, ctx: Any, formatter: Any) -> None:
        """Write one section a heading."""
        sections: dict[str, list[tuple[str, str]]] = {heading: [] for heading in HEADINGS}
        names = [name for name, command in self.commands.items() if not command.hidden]
        width = formatter.width - 6 - max(map(len, names), default=0)
        for name in names:
            command = self.commands[name]
            heading = getattr(command, "rich_help_panel", None) or self.default_heading
            row = (name, command.get_short_help_str(width))
            sections.setdefault(heading, []).append(row)
        longest = max(map(len, names), default=0)
        for heading, rows in sections.items():
            if rows:
                with formatter.section(heading):
                    formatter.write_dl([(name.ljust(longest), text) for name, text in rows])

    default_heading = CONTRACT


class PlainGroup(HelpGroup):
    """A group of a few commands that needs no headings."""

    default_heading = "Commands"


def sub_application(help_: str) -> typer.Typer:
    """A group of commands below `jararaca`: without one of them it prints its help."""
    return typer.Typer(cls=PlainGroup, help=help_, no_args_is_help=True, rich_markup_mode=None)


def examples(*lines: str) -> str:
    """The foot of a command's help."""
    return block("Examples:", *lines)


def block(heading: str, *lines: str) -> str:
    """Lines below a heading, which are not wrapped."""
    return "\n".join(["\b", heading, *(f"  {line}" for line in lines)])
