"""The hop as SQL of one machine, written once for every question and every round of it.

Writing the SQL of a round takes longer than a small machine needs to answer it; so tables have
fixed names, and only what lies in them changes from round to round.
"""

from __future__ import annotations

from functools import cached_property, lru_cache
from typing import TYPE_CHECKING, Final, NamedTuple

import ibis
import pyarrow as pa
from ibis import _

from fanzha.tracing.stores import hop as hops
from fanzha.tracing.stores.base import MOVEMENTS, TEXT, WHOLE

if TYPE_CHECKING:
    from ibis.expr.types import Table

    from fanzha.tracing.engine.limits import Limits

ARRIVALS: Final = pa.schema({"key": TEXT, "row": WHOLE, "lo": WHOLE, "hi": WHOLE, "start": WHOLE})
DEPARTURES: Final = pa.schema(
    {
        "key": TEXT, "row": WHOLE, "begin": WHOLE, "end": WHOLE, "first": WHOLE,
        "leaves": WHOLE, "arrives": WHOLE, "from_account": TEXT, "to_account": TEXT,
        "amount_fen": WHOLE, "channel": TEXT, "currency": TEXT,
    }
)  # fmt: skip
GOING: Final = pa.schema(
    {
        "row": WHOLE, "lo": WHOLE, "hi": WHOLE, "claim": WHOLE, "hop": WHOLE, "arrives": WHOLE,
        "key": TEXT, "exit_row": WHOLE, "resting": TEXT, "resting_account": TEXT,
    }
)  # fmt: skip
KEYS: Final = pa.schema({"key": TEXT, "exit_row": WHOLE})
MOST_ODD_ROWS: Final = 1_000_000
"""So many rows of odd accounts are laid beside the machine in one round: 1.6 kB of memory each."""
PUT: Final = {
    "movements": MOVEMENTS,
    "openings": pa.schema({"key": TEXT, "opening_fen": WHOLE}),
    "gaps": pa.schema({"gap_account": TEXT, "gap": TEXT}),
    "known": pa.schema({"known_account": TEXT}),
    "seeds": pa.schema({"seed_row": WHOLE, "claim": WHOLE}),
    "going": GOING,
    "keys": KEYS,
    "even": KEYS,
    "odd_arrivals": ARRIVALS,
    "odd_departures": DEPARTURES,
}
"""The tables that are handed to a machine. Some columns have nulls, no matter which."""


class Query(NamedTuple):
    """SQL of one machine, and the columns of its result."""

    sql: str
    schema: pa.Schema


class Asked:
    """The queries of one question to machines of one dialect, each written when first needed."""

    def __init__(self, dialect: str, currency: str, limits: Limits, *, all_known: bool) -> None:
        self.dialect = dialect
        self.currency = currency
        self.limits = limits
        self.aside = _beside(all_known=all_known)

    @cached_property
    def payments(self) -> Query:
        """The victims' payments as the first pieces."""
        seeds = _on("seeds")
        paid = hops.moving(_on("movements")).inner_join(seeds, [_.row == seeds.seed_row])
        pieces = paid.select(
            "row", "claim", *hops.FACTS,
            lo=hops.whole(0), hi=_.amount_fen, hop=hops.whole(0),
        )  # fmt: skip
        return _query(hops.arrived(pieces, self.aside, self.currency), self.dialect)

    @cached_property
    def touched(self) -> Query:
        """The rows on the lines of the keys."""
        rows = hops.moving(_on("movements"))
        return _query(hops.touching(rows, _on("keys")), self.dialect)

    @cached_property
    def odd_rows(self) -> Query:
        """The rows of those accounts among the keys whose lines running sums cannot lay."""
        rows = _on("touched")
        odd = hops.odd_accounts(rows, self.currency).semi_join(_on("keys"), "key")
        theirs = rows.from_account.isin(odd.key) | rows.to_account.isin(odd.key)
        return _query(rows.filter(theirs).limit(MOST_ODD_ROWS + 1), self.dialect)

    @cached_property
    def laid(self) -> Query:
        """The lines of all other keys."""
        laid = hops.laid(_on("touched"), self.aside, self.currency, _on("even"))
        return _query(laid, self.dialect)

    @cached_property
    def parts(self) -> Query:
        """What becomes of the pieces that go on, in one round."""
        return self._parts(hops.lines(_on("laid")))

    @cached_property
    def parts_beside_odd(self) -> Query:
        """The same where some of the lines were laid elsewhere."""
        even = hops.lines(_on("laid"))
        arrivals = even.arrivals.union(_on("odd_arrivals"))
        return self._parts(hops.Lines(arrivals, even.departures.union(_on("odd_departures"))))

    def _parts(self, laid: hops.Lines) -> Query:
        parts = hops.hop(_on("going"), laid, self.aside, self.limits)
        return _query(hops.arrived(parts, self.aside, self.currency), self.dialect)


@lru_cache(maxsize=64)
def asked(dialect: str, currency: str, limits: Limits, *, all_known: bool) -> Asked:
    """Keep the queries of a question for the next one that asks the same."""
    return Asked(dialect, currency, limits, all_known=all_known)


@lru_cache(maxsize=64)
def taken_back(dialect: str) -> Query:
    """Ask for the rows that left by an exit and have a reversal."""
    return _query(hops.exits_taken_back(hops.moving(_on("movements"))), dialect)


@lru_cache(maxsize=64)
def oddities(dialect: str) -> Query:
    """Ask for what keeps running sums from laying every line: currencies, reversals."""
    rows = hops.moving(_on("movements"))
    return _query(rows.select(_.currency, back=_.reverses.notnull()).distinct(), dialect)


@lru_cache(maxsize=64)
def payment_facts(dialect: str) -> Query:
    """Ask for the rows of the payments as they are, also those that move nothing."""
    seeds = _on("seeds")
    rows = _on("movements").inner_join(seeds, [_.seq == seeds.seed_row])
    return _query(rows.select("seq", "currency", "from_account", "to_account"), dialect)


def _on(name: str) -> Table:
    """Name one of the tables of the machine."""
    if name == "touched":
        return ibis.table(hops.moving(_on("movements")).schema(), name=name)
    if name == "laid":
        aside = _beside(all_known=True)
        laid = hops.laid(_on("touched"), aside, "", _on("even"))
        return ibis.table(laid.schema(), name=name)
    if name == "taken_back":
        return ibis.table({"exit_row": "int64"}, name=name)
    return ibis.table(ibis.Schema.from_pyarrow(PUT[name]), name=name)


def _beside(*, all_known: bool) -> hops.Aside:
    return hops.Aside(
        openings=_on("openings"),
        gaps=_on("gaps"),
        known=None if all_known else _on("known"),
        seeds=_on("seeds").select("seed_row"),
        taken_back=_on("taken_back"),
    )


def _query(expression: Table, dialect: str) -> Query:
    return Query(str(ibis.to_sql(expression, dialect=dialect)), expression.schema().to_pyarrow())
