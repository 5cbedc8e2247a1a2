"""Many small networks side by side in one set of movements, so that one trace tries them all."""

from __future__ import annotations

from random import Random
from typing import TYPE_CHECKING, NamedTuple

from fanzha.tracing.engine import EndKind, Limits, Movements, Seeds
from fanzha.tracing.stores import found_of
from tests.tracing.agreement import engine
from tests.tracing.networks import changed, movements_of, network

if TYPE_CHECKING:
    from collections.abc import Iterable

    from fanzha.tracing.stores import Found, Store
    from tests.tracing.reference import Case, Row


class Country(NamedTuple):
    """One question about many networks."""

    movements: Movements
    seeds: Seeds
    openings: dict[str, int]
    known: set[str]
    gaps: dict[str, EndKind]

    def ask(self, store: Store, limits: Limits) -> Found:
        """Ask a store."""
        return store.trace_fifo(
            self.seeds,
            limits=limits,
            openings=self.openings,
            known=self.known,
            gap_kinds=self.gaps,
        )


def chance_cases(first: int, count: int, *, most_rounds: int) -> list[Case]:
    """Networks by chance, those whose traces are not too long for a round at a time."""
    cases: list[Case] = []
    number = first
    while len(cases) < count:
        chance = Random(number)
        case = network(chance.randint(4, 24), chance)
        if found_of(engine(case, "fifo")).rounds <= most_rounds:
            cases.append(case)
        number += 1
    return cases


def country(cases: Iterable[Case]) -> Country:
    """Put the cases side by side: none has an account or a row in common with another."""
    rows: list[Row] = []
    seeds: dict[str, str] = {}
    openings: dict[str, int] = {}
    known: set[str] = set()
    gaps: dict[str, EndKind] = {}
    for number, case in enumerate(cases):
        own = renamed(case, str(number))
        accounts = {a for row in own.rows for a in (row.payer, row.payee) if a}
        rows += own.rows
        seeds |= own.seeds
        openings |= own.openings
        known |= accounts if own.known is None else own.known
        gaps |= {account: EndKind(kind) for account, kind in own.gaps.items()}
    movements = movements_of(rows)
    return Country(movements, Seeds.of(movements, seeds.items()), openings, known, gaps)


def renamed(case: Case, mark: str) -> Case:
    """The same network with a mark on every account, row and claim."""

    def name(text: str) -> str:
        return f"{mark}-{text}" if text else ""

    return changed(
        case,
        rows=[
            row._replace(
                id=name(row.id),
                payer=name(row.payer),
                payee=name(row.payee),
                reverses=name(row.reverses),
            )
            for row in case.rows
        ],
        seeds={name(row): name(claim) for row, claim in case.seeds.items()},
        openings={name(account): fen for account, fen in case.openings.items()},
        known=None if case.known is None else frozenset(map(name, case.known)),
        gaps={name(account): kind for account, kind in case.gaps.items()},
    )
