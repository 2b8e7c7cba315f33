"""The bindings of one exchange as a tree of words: a key meets some of them without asking all."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from jararaca_compiler.linking.delivery.keys import Key, Open, Word, some

_ONE, _MANY = "*", "#"


@dataclass(slots=True)
class _Node:
    """`queues` are bound by the words that lead here."""

    next: dict[str, _Node] = field(default_factory=dict)
    queues: list[str] = field(default_factory=list)


class BindingTree:
    """Binding keys, each with its queue; with `by_words`, `*` and `#` stand for other words."""

    def __init__(self, bindings: Iterable[tuple[str, str]], by_words: bool) -> None:
        self._by_words = by_words
        self._root = _Node()
        for binding_key, queue in bindings:
            node = self._root
            for word in binding_key.split("."):
                node = node.next.setdefault(word, _Node())
            node.queues.append(queue)

    def meetings(self, key: Key) -> Iterator[tuple[str, str]]:
        """Each queue with a routing key that `key` allows and one of its binding keys matches."""
        seen: set[tuple[int, int]] = set()
        waiting: list[tuple[_Node, int, tuple[str, ...]]] = [(self._root, 0, ())]
        while waiting:
            node, place, words = waiting.pop()
            if (id(node), place) in seen:
                continue
            seen.add((id(node), place))
            if place == len(key):
                yield from ((queue, ".".join(words)) for queue in node.queues)
            waiting += self._steps(node, key, place, words)

    def _steps(
        self, node: _Node, key: Key, place: int, words: tuple[str, ...]
    ) -> Iterator[tuple[_Node, int, tuple[str, ...]]]:
        if self._by_words and _MANY in node.next:
            taken = words
            for end in range(place, len(key) + 1):
                yield node.next[_MANY], end, taken
                taken = (*taken, some(key[end])) if end < len(key) else taken
        if place == len(key):
            return
        if self._by_words and _ONE in node.next:
            yield node.next[_ONE], place + 1, (*words, some(key[place]))
        for word in self._named(node, key[place]):
            yield node.next[word], place + 1, (*words, word)

    def _named(self, node: _Node, word: Word) -> Iterator[str]:
        """The words after a node that are meant as they stand, and that `word` may be."""
        known = (
            node.next if isinstance(word, Open) else (each for each in word if each in node.next)
        )
        for text in known:
            if text in word and not (self._by_words and text in (_ONE, _MANY)):
                yield text
