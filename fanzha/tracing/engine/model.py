"""Movements and seeds, the input of a trace; the kinds of ends and notes.

Amounts are fen (or minor units of the named currency), times are whole seconds or any other
integers that only order the rows. The place of a row in `Movements` is its `seq`.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from numpy.typing import NDArray

ENGINE: Final = "fanzha-tracing 2.0"
FLOW_RULES: Final = ("fifo", "lifo", "own_first", "rolling_pro_rata")
"""Rules that say whose money leaves: their ends sum to the seeds."""
VALUATIONS: Final = ("libr_cap", "libr_cap_then_share", "pari_passu_end", "timestamp_ladder")
"""Rules that say what can be claimed of what is there."""
REACH: Final = "poison"
"""The rule for reach only: whom to ask, never how much."""
RULE_VERSIONS: Final = {rule: f"{rule}-1" for rule in (*FLOW_RULES, *VALUATIONS, REACH)} | {
    "fifo": "fifo-2",  # 2: what several reversals of one row bring back keeps its order
    "poison": "poison-2",  # 2: a victim's payment ends what it takes back out of an exit
    "timestamp_ladder": "timestamp_ladder-2",  # 2: more orders count as possible before the money
}
"""The version of each rule's meaning: it changes when the same input may give other figures."""

OUTSIDE: Final = -1
NO_ROW: Final = -1
NO_BALANCE: Final = -(2**63)
HOME_CURRENCY: Final = "CNY"
MOST_FEN: Final = 2**63 - 1
MOST_TIME: Final = 2**60
"""Beyond these a figure does not fit into a column of 64 bits, or its sum with a width does not."""


class InputError(ValueError):
    """Rows or seeds that cannot be traced; the text says why, `row_id` and `field` say where."""

    def __init__(self, text: str, *, row_id: str = "", field: str = "") -> None:
        super().__init__(text)
        self.row_id = row_id
        self.field = field


class EndKind(StrEnum):
    """Where followed money ends, exactly these (the tracing page of the design)."""

    HELD = "held"
    CASH = "cash"
    MERCHANT = "merchant"
    PAYMENT_INSTITUTION = "payment_institution"
    CRYPTO_OTC = "crypto_otc"
    FEE = "fee"
    UNKNOWN = "unknown"
    NO_REPLY = "no_reply"
    NOT_QUERIED = "not_queried"
    REFUSED = "refused"
    TRUNCATED = "truncated"
    MISSING = "missing"
    OVERDRAFT = "overdraft"
    BEYOND_LIMITS = "beyond_limits"
    RETURNED_TO_VICTIM = "returned_to_victim"
    CURRENCY_EXCHANGE = "currency_exchange"


EXIT_KINDS: Final = frozenset(
    {
        EndKind.CASH,
        EndKind.MERCHANT,
        EndKind.PAYMENT_INSTITUTION,
        EndKind.CRYPTO_OTC,
        EndKind.FEE,
        EndKind.UNKNOWN,
    }
)
GAP_KINDS: Final = frozenset(
    {
        EndKind.NO_REPLY,
        EndKind.NOT_QUERIED,
        EndKind.REFUSED,
        EndKind.TRUNCATED,
        EndKind.MISSING,
    }
)

STOP_KINDS: Final = GAP_KINDS | {EndKind.BEYOND_LIMITS}
"""As what money may end in an account that is not followed: nobody sees on, or nobody looks on."""


class NoteKind(StrEnum):
    """What a reader of the figures must know besides them."""

    MISSING = "missing"
    OVERDRAFT = "overdraft"
    REVERSAL_SHORT = "reversal_short"
    BALANCE_DISAGREES = "balance_disagrees"
    CURRENCY_EXCHANGE = "currency_exchange"
    SAME_TIME = "same_time"
    ORDER_BY_BALANCE = "order_by_balance"
    ARRIVES_BEFORE_LEAVING = "arrives_before_leaving"
    UNFINISHED = "unfinished"


class Note(NamedTuple):
    """A finding on `row` seen from `account`; `fen` is the sum that it concerns."""

    row: int
    kind: NoteKind
    account: str
    fen: int


class Movement(NamedTuple):
    """One row as it is handed in; an empty account is the world outside all accounts.

    `channel` (one of EXIT_KINDS, empty for unknown) counts only where `to_account` is empty.
    Balances are those stated by the bank after the row. `reverses` is the id of the original.
    `time_to` is the payee's bank's time if it gives its own; `width` the seconds within which the
    times lie (86,400 if only the date is known).
    """

    id: str
    time: int
    from_account: str
    to_account: str
    amount_fen: int
    balance_from_fen: int | None = None
    balance_to_fen: int | None = None
    channel: str = ""
    currency: str = HOME_CURRENCY
    reverses: str = ""
    time_to: int | None = None
    width: int = 1


