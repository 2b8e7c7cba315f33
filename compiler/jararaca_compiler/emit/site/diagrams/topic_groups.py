"""What many topics are drawn as: their domains, and where there are none their first words."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

MOST_TOPICS = 40
"""A picture with more topics shows groups of them."""


def topic_groups(topics: Iterable[tuple[str, str]]) -> Mapping[str, str]:
    """Topic -> what it is drawn as; of a topic and its message's domain. None for a few topics."""
    domains: dict[str, str] = {}
    for topic, domain in topics:
        domains[topic] = domains.get(topic) or domain
    if len(domains) <= MOST_TOPICS:
        return {}
    if len({*domains.values()} - {""}) > 1:
        rest = _by_words({topic for topic, domain in domains.items() if not domain})
        groups = {topic: domain or rest[topic] for topic, domain in domains.items()}
        if len({*groups.values()}) <= MOST_TOPICS:
            return groups
    return _by_words({*domains})


def _by_words(topics: set[str]) -> Mapping[str, str]:
    """As many first words as keep the picture readable."""
    for words in (3, 2, 1):
        groups = {topic: f"{'.'.join(topic.split('.')[:words])}.…" for topic in sorted(topics)}
        if len({*groups.values()}) <= MOST_TOPICS:
            return groups
    return dict.fromkeys(topics, "all topics")
