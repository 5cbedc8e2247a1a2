"""A trace in rounds: what was reached in one round lies on the lines of the next.

The rounds are run from beside the machine that holds the movements: each sends the pieces that go
on, and gets the next ones back. What moves is the traced money, never the data.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from functools import cached_property
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.compute as pc

from fanzha.tracing.engine.limits import NO_LIMITS
from fanzha.tracing.engine.model import HOME_CURRENCY, STOP_KINDS, InputError
from fanzha.tracing.stores.asked import KEYS, PUT, asked, oddities, payment_facts, taken_back
from fanzha.tracing.stores.base import TEXT, Found
from fanzha.tracing.stores.found import Gathered
from fanzha.tracing.stores.odd import odd_lines

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

    from fanzha.tracing.engine.limits import Limits
    from fanzha.tracing.engine.model import EndKind, Seeds
    from fanzha.tracing.stores.asked import Asked, Query


class IbisStore(ABC):
    """A machine that reads the SQL that Ibis writes, and holds the table `movements`."""

    dialect: str

    @abstractmethod
    def put(self, name: str, table: pa.Table) -> None:
        """Hand a small table to the machine, in place of the last one of that name."""

    @abstractmethod
    def keep(self, name: str, query: Query) -> None:
        """Compute a table once; it stays on the machine in place of the last one of that name."""

    @abstractmethod
    def fetch(self, query: Query) -> pa.Table:
        """Compute a table and bring it here."""

    @cached_property
    def all_even(self) -> bool:
        """Whether running sums lay every line: no reversal, one currency."""
        kinds = self.fetch(oddities(self.dialect))
        return len(kinds) <= 1 and not pc.any(kinds["back"]).as_py()

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
        if bad := sorted(set((gap_kinds or {}).values()) - STOP_KINDS):
            raise InputError(f"{bad[0]!r} is no kind of gap")
        if any(fen < 0 for fen in (openings or {}).values()):
            raise InputError("an opening balance is negative")
        claims = sorted(set(seeds.claims))
        for name, table in _beside(seeds, claims, openings or {}, known, gap_kinds or {}).items():
            self.put(name, table)
        self._keep_taken_back()
        currency = _checked(self.fetch(payment_facts(self.dialect)), seeds)
        question = asked(self.dialect, currency, limits, all_known=known is None)
        gathered = Gathered(claims)
        going = gathered.begin(self.fetch(question.payments))
        while len(going):
            going = gathered.take(self._round(question, going, openings or {}))
        return gathered.found(limits.max_transfers)

    def _keep_taken_back(self) -> None:
        """Find once which exits were taken back; every trace needs it."""
        if not self._has_taken_back:
            self.keep("taken_back", taken_back(self.dialect))
            self._has_taken_back = True

    _has_taken_back = False

    def _round(self, question: Asked, going: pa.Table, openings: Mapping[str, int]) -> pa.Table:
        """One hop of all pieces that go on."""
        keys = going.select(KEYS.names).group_by(KEYS.names).aggregate([])
        self.put("going", going)
        self.put("keys", keys)
        self.keep("touched", question.touched)
        odd = set() if self.all_even else self._lay_odd(question, keys, openings)
        is_odd = pc.is_in(keys["key"], pa.array(sorted(odd), TEXT))
        self.put("even", keys.filter(pc.invert(is_odd)))
        self.keep("laid", question.laid)
        return self.fetch(question.parts_beside_odd if odd else question.parts)

    def _lay_odd(self, question: Asked, keys: pa.Table, openings: Mapping[str, int]) -> set[str]:
        """Let the engine lay the lines that running sums cannot lay; the accounts that have one."""
        rows = self.fetch(question.odd_rows)
        if not len(rows):
            return set()
        names = set(keys["key"].to_pylist())
        odd, arrivals, departures = odd_lines(rows, names, openings, question.currency)
        self.put("odd_arrivals", arrivals)
        self.put("odd_departures", departures)
        return odd


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


def _beside(
    seeds: Seeds,
    claims: Sequence[str],
    openings: Mapping[str, int],
    known: Collection[str] | None,
    gap_kinds: Mapping[str, EndKind],
) -> dict[str, pa.Table]:
    """Write what stands beside the movements as tables; a claim is its place in `claims`."""
    code = {claim: at for at, claim in enumerate(claims)}
    columns: dict[str, tuple[Iterable[object], ...]] = {
        "openings": (openings.keys(), openings.values()),
        "gaps": (gap_kinds.keys(), (kind.value for kind in gap_kinds.values())),
        "known": (set(known or ()),),
        "seeds": (seeds.rows, (code[claim] for claim in seeds.claims)),
    }
    return {
        name: pa.table([list(column) for column in parts], schema=PUT[name])
        for name, parts in columns.items()
    }
