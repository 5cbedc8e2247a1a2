"""The traced network that shapes are looked for in, and what a found shape says.

The network is made of the rows that carry traced money between two accounts. Rows stand in `seq`
order, accounts by their codes, so that names play no part in what is found.
"""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass, field
from functools import cache, cached_property
from itertools import accumulate
from operator import attrgetter
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import yaml

from fanzha.tracing.engine import row_shares
from fanzha.tracing.engine.model import NO_ROW, OUTSIDE
from fanzha.tracing.shapes.words import (
    REASONS,
    ROWS_LEFT_OUT,
    SIDE_BY_SIDE,
    STEPS_SPENT,
    Kind,
    Note,
    money_text,
    span_text,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from fanzha.tracing.engine import Movements, Trace

DATA: Final = Path(__file__).parent.parent / "data"
PERMILLE: Final = 1000
_leaves = attrgetter("time")


class Bounds(NamedTuple):
    """The numbers of `data/shapes.yaml` that decide what is a shape; shares in thousandths."""

    least_fan: int
    least_branches: int
    pass_permille: int
    carried_permille: int
    branch_permille: int
    pause_seconds: int
    most_hops: int
    most_rows: int
    most_pairs: int
    most_steps: int
    most_shapes: int


@cache
def tables() -> Mapping[str, Any]:
    """The contents of `data/shapes.yaml`."""
    loaded: dict[str, Any] = yaml.safe_load((DATA / "shapes.yaml").read_text(encoding="utf-8"))
    return loaded


def usual_bounds() -> Bounds:
    """The bounds that ship with the product."""
    table = dict(tables()["shapes"])
    for name in ("pass", "carried", "branch"):
        table[f"{name}_permille"] = round(table.pop(f"{name}_share") * PERMILLE)
    return Bounds(**table)


class Arc(NamedTuple):
    """A row that carries traced money: `fen` of its whole amount; accounts are codes.

    `time` is when it leaves, `arrives` when it is there.
    """

    row: int
    time: int
    arrives: int
    payer: int
    payee: int
    fen: int
    whole: int


@dataclass(frozen=True)
class Shape:
    """A named part of the traced network, with its evidence.

    `layers` are the accounts as the money meets them: payers, middle, payees; in a cycle each
    account is its own layer. `rows` are places in the movements. `fen` is what the shape moved,
    once. `window` is the time of its first and last row. `payments` of the rows are the victims'
    own. `connected` is False where lines only run side by side in one case. `weight` is the
    traced fen over all rows; shapes are listed by it.
    """

    kind: Kind
    layers: tuple[tuple[str, ...], ...]
    rows: tuple[int, ...]
    fen: int
    window: tuple[int, int]
    payments: int
    connected: bool
    weight: int
    facts: Mapping[str, object] = field(compare=False)

    @property
    def accounts(self) -> tuple[str, ...]:
        """All accounts, once, as the money meets them."""
        return tuple(dict.fromkeys(name for layer in self.layers for name in layer))

    @property
    def template(self) -> str:
        """The marked sentence that `facts` fill; for screens in other languages."""
        return REASONS[self.kind] if self.connected else SIDE_BY_SIDE

    @property
    def reason(self) -> str:
        """Why the rows bear this name, in one sentence."""
        return self.template % self.facts


@dataclass
class Network:
    """The arcs of a trace, by `seq` and by account, and the steps that are left to look at them.

    `notes` says what was not looked at.
    """

    movements: Movements
    currency: str
    arcs: list[Arc]
    payments: frozenset[int]
    bounds: Bounds
    exits: list[Arc] = field(default_factory=list)
    notes: list[Note] = field(default_factory=list)
    ins: dict[int, list[Arc]] = field(init=False)
    outs: dict[int, list[Arc]] = field(init=False)
    steps: int = field(init=False)

    def __post_init__(self) -> None:
        self.ins, self.outs = by_payee(self.arcs), by_payer(self.arcs)
        self.steps = 0

    def spend(self, steps: int) -> bool:
        """Count steps; False, with a note the first time, when the bound is reached."""
        if self.steps + steps <= self.bounds.most_steps:
            self.steps += steps
            return True
        note = Note(STEPS_SPENT, {"steps": self.bounds.most_steps})
        if note not in self.notes:
            self.notes.append(note)
        return False

    def enough(self, branches: int, arcs: Sequence[Arc]) -> bool:
        """Tell whether so many branches are a fan: fewer are if nothing else was traced."""
        if branches >= self.bounds.least_fan:
            return True
        return branches >= self.bounds.least_branches and len(arcs) == len(self.arcs)

    def passes(self, onward: Sequence[Arc], arrived: Sequence[Arc]) -> bool:
        """Tell whether rows hand on enough of what came: of the traced fen, or row for row.

        In an account with other money a rule may leave the traced fen behind while the same sum
        goes on; then the whole amounts must be alike, each a fair part of the other.
        """
        if self._fair(total(onward), total(arrived)):
            return True
        sums = sum(arc.whole for arc in onward), sum(arc.whole for arc in arrived)
        return self._fair(*sums) and self._fair(*reversed(sums))

    def spreads(self, onward: Sequence[Arc], arrived: Sequence[Arc]) -> bool:
        """Tell whether an account hands on what came: in all, or by its usual row.

        One row of millions among many of thousands must not hide the thousands, so the middle
        row out (by traced fen) may stand for the rows out, and the middle row in for those in.
        """
        if self.passes(onward, arrived):
            return True
        middles = [sorted(arc.fen for arc in arcs)[len(arcs) // 2] for arcs in (onward, arrived)]
        return self._fair(*middles)

    def _fair(self, part: int, whole: int) -> bool:
        return part * PERMILLE >= whole * self.bounds.pass_permille

    def is_branch(self, arc: Arc) -> bool:
        """Tell whether a row is more than a crumb of what its payer had received."""
        ins = self.ins.get(arc.payer, [])
        before = self._came[arc.payer][bisect_left(ins, (arc.row,))] if ins else 0
        return arc.fen * PERMILLE >= before * self.bounds.branch_permille

    @cached_property
    def _came(self) -> dict[int, list[int]]:
        """Per account the traced fen that had come in before its first, second, ... row in."""
        return {
            code: list(accumulate((arc.fen for arc in ins), initial=0))
            for code, ins in self.ins.items()
        }

    def close(self, earlier: Arc, later: Arc) -> bool:
        """Tell whether money could go from one row on into the other without too long a pause."""
        pause = later.time - earlier.arrives
        return earlier.row < later.row and 0 <= pause <= self.bounds.pause_seconds

    def linked(self, came: Sequence[Arc], gone: Sequence[Arc]) -> tuple[list[Arc], list[Arc]]:
        """Those of the rows in that a row out soon follows, and those rows out; both by `seq`."""
        left, right = [], []
        for arc in came:
            at = bisect_left(gone, (arc.row, arc.time))
            there = bisect_left(gone, arc.arrives, lo=at, key=_leaves)
            if any(self.close(arc, later) for later in gone[there : there + 1]):
                left.append(arc)
        for arc in gone:
            at = bisect_left(came, (arc.row, arc.time))
            # Nearly always the row just before; one that arrives late may stand in between.
            back = (came[place] for place in range(at - 1, -1, -1))
            newest = next((earlier for earlier in back if earlier.arrives <= arc.time), None)
            if newest and self.close(newest, arc):
                right.append(arc)
        return left, right

    def episodes(self, arcs: Iterable[Arc]) -> Iterator[list[Arc]]:
        """Cut rows, in `seq` order, wherever the pause is too long."""
        episode: list[Arc] = []
        for arc in arcs:
            if episode and arc.time - episode[-1].time > self.bounds.pause_seconds:
                yield episode
                episode = []
            episode.append(arc)
        if episode:
            yield episode

    def shape(
        self,
        kind: Kind,
        layers: Sequence[Iterable[int]],
        arcs: Iterable[Arc],
        fen: int,
        *,
        connected: bool = True,
    ) -> Shape:
        """Put a find into names, with the facts of its sentence."""
        rows = sorted(set(arcs))
        named = tuple(
            tuple(self.movements.name(code) for code in dict.fromkeys(layer)) for layer in layers
        )
        window = rows[0].time, rows[-1].time
        return Shape(
            kind=kind,
            layers=named,
            rows=tuple(arc.row for arc in rows),
            fen=fen,
            window=window,
            payments=sum(arc.row in self.payments for arc in rows),
            connected=connected,
            weight=sum(arc.fen for arc in rows),
            facts={
                "first": len(named[0]),
                "middle": len(named[len(named) // 2]),
                "last": len(named[-1]),
                "layers": len(named),
                "hops": len(named) - 1,
                "money": money_text(fen, self.currency),
                "span": span_text(window[1] - window[0]),
            },
        )


def network_of(trace: Trace, bounds: Bounds) -> Network:
    """Take the traced rows between two accounts, without reversals and what they took back."""
    movements, payments = trace.movements, frozenset(trace.seeds.rows)
    taken_back = undone(movements)
    # A crumb in a large row is no evidence, unless it is much of what was paid.
    least = trace.seeded_fen * bounds.carried_permille
    arcs: list[Arc] = []
    exits: list[Arc] = []
    for share in row_shares(trace):
        row, whole = share.row, int(movements.amount_fen[share.row])
        carried = share.fen * PERMILLE
        if carried < whole * bounds.carried_permille and carried < least:
            continue
        if row in taken_back or movements.currency[row] != trace.currency:
            continue
        payer, payee = int(movements.from_account[row]), int(movements.to_account[row])
        leaves = int(movements.time[row])
        arrives = max(leaves, int(movements.time_to[row]))
        arc = Arc(row, leaves, arrives, payer, payee, share.fen, whole)
        (exits if OUTSIDE in (payer, payee) else arcs).append(arc)
    notes: list[Note] = []
    if len(arcs) > bounds.most_rows:
        left_out = len(arcs) - bounds.most_rows
        notes.append(Note(ROWS_LEFT_OUT, {"most": bounds.most_rows, "count": left_out}))
        arcs = sorted(sorted(arcs, key=lambda arc: (-arc.fen, arc.row))[: bounds.most_rows])
    return Network(movements, trace.currency, arcs, payments, bounds, exits, notes)


def undone(movements: Movements) -> frozenset[int]:
    """The reversals, and the rows that they took back in full."""
    rows: set[int] = set()
    for row in (movements.reverses != NO_ROW).nonzero()[0].tolist():
        original = int(movements.reverses[row])
        rows.add(row)
        if movements.amount_fen[row] == movements.amount_fen[original]:
            rows.add(original)
    return frozenset(rows)


def by_payer(arcs: Iterable[Arc]) -> dict[int, list[Arc]]:
    """Arcs by the account that they leave, in the order given."""
    found: dict[int, list[Arc]] = {}
    for arc in arcs:
        found.setdefault(arc.payer, []).append(arc)
    return found


def by_payee(arcs: Iterable[Arc]) -> dict[int, list[Arc]]:
    """Arcs by the account that they reach, in the order given."""
    found: dict[int, list[Arc]] = {}
    for arc in arcs:
        found.setdefault(arc.payee, []).append(arc)
    return found


def total(arcs: Iterable[Arc]) -> int:
    """Traced fen of all arcs."""
    return sum(arc.fen for arc in arcs)