@dataclass(frozen=True, eq=False)
class Movements:
    """All rows as columns in `seq` order: time, then the order in which they were handed in."""

    ids: tuple[str, ...]
    accounts: tuple[str, ...]
    time: NDArray[np.int64]
    from_account: NDArray[np.int32]
    to_account: NDArray[np.int32]
    amount_fen: NDArray[np.int64]
    balance_from_fen: NDArray[np.int64]
    balance_to_fen: NDArray[np.int64]
    channel: tuple[EndKind, ...]
    currency: tuple[str, ...]
    reverses: NDArray[np.int64]
    time_to: NDArray[np.int64]
    width: NDArray[np.int64]
    settled: tuple[int, ...] = ()
    """First rows of groups that stand in the order of their balances, not of the file."""
    part_of: int = 0
    """How many rows there are in all, if these are only those that a trace needs."""

    @classmethod
    def build(cls, rows: Iterable[Movement]) -> Movements:
        """Sort and encode; raises InputError on repeated ids and impossible rows.

        Rows without a certain order keep that of the file unless their balances allow one only.
        """
        from fanzha.tracing.engine.order import settle

        ordered = sorted(rows, key=lambda row: row.time)
        ids = tuple(row.id for row in ordered)
        row_of = {name: at for at, name in enumerate(ids)}
        if len(row_of) < len(ids):
            twice = next(name for at, name in enumerate(ids) if row_of[name] != at)
            raise InputError(f"the id {twice!r} stands twice", row_id=twice, field="id")
        for row in ordered:
            _check(row)
        codes = _codes(ordered)
        movements = cls(
            ids=ids,
            accounts=tuple(codes)[1:],
            time=_column(ordered, "time", [row.time for row in ordered], MOST_TIME),
            from_account=np.array([codes[row.from_account] for row in ordered], np.int32),
            to_account=np.array([codes[row.to_account] for row in ordered], np.int32),
            amount_fen=_column(ordered, "amount_fen", [row.amount_fen for row in ordered]),
            balance_from_fen=_balances(ordered, "balance_from_fen"),
            balance_to_fen=_balances(ordered, "balance_to_fen"),
            channel=tuple(_exit(row) for row in ordered),
            currency=tuple(row.currency for row in ordered),
            reverses=np.array([_original(row, row_of) for row in ordered], np.int64),
            time_to=_column(ordered, "time_to", [_arrival(row) for row in ordered], MOST_TIME),
            width=_column(ordered, "width", [row.width for row in ordered], MOST_TIME),
        )
        for at in np.flatnonzero(movements.reverses != NO_ROW).tolist():
            movements.check_reversal(at)
        return settle(movements)

    def __len__(self) -> int:
        return len(self.ids)

    @cached_property
    def row_of(self) -> Mapping[str, int]:
        """Row by id."""
        return {name: at for at, name in enumerate(self.ids)}

    @cached_property
    def code_of(self) -> Mapping[str, int]:
        """Account code by name."""
        return {name: code for code, name in enumerate(self.accounts)}

    @cached_property
    def _events(self) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """The places of all leavings and arrivals in one order: time, row, leaving first."""
        rows = np.arange(len(self))
        if np.array_equal(self.time, self.time_to):
            return 2 * rows, 2 * rows + 1
        times = np.concatenate([self.time, np.maximum(self.time, self.time_to)])
        place = np.empty(2 * len(self), np.int64)
        place[np.lexsort((np.concatenate([2 * rows, 2 * rows + 1]), times))] = np.arange(len(place))
        return place[: len(self)], place[len(self) :]

    @property
    def left_at(self) -> NDArray[np.int64]:
        """The place of each row's leaving among all events."""
        return self._events[0]

    @property
    def arrived_at(self) -> NDArray[np.int64]:
        """The place of each row's arrival among all events; never before its leaving."""
        return self._events[1]

    @cached_property
    def _touching(self) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """The rows touching each account, in order of their events there, with its bounds."""
        moving = np.flatnonzero((self.from_account != self.to_account) & (self.amount_fen > 0))
        account = np.concatenate([self.from_account[moving], self.to_account[moving]])
        row = np.concatenate([moving, moving])
        event = np.concatenate([self.left_at[moving], self.arrived_at[moving]])
        order = np.lexsort((event, account))
        bounds = np.searchsorted(account[order], np.arange(len(self.accounts) + 1))
        return row[order], bounds

    def rows_touching(self, account: int) -> list[int]:
        """Rows that move money in or out, in order of their events there; no self-transfers."""
        rows, bounds = self._touching
        touching: list[int] = rows[bounds[account] : bounds[account + 1]].tolist()
        return touching

    def rows_around(self, account: int, group: Sequence[int]) -> tuple[list[int], list[int]]:
        """The row before and the row after those of the group, as rows_touching has them."""
        rows, bounds = self._touching
        own = rows[bounds[account] : bounds[account + 1]]
        inside = np.flatnonzero(np.isin(own, group))
        first, last = int(inside[0]), int(inside[-1])
        return own[:first][-1:].tolist(), own[last + 1 :][:1].tolist()

    @cached_property
    def reversals_of(self) -> Mapping[int, list[int]]:
        """The reversals of each row that has any, in `seq` order."""
        found: dict[int, list[int]] = {}
        for row in np.flatnonzero(self.reverses != NO_ROW).tolist():
            found.setdefault(int(self.reverses[row]), []).append(row)
        return found

    def back_with(self, row: int) -> list[int]:
        """The reversals, the row among them, of the row that this one reverses; else none."""
        original = int(self.reverses[row])
        return self.reversals_of[original] if original != NO_ROW else []

    def name(self, account: int) -> str:
        """Name the account; empty for the world outside."""
        return self.accounts[account] if account != OUTSIDE else ""

    def check_reversal(self, row: int) -> None:
        """Refuse a reversal that is not the mirror of an earlier row in the same currency."""
        original = int(self.reverses[row])
        names = f"{self.ids[row]!r} reverses {self.ids[original]!r}"
        where = {"row_id": self.ids[row], "field": "reverses"}
        if original >= row:
            raise InputError(f"{names}, which does not come before it", **where)
        there = (self.from_account[original], self.to_account[original], self.currency[original])
        if (self.to_account[row], self.from_account[row], self.currency[row]) != there:
            raise InputError(f"{names}, but does not run back between the same accounts", **where)


