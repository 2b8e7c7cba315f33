"""What a picture is made of, before it has lines: nodes, edges, and placed boxes."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Node:
    """What is drawn as a box: `tone` is its look (own, other, event, task), `group` its panel."""

    key: str
    column: int
    title: str
    note: str
    href: str | None
    tone: str
    group: str = ""


@dataclass(frozen=True, slots=True)
class Edge:
    """A line from one node's key to another's, in a column further right; `tone` is its look."""

    start: str
    end: str
    tone: str = ""


@dataclass(frozen=True, slots=True)
class Box:
    """A placed node; its texts are cut to the box."""

    node: Node
    title: str
    note: str
    x: int
    y: int
    width: int
    height: int
