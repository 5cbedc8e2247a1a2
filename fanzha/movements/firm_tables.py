"""Several tables of one payment firm that tell the same money: one of them counts (R8)."""

from __future__ import annotations

from collections import Counter, defaultdict
from functools import cache
from typing import TYPE_CHECKING, Any, NamedTuple

import yaml

from fanzha.movements.profile import DATA

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from fanzha.movements.joined import Where
    from fanzha.movements.leg import Leg


class LeftOut(NamedTuple):
    """Rows of an account in `table` that do not count beside those in `main`."""

    account: str
    table: str
    main: str
    rows: int
    unlinked: int


class Told(NamedTuple):
    """The legs that count, row -> rows of other tables that tell of it, and what was left out."""

    legs: list[Leg]
    again: Mapping[Where, tuple[Where, ...]]
    left_out: tuple[LeftOut, ...]


@cache
def ranks() -> dict[str, tuple[str, int]]:
    """Layout -> its firm and its place among the firm's tables; the lowest counts."""
    data: dict[str, Any] = yaml.safe_load((DATA / "firm_tables.yaml").read_text(encoding="utf-8"))
    return {
        table: (firm, place)
        for firm, tables in data["firms"].items()
        for place, table in enumerate(tables)
    }


def once(legs: Sequence[Leg], table_of: Mapping[str, str]) -> Told:
    """Leave one table per account and firm; `table_of`: statement -> its layout.

    Rows of the other tables are linked to the row with the same number (交易号) in the one that
    counts. A row that does not say in or out but names two accounts counts for neither if one of
    them has a better table.
    """
    ranked = {each: ranks()[table] for each, table in table_of.items() if table in ranks()}
    if len(set(ranked.values())) < 2:  # noqa: PLR2004 - one table tells nothing twice
        return Told(list(legs), {}, ())
    best: dict[tuple[str, str], int] = {}
    for leg in legs:
        if leg.statement in ranked:
            firm, place = ranked[leg.statement]
            best[leg.account, firm] = min(place, best.get((leg.account, firm), place))
    kept, others = [], []
    for leg in legs:
        main = _main(leg, ranked, best)
        kept += [leg] if main is None else []
        others += [(leg, main)] if main is not None else []
    return _linked(kept, others, ranked, table_of)


def _main(
    leg: Leg, ranked: Mapping[str, tuple[str, int]], best: Mapping[tuple[str, str], int]
) -> tuple[str, str, int] | None:
    """Account, firm and place of the better table that tells of this row; None if there is none."""
    if leg.statement not in ranked:
        return None
    firm, place = ranked[leg.statement]
    sides = [leg.account] + ([leg.counterparty] if leg.direction == "unknown" else [])
    there = ((best[side, firm], side) for side in sides if (side, firm) in best)
    found, side = min(there, default=(place, ""))
    return (side, firm, found) if found < place else None


def _linked(
    kept: list[Leg],
    others: Sequence[tuple[Leg, tuple[str, str, int]]],
    ranked: Mapping[str, tuple[str, int]],
    table_of: Mapping[str, str],
) -> Told:
    numbered: dict[tuple[str, tuple[str, int], str], Where] = {}
    for leg in kept:
        if leg.serial_no and leg.statement in ranked:
            numbered.setdefault((leg.account, ranked[leg.statement], leg.serial_no), leg.where)
    again: dict[Where, list[Where]] = defaultdict(list)
    count: Counter[tuple[str, str, str]] = Counter()
    unlinked: Counter[tuple[str, str, str]] = Counter()
    name_of = {rank: table for table, rank in ranks().items()}
    for leg, (account, firm, place) in others:
        key = account, table_of[leg.statement], name_of[firm, place]
        count[key] += 1
        where = numbered.get((account, (firm, place), leg.serial_no))
        if where is None:
            unlinked[key] += 1
        else:
            again[where].append(leg.where)
    left_out = tuple(LeftOut(*key, count[key], unlinked[key]) for key in sorted(count))
    return Told(kept, {where: tuple(each) for where, each in again.items()}, left_out)
