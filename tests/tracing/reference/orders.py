"""Every order in which the rows can have happened, tried one by one."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from tests.tracing.reference.lots import Rule
from tests.tracing.reference.replay import Replay
from tests.tracing.reference.rows import Event

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from tests.tracing.reference.rows import Case, Row

    Order = tuple[Event, ...]


def happenings(rows: Sequence[Row]) -> list[Order]:
    """What happens as one: a row; of a row that arrives later, the leaving and the arrival."""
    found: list[Order] = []
    for place, row in enumerate(sorted(rows, key=lambda row: row.time)):
        if row.moves:
            late = row.time_to is not None and bool(row.payee) and row.time_to > row.time
            arrival = row.time_to if late and row.time_to is not None else row.time
            both = Event(row.time, place, False, row), Event(arrival, place, True, row)
            found += [both[:1], both[1:]] if late else [both]
    return found


def admissible_orders(waiting: Sequence[Order]) -> Iterator[Order]:
    """All orders that the times allow: an event is somewhere in [time, time + width).

    A row arrives after it left; a reversal follows what it reverses.
    """
    if not waiting:
        yield ()
    for events in waiting:
        others = [other for other in waiting if other is not events]
        if not any(_first(other[0], events[0]) for other in others):
            for rest in admissible_orders(others):
                yield *events, *rest


def _first(one: Event, other: Event) -> bool:
    """Whether one event is certainly before another."""
    if one.time + one.row.width <= other.time:
        return True
    if one.row is other.row:
        return other.arrives
    apart = other.time + other.row.width <= one.time
    return one.row.id == other.row.reverses and not other.arrives and not apart


def sides(row: Row) -> list[tuple[str, int, int | None]]:
    """The accounts of a row, each with its change and the balance stated after it."""
    both = (row.payer, -row.fen, row.payer_balance), (row.payee, row.fen, row.payee_balance)
    return [side for side in both if side[0]]


def tied(rows: Sequence[Row]) -> list[list[Row]]:
    """The rows of each group, in their order, whose times meet in an account, one after another.

    Rows with a second time are not looked at here.
    """
    groups: list[list[Row]] = []
    for row in sorted((row for row in rows if row.moves), key=lambda row: row.time):
        accounts = {account for account, *_ in sides(row)}
        meets = [
            group
            for group in groups
            if any(
                row.time < other.time + other.width and accounts & {a for a, *_ in sides(other)}
                for other in group
            )
        ]
        groups = [group for group in groups if group not in meets]
        groups.append([*(other for group in meets for other in group), row])
    return [group for group in groups if len(group) > 1]


def entering(case: Case, group: Sequence[Row]) -> dict[str, int]:
    """The balances stated just before the group, where a row of the group could follow them."""
    in_order = sorted((row for row in case.rows if row.moves), key=lambda row: row.time)
    first = min(in_order.index(row) for row in group)
    stated: dict[str, int | None] = {}
    for row in in_order[:first]:
        stated |= {account: balance for account, _, balance in sides(row)}
    after = [side for row in group for side in sides(row)]
    return {
        account: balance
        for account, balance in stated.items()
        if balance is not None
        and any(a == account and then in {None, balance + change} for a, change, then in after)
    }


def fits(order: Sequence[Row], known: dict[str, int]) -> bool:
    """Whether the balances stated in a group follow from each other in this order."""
    known = dict(known)
    for row in order:
        for account, change, stated in sides(row):
            if account in known:
                known[account] += change
                if stated not in {None, known[account]}:
                    return False
            elif stated is not None:
                known[account] = stated
    return True


def possible_orders(case: Case) -> list[Order]:
    """What times and balances allow; balances that fit no order of a group say nothing of it."""
    orders = list(admissible_orders(happenings(case.rows)))
    for group in tied(case.rows):
        if all(stated is None for row in group for *_, stated in sides(row)):
            continue
        known = entering(case, group)
        fitting = [
            order
            for order in orders
            if fits([e.row for e in order if not e.arrives and e.row in group], known)
        ]
        orders = fitting or orders
    return orders


def numbered(order: Order) -> list[Event]:
    """The events one after the other, whatever their times say."""
    return [event._replace(place=place) for place, event in enumerate(order)]


def replays(case: Case, rule: Rule = Rule.FIFO) -> list[Replay]:
    """The case in every possible order."""
    return [Replay(case, rule, numbered(order)) for order in possible_orders(case)]


def ranges(case: Case, rule: Rule) -> dict[tuple[str, str, str], tuple[int, int]]:
    """The least and the most of every end over all possible orders.

    An empty claim stands for all of them together.
    """
    results = []
    for replay in replays(case, rule):
        ends = Counter(replay.ends)
        for (account, kind, _), fen in replay.ends.items():
            ends[account, kind, ""] += fen
        results.append(ends)
    keys = {key for ends in results for key in ends}
    return {
        key: (min(ends[key] for ends in results), max(ends[key] for ends in results))
        for key in keys
    }
