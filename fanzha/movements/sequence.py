"""One order for all transfers of a case that contradicts no account's own order.

Two banks' clocks differ by seconds, and two files list rows of one second each in their own way.
What every statement knows for sure is the order of its own account; those orders are joined.
"""

from __future__ import annotations

import heapq
from collections import defaultdict
from itertools import pairwise
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence


def joined(
    keys: Sequence[tuple[int, ...]], chains: Sequence[Sequence[int]]
) -> tuple[list[int], int]:
    """Items `0..n-1` in an order that keeps every chain; by key where the chains leave it open.

    `chains` list items, each at most once. The second result counts how often the chains
    contradict each other; there the smallest key goes first.
    """
    by_rank = sorted(range(len(keys)), key=lambda item: keys[item])
    rank = [0] * len(keys)
    for place, item in enumerate(by_rank):
        rank[item] = place
    after: dict[int, list[int]] = defaultdict(list)
    waiting = [0] * len(keys)
    for chain in chains:
        for one, other in pairwise(chain):
            after[one].append(other)
            waiting[other] += 1
    ready = [rank[item] for item, count in enumerate(waiting) if not count]
    heapq.heapify(ready)
    by_key = iter(by_rank)
    order: list[int] = []
    done = [False] * len(keys)
    contradictions = 0
    while len(order) < len(keys):
        if ready:
            item = by_rank[heapq.heappop(ready)]
        else:
            item = next(each for each in by_key if not done[each])
            contradictions += 1
        if done[item]:
            continue
        done[item] = True
        order.append(item)
        for other in after[item]:
            waiting[other] -= 1
            if not waiting[other]:
                heapq.heappush(ready, rank[other])
    return order, contradictions
