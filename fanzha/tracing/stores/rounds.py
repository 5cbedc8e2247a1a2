"""A trace in rounds: what was reached in one round lies on the lines of the next.

The rounds are run from beside the machine that holds the movements: each sends the pieces that go
on, and gets the next ones back. What moves is the traced money, never the data.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from contextlib import ExitStack
from functools import cached_property
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.compute as pc
from ibis import _

from fanzha.tracing.engine.limits import NO_LIMITS
from fanzha.tracing.engine.model import GAP_KINDS, HOME_CURRENCY, InputError
from fanzha.tracing.stores import hop as hops
from fanzha.tracing.stores.base import TEXT, WHOLE, Found
from fanzha.tracing.stores.found import Gathered
from fanzha.tracing.stores.odd import MOST_ROWS, odd_lines

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from ibis.expr.types import Table

    from fanzha.tracing.engine.limits import Limits
    from fanzha.tracing.engine.model import EndKind, Seeds


class IbisStore(ABC):
    """A machine that speaks Ibis and holds `movements` (the columns of base.MOVEMENTS)."""

    def __init__(self, movements: Table) -> None:
        self.movements = movements
        self.rows = hops.moving(movements)

    @abstractmethod
    def put(self, table: pa.Table) -> Table:
        """Hand a small table to the machine."""

    @abstractmethod
    def keep(self, expression: Table) -> Table:
        """Compute a table once; it stays on the machine."""

    @abstractmethod
    def forget(self, table: Table) -> None:
        """Let the machine forget a table that was put or kept there."""

    @abstractmethod
    def fetch(self, expression: Table) -> pa.Table:
        """Compute a table and bring it here."""

    @cached_property
    def taken_back(self) -> Table:
        """The exits that were taken back, kept for every trace."""
        return self.keep(hops.exits_taken_back(self.rows))

    @cached_property
    def all_even(self) -> bool:
        """Whether running sums lay every line: no reversal, one currency."""
        kinds = self.fetch(self.rows.select(_.currency, back=_.reverses.notnull()).distinct())
        return len(kinds) <= 1 and not pc.any(kinds["back"]).as_py()

    def for_now(self, stack: ExitStack, table: Table) -> Table:
        """Have a table until the stack closes."""
        stack.callback(self.forget, table)
        return table

    def trace_fifo(
        self,
        seeds: Seeds,
        *,
        limits: Limits = NO_LIMITS,
        openings: Mapping[str, int] | None = None,
        known: Collection[str] | None = None,
        gap_kinds: Mapping[str, EndKind] | None = None,
    ) -> Found:
        """Trace by `fifo`; see base.Store."""
        if bad := sorted(set((gap_kinds or {}).values()) - GAP_KINDS):
            raise InputError(f"{bad[0]!r} is no kind of gap")
        if any(fen < 0 for fen in (openings or {}).values()):
            raise InputError("an opening balance is negative")
        with ExitStack() as stack:
            tables = _asides(seeds, openings or {}, known, gap_kinds or {})
            there = {
                name: None if table is None else self.for_now(stack, self.put(table))
                for name, table in tables.items()
            }
            aside = hops.Aside(**there, taken_back=self.taken_back)
            return _Run(self, seeds, aside, limits, dict(openings or {})).whole()


class _Run:
    """One trace."""

    def __init__(
        self,
        store: IbisStore,
        seeds: Seeds,
        aside: hops.Aside,
        limits: Limits,
        openings: dict[str, int],
    ) -> None:
        self.store = store
        self.aside = aside
        self.limits = limits
        self.openings = openings
        self.claims = sorted(set(seeds.claims))
        self.seeds = seeds
        self.currency = ""

    def whole(self) -> Found:
        """Run the rounds until no piece goes on."""
        gathered = Gathered(self.claims)
        going = gathered.begin(self._payments())
        while len(going):
            going = gathered.take(self._round(going))
        return gathered.found(self.limits.max_transfers)

    def _payments(self) -> pa.Table:
        """Fetch the victims' payments as the first pieces; raises InputError."""
        code = {claim: at for at, claim in enumerate(self.claims)}
        paid = pa.table(
            {
                "paid_row": pa.array(self.seeds.rows, WHOLE),
                "claim": pa.array([code[claim] for claim in self.seeds.claims], WHOLE),
            }
        )
        with ExitStack() as stack:
            there = self._put(stack, paid)
            rows = self.store.movements.inner_join(there, [_.seq == there.paid_row])
            facts = self.store.fetch(rows.select("seq", "currency", "from_account", "to_account"))
            self.currency = _checked(facts, self.seeds)
            pieces = self.store.rows.inner_join(there, [_.row == there.paid_row]).select(
                "row", "claim", *hops.FACTS,
                lo=hops.whole(0), hi=_.amount_fen, hop=hops.whole(0),
            )  # fmt: skip
            return self.store.fetch(hops.arrived(pieces, self.aside, self.currency))

    def _round(self, going: pa.Table) -> pa.Table:
        """One hop of all pieces that go on."""
        keys = going.select(["key", "exit_row"]).group_by(["key", "exit_row"]).aggregate([])
        with ExitStack() as stack:
            there = self._put(stack, keys)
            touched = self.store.keep(hops.touching(self.store.rows, there))
            self.store.for_now(stack, touched)
            odd = self._odd_keys(touched) & set(keys["key"].to_pylist())
            laid = self._lines(stack, touched, keys, odd)
            pieces = self._put(stack, going)
            parts = hops.hop(pieces, laid, self.aside, self.limits)
            return self.store.fetch(hops.arrived(parts, self.aside, self.currency))

    def _put(self, stack: ExitStack, table: pa.Table) -> Table:
        return self.store.for_now(stack, self.store.put(table))

    def _odd_keys(self, touched: Table) -> set[str]:
        if self.store.all_even:
            return set()
        found = self.store.fetch(hops.odd_accounts(touched, self.currency))
        return set(found["key"].to_pylist())

    def _lines(self, stack: ExitStack, touched: Table, keys: pa.Table, odd: set[str]) -> hops.Lines:
        """Lay the lines of the keys, those of the odd ones by the engine."""
        names = pa.array(sorted(odd), TEXT)
        even = keys.filter(pc.invert(pc.is_in(keys["key"], names)))
        there = self._put(stack, even)
        laid = hops.lines(touched, self.aside, self.currency, there)
        if not odd:
            return laid
        oddities = self._put(stack, pa.table({"key": names}))
        theirs = touched.filter(
            touched.from_account.isin(oddities.key) | touched.to_account.isin(oddities.key)
        )
        rows = self.store.fetch(theirs.limit(MOST_ROWS + 1))
        tables = odd_lines(rows, odd, self.openings, self.currency)
        arrivals, departures = (self._put(stack, table) for table in tables)
        return hops.Lines(laid.arrivals.union(arrivals), laid.departures.union(departures))


