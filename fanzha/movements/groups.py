"""Which numbers mean one account: card and account number of one row, and all its sub-accounts."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping


class Names(NamedTuple):
    """The numbers that one row or reply gives to one account, and its holder's name."""

    card_key: str
    account_key: str
    holder: str = ""


class Decided(NamedTuple):
    """What persons decided: pairs of numbers (sorted) that are, and that are not, one account."""

    same: frozenset[tuple[str, str]] = frozenset()
    apart: frozenset[tuple[str, str]] = frozenset()


UNDECIDED = Decided()


class Groups(NamedTuple):
    """Number -> the key of its account group, and the account numbers that were not joined."""

    key_of: dict[str, str]
    shared: tuple[str, ...]


def groups(seen: Iterable[Names], decided: Decided = UNDECIDED) -> Groups:
    """Group numbers into accounts (R12): by what rows say, and by what persons decided.

    The key is the smallest card number of the group, else its smallest number. An account number
    that stands beside cards of differently named holders is a bank's own pot, and joins nothing.
    What was decided to be apart is never joined, not by way of a third number either.
    """
    distinct = set(seen)
    shared = _shared(distinct)
    union = _Union(decided.apart)
    cards = {each.card_key for each in distinct if each.card_key}
    joins = set(decided.same)
    for each in distinct:
        for number in (each.card_key, each.account_key):
            if number:
                union.add(number)
        if each.card_key and each.account_key and each.account_key not in shared:
            joins.add((each.card_key, each.account_key))
    # Decisions first, and in one order, so that a decision does not depend on that of the rows.
    for one, other in sorted(joins, key=lambda pair: (pair not in decided.same, pair)):
        union.join(one, other)
    keys = {root: _key(numbers, cards) for root, numbers in union.members.items()}
    return Groups(
        {number: keys[union.top(number)] for number in union.parent}, tuple(sorted(shared))
    )


class _Union:
    """Numbers joined into groups, some pairs of them kept in different groups."""

    def __init__(self, apart: Iterable[tuple[str, str]]) -> None:
        self.parent: dict[str, str] = {}
        self.members: dict[str, list[str]] = {}
        self._apart: Mapping[str, set[str]] = defaultdict(set)
        for one, other in apart:
            self._apart[one].add(other)
            self._apart[other].add(one)

    def add(self, number: str) -> None:
        """Know a number."""
        if number not in self.parent:
            self.parent[number] = number
            self.members[number] = [number]

    def top(self, number: str) -> str:
        """The number that stands for the group."""
        while self.parent[number] != number:
            self.parent[number] = number = self.parent[self.parent[number]]
        return number

    def join(self, one: str, other: str) -> None:
        """Make two groups one, unless a decision keeps some of their numbers apart."""
        for number in (one, other):
            self.add(number)
        large, small = self.top(one), self.top(other)
        if large == small:
            return
        if len(self.members[large]) < len(self.members[small]):
            large, small = small, large
        there = set(self.members[large])
        apart = (self._apart.get(each, set()) for each in self.members[small])
        if self._apart and any(each & there for each in apart):
            return
        self.parent[small] = large
        self.members[large] += self.members.pop(small)


def _key(numbers: list[str], cards: set[str]) -> str:
    return min([number for number in numbers if number in cards] or numbers)


def _shared(seen: set[Names]) -> set[str]:
    holders: Mapping[str, set[str]] = defaultdict(set)
    beside: Mapping[str, set[str]] = defaultdict(set)
    for each in seen:
        if each.card_key and each.account_key and each.card_key != each.account_key:
            beside[each.account_key].add(each.card_key)
            if each.holder:
                holders[each.account_key].add(each.holder)
    return {
        number for number, cards in beside.items() if len(cards) > 1 and len(holders[number]) > 1
    }
