"""The FIFO hop, once, as Ibis expressions: the same on every machine that they run on.

All tables are in fen and whole seconds. A key is an account, or a row that left by an exit and was
taken back later: on its far side lies a line too, of which only reversals of that row take. The
accounts whose line running sums cannot lay (`odd_accounts`) get theirs from the engine.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

import ibis
from ibis import _

from fanzha.tracing.engine.model import EndKind

if TYPE_CHECKING:
    from ibis.expr.types import BooleanValue, StringValue, Table, Value

    from fanzha.tracing.engine.limits import Limits

REST: Final = -1
"""The row that stands for no outflow: what it overlaps is still there."""
NEVER: Final = 2**63 - 1
"""The end of every line, and the time at which REST leaves."""
EXIT_MARK: Final = "\n"
"""Begins the key of an exit row; no account number holds a line break."""
FACTS: Final = (
    "leaves", "arrives", "from_account", "to_account", "amount_fen", "channel", "currency",
)  # fmt: skip


class Lines(NamedTuple):
    """Where money lies on the lines of some keys.

    `arrivals`: key, row, lo, hi, start: fen `lo..hi` of inflow `row` begin at `start`.
    `departures`: key, row, begin, end, first and the facts of the row: outflow `row` takes
    `begin..end` of the line as its fen from `first` on; what is still there goes to REST.
    """

    arrivals: Table
    departures: Table


class Aside(NamedTuple):
    """What stands beside the movements: tables of the same machine.

    `openings` (key, opening_fen), `gaps` (gap_account, gap), `known` (known_account; None: all),
    `seeds` (seed_row), `taken_back` (exit_row: rows that left by an exit and have a reversal).
    """

    openings: Table
    gaps: Table
    known: Table | None
    seeds: Table
    taken_back: Table


def moving(movements: Table) -> Table:
    """Keep the rows that move money, with both their times and the kind of their exit."""
    rows = movements.filter(_.from_account != _.to_account, _.amount_fen > 0)
    return rows.select(
        row=_.seq,
        leaves=_.time,
        arrives=ibis.greatest(_.time, ibis.coalesce(_.time_to, _.time)),
        from_account=_.from_account,
        to_account=_.to_account,
        amount_fen=_.amount_fen,
        channel=ibis.ifelse(_.channel == "", EndKind.UNKNOWN.value, _.channel),
        currency=_.currency,
        stated=_.balance_from_fen,
        reverses=_.reverses,
    )


def exits_taken_back(rows: Table) -> Table:
    """Find the rows that left by an exit and have a reversal."""
    back = rows.filter(_.reverses.notnull(), _.from_account == "")
    return back.select(exit_row=_.reverses).distinct()


def touching(rows: Table, keys: Table) -> Table:
    """Keep the rows on the lines of the keys; `keys` has key and exit_row (null: an account)."""
    exits = keys.filter(_.exit_row.notnull()).exit_row
    return rows.filter(
        rows.from_account.isin(keys.key)
        | rows.to_account.isin(keys.key)
        | rows.row.isin(exits)
        | (rows.reverses.notnull() & rows.reverses.isin(exits))
    )


def odd_accounts(rows: Table, currency: str) -> Table:
    """Find the accounts (key) whose line running sums cannot lay.

    A reversal puts money in front, and takes its own money first; an outflow in another currency
    takes of this one only what its own kind does not cover.
    """
    back = rows.filter(_.reverses.notnull())
    payers = rows.filter(_.reverses.notnull() | (_.currency != currency))
    keys = ibis.union(payers.select(key=_.from_account), back.select(key=_.to_account))
    return keys.filter(_.key != "").distinct()


def laid(rows: Table, aside: Aside, currency: str, keys: Table) -> Table:
    """Lay the lines of the keys by running sums; `rows` must hold all of theirs.

    One row for each arrival (fen_in, from `start` on the line) and each leaving (fen_out, up to
    `went`) with the facts of its row; `is_last` marks the last one of a key.

    Money is missing where an outflow goes short of all that came and the balance stated after it
    proves that it had been there. How much is missing so far is the running maximum of the
    shortage so proven; each growth of it lies just before its outflow, so it shifts every later
    inflow and no outflow.
    """
    events = _events(rows.filter(_.currency == currency), aside, keys)
    in_order = {"group_by": "key", "order_by": ["at", "row"]}
    so_far = ibis.cumulative_window(**in_order)
    events = events.mutate(
        came=ibis.coalesce(_.opening_fen, 0) + _.fen_in.sum().over(so_far),
        went=_.fen_out.sum().over(so_far),
        is_last=_.row.lead().over(ibis.window(**in_order)).isnull(),
    )
    shortage = ibis.ifelse(
        (_.fen_out > 0) & _.stated.notnull(),
        _.went - _.came + ibis.least(_.stated, 0),
        ibis.null("int64"),
    )
    events = events.mutate(shortage=shortage)
    missing = ibis.greatest(ibis.coalesce(_.shortage.max().over(so_far), 0), 0)
    return events.select(
        "key", "row", "fen_in", "fen_out", "went", "is_last", *FACTS,
        start=_.came - _.fen_in + missing,
    )  # fmt: skip


def lines(events: Table) -> Lines:
    """Read what `laid` laid as lines."""
    arrivals = events.filter(_.fen_in > 0)
    return Lines(
        arrivals.select("key", "row", lo=whole(0), hi="fen_in", start="start"),
        _departures(events),
    )


def hop(pieces: Table, laid: Lines, aside: Aside, limits: Limits) -> Table:
    """Hand pieces on along the lines: an equi-join on the key and an overlap of ranges.

    `pieces` come from `arrived`, none of them stopped. One row for each part of a piece: `fen`,
    `end` (why it goes no further, else null), `end_account`; where `end` is null, the next piece:
    row, lo, hi, hop and the facts of its row.
    """
    there = laid.arrivals.rename(in_key="key", in_row="row", in_lo="lo", in_hi="hi")
    here = pieces.inner_join(
        there,
        [
            pieces.key == there.in_key,
            pieces.row == there.in_row,
            there.in_lo < pieces.hi,
            there.in_hi > pieces.lo,
        ],
    )
    here = here.mutate(
        at=_.start + ibis.greatest(_.lo, _.in_lo) - _.in_lo,
        stop=_.start + ibis.least(_.hi, _.in_hi) - _.in_lo,
    )
    here = here.select(
        "key", "exit_row", "claim", "resting", "resting_account", "at", "stop",
        parent_row="row", parent_lo="lo", parent_hop="hop", arrived="arrives",
    )  # fmt: skip
    out = laid.departures.rename(out_key="key")
    met = here.inner_join(
        out, [here.key == out.out_key, out.begin < here.stop, out.end > here.at]
    ).left_join(aside.seeds, [_.row == aside.seeds.seed_row])
    lo, hi = ibis.greatest(_.at, _.begin), ibis.least(_.stop, _.end)
    met = met.mutate(
        fen=hi - lo,
        lo=lo - _.begin + _.first,
        hi=hi - _.begin + _.first,
        hop=_.parent_hop + 1,
    )
    return met.select(
        "parent_row", "parent_lo", "claim", "fen", "row", "lo", "hi", "hop", *FACTS,
        end=_end(limits), end_account=_.resting_account,
    )  # fmt: skip


def arrived(pieces: Table, aside: Aside, currency: str) -> Table:
    """Say of pieces where they arrive: `stop` and `stop_account` if they go no further, else null.

    Adds key and exit_row of the line that they lie on, and the end that they come to by resting.
    """
    there = pieces.left_join(aside.gaps, [pieces.to_account == aside.gaps.gap_account])
    there = there.left_join(aside.taken_back, [there.row == aside.taken_back.exit_row])
    unseen: Value = ibis.null("string")
    if aside.known is not None:
        there = there.left_join(aside.known, [there.to_account == aside.known.known_account])
        unseen = ibis.ifelse(
            _.known_account.isnull(), EndKind.NOT_QUERIED.value, ibis.null("string")
        )
    leaves = there.to_account == ""
    there = there.mutate(
        stop=ibis.cases(
            (_.currency != currency, EndKind.CURRENCY_EXCHANGE.value),
            (leaves & _.exit_row.isnull(), _.channel),
            (leaves, ibis.null("string")),
            else_=ibis.coalesce(_.gap, unseen),
        ),
        stop_account=ibis.ifelse(leaves | (_.currency != currency), _.from_account, _.to_account),
        key=_key(there.to_account, there.row),
        resting=ibis.ifelse(leaves, _.channel, EndKind.HELD.value),
    )
    return there.drop(
        [name for name in ("gap", "gap_account", "known_account") if name in there.columns]
    ).mutate(resting_account=_.stop_account)


def _events(home: Table, aside: Aside, keys: Table) -> Table:
    """Line up what arrives on and what leaves from each key, with the opening of the key."""
    back = aside.taken_back
    arriving = home.filter((home.to_account != "") | home.row.isin(back.exit_row)).mutate(
        key=_key(home.to_account, home.row),
        at=_.arrives,
        fen_in=_.amount_fen,
        fen_out=whole(0),
    )
    leaving = home.filter((_.from_account != "") | _.reverses.notnull()).mutate(
        key=_key(home.from_account, home.reverses),
        at=_.leaves,
        fen_in=whole(0),
        fen_out=_.amount_fen,
        stated=ibis.ifelse(_.from_account == "", ibis.null("int64"), _.stated),
    )
    events = ibis.union(arriving, leaving).semi_join(keys, "key")
    openings = aside.openings.rename(opening_key="key")
    return events.left_join(openings, [events.key == openings.opening_key])


def _departures(events: Table) -> Table:
    """Outflows with their facts, and at the end of each line the row that stands for none."""
    outflows = events.filter(_.fen_out > 0).select(
        "key", "row", *FACTS, begin=_.went - _.fen_out, end=_.went, first=whole(0)
    )
    rest = events.filter(_.is_last).select(
        "key", row=whole(REST), begin=_.went, end=whole(NEVER), first=whole(0),
        leaves=whole(NEVER), arrives=whole(NEVER), from_account=ibis.literal(""),
        to_account=ibis.literal(""), amount_fen=whole(0), channel=ibis.literal(""),
        currency=ibis.literal(""),
    )  # fmt: skip
    return ibis.union(outflows, rest)


def _end(limits: Limits) -> StringValue:
    """Why a part of a piece goes no further; null if the outflow carries it on."""
    came_later = (_.leaves < _.arrived) | ((_.leaves == _.arrived) & (_.row < _.parent_row))
    return ibis.cases(
        (_.row == REST, _.resting),
        (came_later & _.exit_row.isnull(), EndKind.OVERDRAFT.value),
        (_.seed_row.notnull(), EndKind.RETURNED_TO_VICTIM.value),
        (_beyond(limits), EndKind.BEYOND_LIMITS.value),
        else_=ibis.null("string"),
    )


def _beyond(limits: Limits) -> BooleanValue:
    """Whether the limits cut the part; `max_transfers` cannot be told before the last hop."""
    cut = _.amount_fen < limits.min_amount_fen
    if limits.max_hops is not None:
        cut |= _.hop > limits.max_hops
    if limits.hop_window is not None:
        cut |= _.leaves - _.arrived > limits.hop_window
    return cut


def _key(account: Value, row: Value) -> StringValue:
    exit_key = ibis.literal(EXIT_MARK) + row.cast("string")
    return ibis.ifelse(account == "", exit_key, account)


def whole(number: int) -> Value:
    """Write a number as a column of 64 bits, as both machines hold it."""
    return ibis.literal(number, "int64")
