"""Which small accounts and exits are drawn as one box. Pure."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from fanzha.desk.flow.picture import Key


def piles_of(received: Mapping[Key, int], columns: Mapping[Key, int], most: int) -> dict[Key, Key]:
    """Which small keys are drawn as one pile; the rest stand alone.

    Every column keeps its largest; the deepest cut that leaves at most `most` nodes is taken.
    """
    by_column: dict[int, list[Key]] = defaultdict(list)
    for key, column in columns.items():
        if key[0] != "victim":
            by_column[column].append(key)
    for keys in by_column.values():
        keys.sort(key=lambda key: (-received[key], key))
    room = most - sum(key[0] == "victim" for key in columns)
    keep = max((len(keys) for keys in by_column.values()), default=0)
    while keep > 1 and sum(_drawn(len(keys), keep) for keys in by_column.values()) > room:
        keep -= 1
    piles: dict[Key, Key] = {}
    for column, keys in by_column.items():
        if len(keys) <= keep:
            continue
        for key in keys[max(keep - 2, 0) :]:
            pile = "others" if key[0] == "account" else "exits"
            piles[key] = (pile, str(column))
    return piles


def _drawn(count: int, keep: int) -> int:
    """Nodes drawn of a column; a pile of accounts and one of exits take two places."""
    return count if count <= keep else max(keep, 2)
