"""Several tables of one payment firm that tell the same money: one of them counts (R8)."""

from __future__ import annotations

from collections import Counter, defaultdict
from functools import cache
from typing import TYPE_CHECKING, Any, NamedTuple

import yaml

from fanzha.core.refusal import Refusal, gettext_noop
from fanzha.movements.profile import DATA

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from fanzha.movements.joined import Where
    from fanzha.movements.leg import Leg


class SameMoney(Refusal):
    """Several tables of one firm tell of one account; a sum over them counts money twice (R8)."""

    message = gettext_noop(
        "%(tables)s tell the same money of one account; they are never added up. Choose one table."
    )


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


Rank = tuple[str, int]
"""A firm and a place among its tables."""
ANY_FIRM = "any"
"""Tables in which every firm may answer: only the very same number makes two of them one view."""


@cache
def ranks() -> dict[str, dict[str, int]]:
    """Layout -> firm -> its place among the firm's tables; the lowest counts."""
    data: dict[str, Any] = yaml.safe_load((DATA / "firm_tables.yaml").read_text(encoding="utf-8"))
    found: dict[str, dict[str, int]] = defaultdict(dict)
    for firm, tables in data["firms"].items():
        for place, table in enumerate(tables):
            found[table][firm] = place
    return dict(found)


def shared(tables: Iterable[str]) -> dict[str, dict[str, int]]:
    """Those of the layouts that with another one are views of one firm's money, as in `ranks`."""
    present = {table: ranks()[table] for table in tables if table in ranks()}
    count = Counter(firm for firms in present.values() for firm in firms)
    found = {
        table: {firm: place for firm, place in firms.items() if count[firm] > 1}
        for table, firms in present.items()
    }
    return {table: firms for table, firms in found.items() if firms}


def views(tables: Iterable[str]) -> list[str]:
    """Those layouts of one account that are views of the same money, the one that counts first."""
    found = shared(set(tables))
    return sorted(found, key=lambda table: (min(found[table].values()), table))


def refuse_sum(tables: Iterable[str]) -> None:
    """Raise SameMoney if rows of one account in these layouts tell the same money."""
    if several := views(tables):
        raise SameMoney(tables=", ".join(several))


def once(legs: Sequence[Leg], table_of: Mapping[str, str]) -> Told:
    """Leave one table per account and firm; `table_of`: statement -> its layout.

    Rows of the other tables are linked to the row with the same number (交易号) in the one that
    counts. A row that does not say in or out but names two accounts counts for neither if one of
    them has a better table.
    """
    views = shared(set(table_of.values()))
    if not views:
        return Told(list(legs), {}, ())
    ranked = {each: views[table] for each, table in table_of.items() if table in views}
    best: dict[_Side, int] = {}
    for leg in legs:
        for firm, place in ranked.get(leg.statement, {}).items():
            side = _Side(leg.account, leg.own_key if firm == ANY_FIRM else "", firm)
            best[side] = min(place, best.get(side, place))
    kept, others = [], []
    for leg in legs:
        main = _main(leg, ranked, best)
        kept += [leg] if main is None else []
        others += [(leg, main)] if main is not None else []
    return _linked(kept, others, ranked, table_of)


class _Side(NamedTuple):
    """An account of one firm; `number` counts only where the firm is not known."""

    account: str
    number: str
    firm: str


def _main(
    leg: Leg, ranked: Mapping[str, Mapping[str, int]], best: Mapping[_Side, int]
) -> tuple[str, Rank] | None:
    """Account and rank of the better table that tells of this row; None if there is none."""
    for firm, place in ranked.get(leg.statement, {}).items():
        sides = [(leg.account, leg.own_key)]
        sides += [(leg.counterparty, leg.cp_key)] if leg.direction == "unknown" else []
        there = [
            (best[side], account) for account, number in sides
            if (side := _Side(account, number if firm == ANY_FIRM else "", firm)) in best
        ]  # fmt: skip
        found, account = min(there, default=(place, ""))
        if found < place:
            return account, (firm, found)
    return None


def _linked(
    kept: list[Leg],
    others: Sequence[tuple[Leg, tuple[str, Rank]]],
    ranked: Mapping[str, Mapping[str, int]],
    table_of: Mapping[str, str],
) -> Told:
    numbered: dict[tuple[str, Rank, str], Where] = {}
    for leg in kept:
        if leg.serial_no:
            for rank in ranked.get(leg.statement, {}).items():
                numbered.setdefault((leg.account, rank, leg.serial_no), leg.where)
    again: dict[Where, list[Where]] = defaultdict(list)
    count: Counter[tuple[str, str, str]] = Counter()
    unlinked: Counter[tuple[str, str, str]] = Counter()
    name_of = {rank: table for table, firms in ranks().items() for rank in firms.items()}
    for leg, (account, rank) in others:
        key = account, table_of[leg.statement], name_of[rank]
        count[key] += 1
        where = numbered.get((account, rank, leg.serial_no))
        if where is None:
            unlinked[key] += 1
        else:
            again[where].append(leg.where)
    left_out = tuple(LeftOut(*key, count[key], unlinked[key]) for key in sorted(count))
    return Told(kept, {where: tuple(each) for where, each in again.items()}, left_out)
