"""What rows of one statement say about themselves: refund, fee, interest, reversal, direction.

All of it is worked out from the rows whenever it is asked for; no row is changed by it, and no
sum: a direction that only the balance tells stays unknown until a person decides.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from fanzha.movements.balances import in_order
from fanzha.movements.evidence import speaks_of
from fanzha.movements.profile import evidence
from fanzha.movements.row import signed_fen

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from fanzha.movements.row import Row

KINDS = ("reversal", "refund", "fee", "interest")
WITHIN = timedelta(days=30)
"""A reversal comes this soon after its original (project)."""
OTHER = {"in": "out", "out": "in"}


def marks_of(row: Row) -> tuple[str, ...]:
    """The kinds whose words the row uses; mostly none."""
    return tuple(kind for kind in KINDS if speaks_of(row, evidence()[kind]))


def counted(rows: Iterable[Row]) -> dict[str, int]:
    """Kind -> how many rows use its words."""
    return dict(Counter(kind for row in rows for kind in marks_of(row)))


def told(rows: Sequence[Row]) -> dict[str, Any]:
    """All that the kept rows of a file say: see `shown`."""
    return shown(counted(rows), rows)


def shown(counts: Mapping[str, int], rows: Sequence[Row]) -> dict[str, Any]:
    """`marks`, `reverses` and `inferred`, those that say something; `rows` as they are needed."""
    found = {
        "marks": dict(counts),
        "reverses": reversals(rows),
        "inferred": {way: sums for way, sums in inferred_sums(rows).items() if sums},
    }
    return {name: each for name, each in found.items() if each}


def reversals(rows: Sequence[Row]) -> dict[int, int | None]:
    """Row number of each reversal -> that of the row it takes back, None if it is not found (R10).

    The original moved the same amount of the same account the other way, at most 30 days before;
    or the reversal repeats it with a minus. An original is taken back once; one with the same
    counterparty or serial goes before others, then the latest.
    """
    listed = sorted(rows, key=lambda row: (row.at, row.row_no))
    amounts: Mapping[tuple[str, str, int], list[Row]] = defaultdict(list)
    found: dict[int, int | None] = {}
    taken: set[int] = set()
    for row in listed:
        key = row.own_key, row.currency, row.amount_fen
        if row.success != "failed" and speaks_of(row, evidence()["reversal"]):
            there = [
                each for each in amounts[key]
                if each.row_no not in taken
                and each.direction in _taken_back(row)
                and row.txn_time - each.txn_time <= WITHIN
            ]  # fmt: skip
            best = max(there, key=lambda each: _likeness(row, each), default=None)
            found[row.row_no] = best.row_no if best else None
            taken |= {best.row_no} if best else set()
        elif row.success != "failed":
            amounts[key].append(row)
    return found


def _taken_back(row: Row) -> tuple[str, ...]:
    if row.direction == "unknown":
        return ("in", "out")
    return (OTHER[row.direction],)


def _likeness(row: Row, other: Row) -> tuple[bool, bool, int, int]:
    serial = bool(row.serial_no) and row.serial_no == other.serial_no
    return serial, bool(row.cp_key) and row.cp_key == other.cp_key, other.at, other.row_no


def inferred(rows: Sequence[Row]) -> dict[int, str]:
    """Row number -> in or out, where only the balance says it (R3): exactly one of them fits."""
    accounts: Mapping[tuple[str, str, str], list[Row]] = defaultdict(list)
    for row in rows:
        accounts[row.own_key, row.sub_account, row.currency].append(row)
    found: dict[int, str] = {}
    for listed in accounts.values():
        if any(row.direction == "unknown" for row in listed):
            found |= _inferred(in_order(listed))
    return found


def _inferred(rows: Iterable[Row]) -> dict[int, str]:
    found: dict[int, str] = {}
    balance: int | None = None
    for row in rows:
        change = signed_fen(row)
        if change is None and balance is not None and row.balance_fen is not None:
            ways = {row.amount_fen: "in", -row.amount_fen: "out"}
            if way := ways.get(row.balance_fen - balance):
                found[row.row_no] = way
        if row.balance_fen is not None:
            balance = row.balance_fen
        elif balance is not None:
            balance = None if change is None else balance + change
    return found


def inferred_sums(rows: Sequence[Row]) -> dict[str, dict[str, int]]:
    """Direction -> currency -> minor units of the rows whose direction only the balance says."""
    ways = inferred(rows)
    sums: dict[str, Counter[str]] = {"in": Counter(), "out": Counter()}
    for row in rows:
        if way := ways.get(row.row_no):
            sums[way][row.currency] += row.amount_fen
    return {way: dict(each) for way, each in sums.items()}
