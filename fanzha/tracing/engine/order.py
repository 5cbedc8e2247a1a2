"""Which rows have no certain order, and which orders times and balances allow.

A row's time is known to `width` seconds (86,400 where only the date is known). Two rows that touch
one account and whose times may be equal are tied; ties chain into groups. Within a group every
order is possible that the times leave open and that keeps a reversal after its original. If the
balances stated in the group fit some of them, only those are possible.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

import numpy as np

from fanzha.tracing.engine.model import NO_BALANCE, NO_ROW, OUTSIDE

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from numpy.typing import NDArray

    from fanzha.tracing.engine.model import Movements

MOST_STEPS: Final = 20_000
"""So many rows are tried in places of one group before its orders count as too many."""
MOST_ROWS: Final = 200
"""A group of more rows has too many orders."""


class TooManyOrders(Exception):
    """A group has more orders than could be looked at."""


def tied_groups(movements: Movements) -> list[list[int]]:
    """Find the groups of rows without a certain order, each in `seq` order."""
    before, after = _tied_pairs(movements)
    leader: dict[int, int] = {}
    for one, other in zip(before.tolist(), after.tolist(), strict=True):
        first, second = sorted((_leader(leader, one), _leader(leader, other)))
        leader[second] = first
    groups: dict[int, list[int]] = {}
    for row in sorted({*before.tolist(), *after.tolist()}):
        groups.setdefault(_leader(leader, row), []).append(row)
    return list(groups.values())


def possible_orders(movements: Movements, group: Sequence[int]) -> tuple[list[list[int]], bool]:
    """List the orders of one group, and tell whether balances narrowed them.

    The order of the rows as they are comes first if it is possible. Raises TooManyOrders.
    """
    search = _Search(movements, group)
    fitting = list(search.orders(by_balance=True)) if search.has_balances else []
    if fitting:
        return fitting, True
    return list(search.orders(by_balance=False)), False


def in_order(movements: Movements, orders: Sequence[Sequence[int]]) -> Movements:
    """Put the rows of each group into the given order; all other rows keep their place.

    A row that moves behind one with a later time takes that time, within its own width.
    """
    slot, time = np.arange(len(movements)), movements.time.copy()
    for order in orders:
        rows = np.asarray(order)
        slot[rows] = np.sort(rows)
        time[rows] = np.maximum.accumulate(time[rows])
    place = np.lexsort((slot, time))
    moved = np.empty_like(place)
    moved[place] = np.arange(len(place))
    reverses = movements.reverses[place]
    return replace(
        movements,
        ids=tuple(movements.ids[row] for row in place.tolist()),
        time=time[place],
        time_to=movements.time_to[place],
        width=movements.width[place],
        from_account=movements.from_account[place],
        to_account=movements.to_account[place],
        amount_fen=movements.amount_fen[place],
        balance_from_fen=movements.balance_from_fen[place],
        balance_to_fen=movements.balance_to_fen[place],
        channel=tuple(movements.channel[row] for row in place.tolist()),
        currency=tuple(movements.currency[row] for row in place.tolist()),
        reverses=np.where(reverses == NO_ROW, NO_ROW, moved[reverses]),
    )


def settle(movements: Movements) -> Movements:
    """Put the rows into the order of their balances where that is certain."""
    settled = settled_orders(movements)
    if not settled:
        return movements
    after = in_order(movements, settled)
    return replace(after, settled=tuple(min(order) for order in settled))


def settled_orders(movements: Movements) -> list[list[int]]:
    """Use the balances where they allow exactly one order and leave no doubt.

    That takes a balance on every row of the accounts in question, and a next balance that
    continues them: where rows are missing, an order that fits by chance proves nothing.
    """
    settled = []
    for group in tied_groups(movements):
        if not _fully_stated(movements, group):
            continue
        try:
            orders, narrowed = possible_orders(movements, group)
        except TooManyOrders:
            continue
        if narrowed and len(orders) == 1 and orders[0] != list(group):
            settled.append(orders[0])
    return settled


def _fully_stated(movements: Movements, group: Sequence[int]) -> bool:
    """Tell whether all balances of the accounts with several rows in the group are stated.

    The row before the group and the one after it count too, and the sums must agree over it.
    """
    by_account: dict[int, list[tuple[int, int]]] = {}
    for row in group:
        for account, change, stated in _sides(movements, row):
            by_account.setdefault(account, []).append((change, stated))
    for account, sides in by_account.items():
        if len(sides) == 1:
            continue
        if any(stated == NO_BALANCE for _, stated in sides):
            return False
        before, after = movements.rows_around(account, group)
        if not before:
            return False
        end = _stated(movements, before[0], account)
        if end is None:
            return False
        end += sum(change for change, _ in sides)
        if after:
            change = sum(c for at, c, _ in _sides(movements, after[0]) if at == account)
            if _stated(movements, after[0], account) != end + change:
                return False
    return True


def _stated(movements: Movements, row: int, account: int) -> int | None:
    """The balance of the account stated after the row."""
    found = [stated for at, _, stated in _sides(movements, row) if at == account]
    return found[0] if found and found[0] != NO_BALANCE else None


class _Search:
    """Walks through the orders of one group, row by row, dropping what cannot be."""

    def __init__(self, movements: Movements, group: Sequence[int]) -> None:
        self.movements = movements
        self.group = list(group)
        self.steps = 0
        self.sides = {row: list(_sides(movements, row)) for row in group}
        self.earlier = {row: self._before(row) for row in group}
        self.has_balances = any(
            stated != NO_BALANCE for sides in self.sides.values() for _, _, stated in sides
        )

    def orders(self, *, by_balance: bool) -> Iterator[list[int]]:
        """Yield the possible orders, the order of the rows as they are first."""
        if len(self.group) > MOST_ROWS:
            raise TooManyOrders
        self.steps = 0
        balances = self._entering() if by_balance else None
        yield from self._onward([], dict(balances or {}), by_balance=by_balance)

    def _onward(
        self, placed: list[int], balance: Mapping[int, int | None], *, by_balance: bool
    ) -> Iterator[list[int]]:
        if len(placed) == len(self.group):
            yield list(placed)
            return
        for row in self.group:
            if row in placed or not self.earlier[row] <= set(placed):
                continue
            self.steps += 1
            if self.steps > MOST_STEPS:
                raise TooManyOrders
            after = self._after(row, balance) if by_balance else balance
            if after is not None:
                yield from self._onward([*placed, row], after, by_balance=by_balance)

    def _before(self, row: int) -> set[int]:
        """Rows of the group that are certainly earlier."""
        time, width, original = self.movements.time, self.movements.width, self.movements.reverses
        return {
            other
            for other in self.group
            if time[other] + width[other] <= time[row] or original[row] == other
        }

    def _after(
        self, row: int, balance: Mapping[int, int | None]
    ) -> Mapping[int, int | None] | None:
        """Give the balances after the row; None if a stated one contradicts them."""
        after = dict(balance)
        for account, change, stated in self.sides[row]:
            before = after.get(account)
            expected = None if before is None else before + change
            if stated != NO_BALANCE and expected is not None and stated != expected:
                return None
            after[account] = expected if stated == NO_BALANCE else stated
        return after

    def _entering(self) -> dict[int, int | None]:
        """The stated balance of each account just before the group, where there is one.

        A first balance that no row of the group could follow proves rows missing before it.
        """
        first, entering = self.group[0], {}
        for account in {account for sides in self.sides.values() for account, _, _ in sides}:
            rows = self.movements.rows_touching(account)
            earlier = [row for row in rows if row < first and row not in self.sides]
            stated = _stated(self.movements, earlier[-1], account) if earlier else None
            entering[account] = stated if self._could_follow(account, stated) else None
        return entering

    def _could_follow(self, account: int, stated: int | None) -> bool:
        if stated is None:
            return False
        return any(
            after in (NO_BALANCE, stated + change)
            for sides in self.sides.values()
            for at, change, after in sides
            if at == account
        )


def _sides(movements: Movements, row: int) -> Iterator[tuple[int, int, int]]:
    """(account, change of its balance, balance stated after it) of a row's payer and payee."""
    payer, payee = int(movements.from_account[row]), int(movements.to_account[row])
    fen = int(movements.amount_fen[row])
    if payer != OUTSIDE:
        yield payer, -fen, int(movements.balance_from_fen[row])
    if payee != OUTSIDE:
        yield payee, fen, int(movements.balance_to_fen[row])


