"""Rows of one account in the order in which they happened, and whether their balances agree."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby, pairwise
from typing import TYPE_CHECKING, TypeVar

from fanzha.movements.row import Entry, signed_fen

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

E = TypeVar("E", bound=Entry)

MOST_TRIES = 2_000
"""How many steps the search for an order of rows of one time may take."""


@dataclass(frozen=True)
class Check:
    """The balance check of one account: opening + in - out = closing, and row by row (R13).

    `breaks` counts the rows whose stated balance disagrees; the first is `row_no`, where
    `missing_fen` is what would have to have happened before it. `reordered` says that rows of one
    time had to leave the order of the file for their balances to agree.
    """

    opening_fen: int | None = None
    closing_fen: int | None = None
    breaks: int = 0
    row_no: int | None = None
    missing_fen: int = 0
    reordered: bool = False


def in_order(rows: Sequence[E]) -> list[E]:
    """One account's rows by time; within one time as the balances allow, else as in the file.

    A file that runs from new to old is read backwards.
    """
    listed = list(reversed(rows)) if _newest_first(rows) else list(rows)
    listed.sort(key=lambda row: row.at)
    return settled(listed)


def settled(rows: Iterable[E]) -> list[E]:
    """Rows sorted by time; those of one time put into the order that their balances allow."""
    ordered: list[E] = []
    balance: int | None = None
    for _, block in groupby(rows, key=lambda row: row.at):
        for row in _settle(list(block), balance):
            ordered.append(row)
            balance = _after(balance, row)
    return ordered


def _newest_first(rows: Sequence[E]) -> bool:
    up = sum(one.at < other.at for one, other in pairwise(rows))
    down = sum(one.at > other.at for one, other in pairwise(rows))
    if up == down:
        return check(list(reversed(rows))).breaks < check(rows).breaks
    return down > up


def _after(before: int | None, row: Entry) -> int | None:
    if row.balance_fen is not None:
        return row.balance_fen
    change = signed_fen(row)
    return None if before is None or change is None else before + change


def _settle(block: list[E], before: int | None) -> list[E]:
    if len(block) == 1 or any(row.balance_fen is None for row in block) or _fits(block, before):
        return block
    return _search(block, before) or block


def _fits(block: Sequence[E], before: int | None) -> bool:
    for row in block:
        change = signed_fen(row)
        if change is None:
            return False
        if before is not None and before + change != row.balance_fen:
            return False
        before = row.balance_fen
    return True


def _search(block: list[E], before: int | None) -> list[E] | None:
    """The first order, in that of the file, in which every stated balance follows from the last."""
    tries = 0
    taken: list[int] = []

    def follows(at: int) -> bool:
        last = block[taken[-1]].balance_fen if taken else before
        change = signed_fen(block[at])
        return change is not None and (last is None or last + change == block[at].balance_fen)

    starts = [iter(range(len(block)))]
    while starts and tries < MOST_TRIES:
        tries += 1
        step = next((at for at in starts[-1] if at not in taken and follows(at)), None)
        if step is None:
            starts.pop()
            if taken:
                taken.pop()
        else:
            taken.append(step)
            if len(taken) == len(block):
                return [block[at] for at in taken]
            starts.append(iter(range(len(block))))
    return None


def check(rows: Sequence[Entry]) -> Check:
    """Check rows that are in order; rows that failed moved nothing."""
    rows = [row for row in rows if row.success != "failed"]
    opening = opening_fen(rows)
    balance: int | None = None
    breaks, first, missing = 0, None, 0
    for row in rows:
        expected = None
        change = signed_fen(row)
        if balance is not None and change is not None:
            expected = balance + change
        if expected is not None and row.balance_fen is not None and row.balance_fen != expected:
            breaks += 1
            if first is None:
                first, missing = row.row_no, row.balance_fen - expected
        balance = row.balance_fen if row.balance_fen is not None else expected
    return Check(opening, balance, breaks, first, missing)


def check_listed(rows: Sequence[E]) -> Check:
    """Check rows as listed in one statement, and say whether order alone made them agree."""
    ordered = in_order(rows)
    found = check(ordered)
    plain = list(reversed(rows)) if _newest_first(rows) else list(rows)
    plain.sort(key=lambda row: row.at)
    reordered = any(one is not other for one, other in zip(plain, ordered, strict=True))
    return Check(
        found.opening_fen,
        found.closing_fen,
        found.breaks,
        found.row_no,
        found.missing_fen,
        reordered,
    )


def opening_fen(rows: Sequence[Entry]) -> int | None:
    """What lay there before the first row; None if no balance says so."""
    moved = 0
    for row in rows:
        if row.success == "failed":
            continue
        change = signed_fen(row)
        if change is None:
            return None
        moved += change
        if row.balance_fen is not None:
            return row.balance_fen - moved
    return None
