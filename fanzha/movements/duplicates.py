"""Which rows tell again what another row told (R6): within one file, and across files."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, NamedTuple

from fanzha.core.clock import local

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime

    from fanzha.movements.row import Row

SHORTEST_SERIAL = 4
MATCHES = ("number", "text")


class Told(NamedTuple):
    """What a row imported earlier says; `ref` is its `<statement>:<row_no>`."""

    ref: str
    own_key: str
    txn_time: datetime
    time_precision: str
    amount_fen: int
    direction: str
    currency: str
    serial_no: str
    balance_fen: int | None
    cp_key: str
    cp_kind: str


def serial_of(row: Row | Told) -> str:
    """The serial, if it can tell rows apart: not empty, not a filler such as 0000."""
    serial = row.serial_no
    return serial if len(serial) >= SHORTEST_SERIAL and len(set(serial)) > 1 else ""


def mark_within(rows: Sequence[Row]) -> int:
    """Mark rows that repeat serial, account, amount and time of an earlier one in the file.

    Equal rows without a serial are two payments (R6 c). So are rows whose balance or counterparty
    differs although the serial is the same; how many of those there were is the result.
    """
    first: dict[tuple[object, ...], list[Row]] = defaultdict(list)
    repeated = 0
    for row in rows:
        if not (serial := serial_of(row)):
            continue
        key = (serial, row.own_key, row.currency, row.amount_fen, row.direction, row.txn_time)
        same = next((each for each in first[key] if not _contradict(row, each)), None)
        if same is None:
            repeated += bool(first[key])
            first[key].append(row)
        else:
            row.dup_of = f":{same.row_no}"
    return repeated


class Earlier:
    """What earlier statements told, each row of which another may match once (R6 d).

    `earlier` in the order in which it was imported: the n-th equal row of the new statement is the
    n-th of the old ones, so that overlapping periods count once and repeated payments survive.
    `group` maps a number to the key of its account.
    """

    def __init__(self, earlier: Iterable[Told], group: Mapping[str, str]) -> None:
        self.group = group
        self._told: dict[tuple[object, ...], list[Told]] = defaultdict(list)
        for each in earlier:
            self._told[_bucket(each, group)].append(each)

    @property
    def amounts(self) -> set[tuple[object, ...]]:
        """Account, currency, direction and amount: a row with none of these was not told."""
        return {bucket[:-1] for bucket in self._told}

    def mark(self, rows: Iterable[Row]) -> None:
        """Mark the rows, in the order of their file, that were told before."""
        for row in rows:
            if row.dup_of:
                continue
            there = self._told.get(_bucket(row, self.group), [])
            same = min(
                (each for each in there if _same(row, each)), key=lambda each: _doubt(row, each),
                default=None,
            )  # fmt: skip
            if same is not None:
                row.dup_of = same.ref
                there.remove(same)


def mark_across(rows: Sequence[Row], earlier: Iterable[Told], group: Mapping[str, str]) -> None:
    """Mark rows that an earlier statement of the account has already, matched one to one."""
    Earlier(earlier, group).mark(rows)


def _bucket(row: Row | Told, group: Mapping[str, str]) -> tuple[object, ...]:
    day = local(row.txn_time).date()
    own = group.get(row.own_key, row.own_key)
    return own, row.currency, row.direction, row.amount_fen, day


def _same(row: Row, told: Told) -> bool:
    serials = serial_of(row), serial_of(told)
    if all(serials) and serials[0] != serials[1]:
        return False
    return _same_time(row, told) and not _contradict(row, told)


def _same_time(row: Row, told: Told) -> bool:
    """Equal, or as equal as the coarser of the two can say; the day is the same already."""
    precisions = {row.time_precision, told.time_precision}
    if "date" in precisions:
        return True
    if "minute" in precisions:
        return row.txn_time.replace(second=0) == told.txn_time.replace(second=0)
    return row.txn_time == told.txn_time


def _contradict(row: Row, other: Row | Told) -> bool:
    balances = row.balance_fen, other.balance_fen
    if None not in balances and balances[0] != balances[1]:
        return True
    named = row.cp_kind in MATCHES and other.cp_kind in MATCHES
    return named and row.cp_key != other.cp_key


def _doubt(row: Row, told: Told) -> tuple[bool, bool, bool]:
    """Smaller is surer; among equals the earliest imported is taken."""
    return (
        row.txn_time != told.txn_time,
        not serial_of(row) or serial_of(row) != serial_of(told),
        row.balance_fen is None or row.balance_fen != told.balance_fen,
    )
