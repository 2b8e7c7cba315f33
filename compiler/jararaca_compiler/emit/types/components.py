"""The strongly connected components of a graph (Tarjan's algorithm), without recursion."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence


def components(graph: Mapping[str, Sequence[str]]) -> list[list[str]]:
    """The groups of nodes that reach one another; a group comes after those that it leads to.

    `graph` has what each node leads to; what is no key of it is left out.
    """
    return list(_Search(graph).groups())


class _Search:
    def __init__(self, graph: Mapping[str, Sequence[str]]) -> None:
        self._graph = graph
        self._order: dict[str, int] = {}
        self._lowest: dict[str, int] = {}
        self._open: list[str] = []
        self._is_open: set[str] = set()

    def groups(self) -> Iterator[list[str]]:
        for node in self._graph:
            if node not in self._order:
                yield from self._from(node)

    def _from(self, start: str) -> Iterator[list[str]]:
        path = [(start, iter(self._graph[start]))]
        self._enter(start)
        while path:
            node, rest = path[-1]
            following = next((n for n in rest if n in self._graph), None)
            if following is None:
                path.pop()
                if path:
                    self._lower(path[-1][0], self._lowest[node])
                if self._lowest[node] == self._order[node]:
                    yield self._closed(node)
            elif following not in self._order:
                path.append((following, iter(self._graph[following])))
                self._enter(following)
            elif following in self._is_open:
                self._lower(node, self._order[following])

    def _enter(self, node: str) -> None:
        self._order[node] = self._lowest[node] = len(self._order)
        self._open.append(node)
        self._is_open.add(node)

    def _lower(self, node: str, to: int) -> None:
        self._lowest[node] = min(self._lowest[node], to)

    def _closed(self, node: str) -> list[str]:
        group: list[str] = []
        while node not in group[-1:]:
            group.append(self._open.pop())
        self._is_open.difference_update(group)
        return group