@dataclass(frozen=True)
class Seeds:
    """The victims' payments: rows of a `Movements`, ascending, each with its claim."""

    rows: tuple[int, ...]
    claims: tuple[str, ...]

    @classmethod
    def of(cls, movements: Movements, payments: Iterable[tuple[str, str]]) -> Seeds:
        """Seeds from (row id, claim); raises InputError on an unknown, repeated or idle row."""
        claim_of: dict[int, str] = {}
        for name, claim in payments:
            row = movements.row_of.get(name)
            if row is None:
                raise InputError(f"no movement has the id {name!r}", row_id=name, field="id")
            if row in claim_of:
                raise InputError(f"the payment {name!r} stands twice", row_id=name, field="id")
            if movements.from_account[row] == movements.to_account[row]:
                problem = f"the payment {name!r} leads back to its own account"
                raise InputError(problem, row_id=name, field="id")
            claim_of[row] = claim
        if len({movements.currency[row] for row in claim_of}) > 1:
            raise InputError("the payments are in several currencies; trace each on its own")
        rows = tuple(sorted(claim_of))
        return cls(rows, tuple(claim_of[row] for row in rows))


def _check(row: Movement) -> None:
    if row.amount_fen < 0:
        raise InputError(f"{row.amount_fen} is negative", row_id=row.id, field="amount_fen")
    if row.width < 1:
        raise InputError(f"{row.width} seconds are no width", row_id=row.id, field="width")
    if not row.from_account and not row.to_account:
        raise InputError("both accounts are empty", row_id=row.id, field="to_account")
    if not row.to_account and row.channel and row.channel not in EXIT_KINDS:
        raise InputError(f"{row.channel!r} is no exit", row_id=row.id, field="channel")


def _codes(rows: Sequence[Movement]) -> dict[str, int]:
    """Account codes by first appearance; the empty name is OUTSIDE."""
    codes = {"": OUTSIDE}
    for row in rows:
        codes.setdefault(row.from_account, len(codes) - 1)
        codes.setdefault(row.to_account, len(codes) - 1)
    return codes


def _column(
    rows: Sequence[Movement], field: str, numbers: Sequence[int], most: int = MOST_FEN
) -> NDArray[np.int64]:
    """Lay numbers into a column; raises InputError for the first that is beyond `most`."""
    if max(numbers, default=0) > most or min(numbers, default=0) < -most:
        row = next(row for row, n in zip(rows, numbers, strict=True) if abs(n) > most)
        raise InputError(f"{getattr(row, field)} is out of range", row_id=row.id, field=field)
    return np.array(numbers, np.int64)


def _balances(rows: Sequence[Movement], field: str) -> NDArray[np.int64]:
    stated = [getattr(row, field) for row in rows]
    column = _column(rows, field, [fen or 0 for fen in stated])
    column[[fen is None for fen in stated]] = NO_BALANCE
    return column


def _original(row: Movement, row_of: Mapping[str, int]) -> int:
    if not row.reverses:
        return NO_ROW
    if row.reverses not in row_of:
        problem = f"no movement has the id {row.reverses!r}"
        raise InputError(problem, row_id=row.id, field="reverses")
    return row_of[row.reverses]


def _arrival(row: Movement) -> int:
    """The time of the payee's bank; outside the account world there is none."""
    return row.time if row.time_to is None or not row.to_account else row.time_to


def _exit(row: Movement) -> EndKind:
    """By which exit the row would leave; a word on an ordinary transfer does not matter."""
    return EndKind(row.channel) if row.channel in EXIT_KINDS else EndKind.UNKNOWN