def _checked(facts: pa.Table, seeds: Seeds) -> str:
    """Check what the payments are; their currency. Raises InputError."""
    unknown = set(seeds.rows) - set(facts["seq"].to_pylist())
    if unknown:
        raise InputError(f"no movement has the number {min(unknown)}", field="seq")
    idle = facts.filter(pc.equal(facts["from_account"], facts["to_account"]))
    if len(idle):
        problem = f"the payment {idle['seq'][0]} leads back to its own account"
        raise InputError(problem, field="seq")
    currencies = pc.unique(facts["currency"]).to_pylist()
    if len(currencies) > 1:
        raise InputError("the payments are in several currencies; trace each on its own")
    return currencies[0] if currencies else HOME_CURRENCY


def _asides(
    seeds: Seeds,
    openings: Mapping[str, int],
    known: Collection[str] | None,
    gap_kinds: Mapping[str, EndKind],
) -> dict[str, pa.Table | None]:
    """Write what stands beside the movements as the tables of hop.Aside."""
    gaps = {account: kind.value for account, kind in gap_kinds.items()}
    return {
        "openings": _table(
            {"key": (TEXT, openings.keys()), "opening_fen": (WHOLE, openings.values())}
        ),
        "gaps": _table({"gap_account": (TEXT, gaps.keys()), "gap": (TEXT, gaps.values())}),
        "known": None if known is None else _table({"known_account": (TEXT, set(known))}),
        "seeds": _table({"seed_row": (WHOLE, seeds.rows)}),
    }


def _table(columns: Mapping[str, tuple[pa.DataType, Collection[object]]]) -> pa.Table:
    return pa.table({name: pa.array(list(v), kind) for name, (kind, v) in columns.items()})
