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


def groups(seen: Iterable[Names]) -> tuple[dict[str, str], tuple[str, ...]]:
    """Number -> the key of its account group (R12), and the account numbers that were not joined.

    The key is the smallest card number of the group, else its smallest number. An account number
    that stands beside cards of differently named holders is a bank's own pot, and joins nothing.
    """
    distinct = set(seen)
    shared = _shared(distinct)
    parent: dict[str, str] = {}

    def top(number: str) -> str:
        parent.setdefault(number, number)
        while parent[number] != number:
            parent[number] = parent[parent[number]]
            number = parent[number]
        return number

    cards = {each.card_key for each in distinct if each.card_key}
    for each in distinct:
        numbers = [number for number in (each.card_key, each.account_key) if number]
        for number in numbers:
            top(number)
        if len(numbers) > 1 and each.account_key not in shared:
            parent[top(numbers[0])] = top(numbers[1])
    members: dict[str, list[str]] = defaultdict(list)
    for number in parent:
        members[top(number)].append(number)
    keys = {root: _key(numbers, cards) for root, numbers in members.items()}
    return {number: keys[top(number)] for number in parent}, tuple(sorted(shared))


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
    return {number for number, cards in beside.items()
            if len(cards) > 1 and len(holders[number]) > 1}  # fmt: skip