def _tied_pairs(movements: Movements) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Pairs of rows, neighbours in one account, of which neither is certainly the earlier."""
    moving = np.flatnonzero(
        (movements.from_account != movements.to_account) & (movements.amount_fen > 0)
    )
    # The reversals of one exit draw on one place, as if it were an account.
    back = (movements.from_account == OUTSIDE) & (movements.reverses != NO_ROW)
    payer = np.where(back, len(movements.accounts) + movements.reverses, movements.from_account)
    account = np.concatenate([payer[moving], movements.to_account[moving]])
    row = np.concatenate([moving, moving])
    start = np.concatenate([movements.time[moving], _arrival(movements)[moving]])
    end = start + movements.width[row]
    inside = account != OUTSIDE
    account, row, start, end = account[inside], row[inside], start[inside], end[inside]
    order = np.lexsort((row, start, account))
    account, row, start, end = account[order], row[order], start[order], end[order]
    _, rank = np.unique(np.concatenate([start, end]), return_inverse=True)
    start, end = rank[: len(row)], rank[len(row) :]
    # The accounts lie behind each other, so that one running maximum serves them all.
    base = account.astype(np.int64) * (2 * len(row) + 1)
    latest = np.maximum.accumulate(base + end) if len(row) else base
    tied = (account[1:] == account[:-1]) & (base[1:] + start[1:] < latest[:-1])
    return row[:-1][tied], row[1:][tied]


def _arrival(movements: Movements) -> NDArray[np.int64]:
    """When each row arrives, never before it leaves."""
    return np.maximum(movements.time, movements.time_to)


def _leader(leader: dict[int, int], row: int) -> int:
    while (above := leader.get(row, row)) != row:
        leader[row] = leader.get(above, above)
        row = above
    return row
