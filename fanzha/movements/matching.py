"""Reads of pairs and identities: what belongs together, why, and what waits for a person."""

from __future__ import annotations

from itertools import starmap
from typing import TYPE_CHECKING, Any, NamedTuple

import pyarrow.compute as pc

from fanzha.movements import beside, queries
from fanzha.movements.decisions import IdentityDecision, PairDecision
from fanzha.movements.groups import groups
from fanzha.movements.identity import Evidence, Identity, Seen, identity

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence

    from fanzha.movements.joined import Match, OpenGroup, Transfer, Where
    from fanzha.movements.models import Statement

__all__ = ["Decided", "Evidence", "Identity", "IdentityDecision", "PairDecision"]

Decided = PairDecision | IdentityDecision
ROW = ("own_key", "cp_key", "txn_time", "time_precision", "amount_fen", "currency", "summary",
       "remark")  # fmt: skip
"""What a person needs of a row to judge it."""
SEEN = ("card_key", "account_key", "sub_account", "holder_name")


class Explanation(NamedTuple):
    """A transfer, and why its two rows are one; None where only one row tells of it."""

    transfer: Transfer
    match: Match | None


def open_pairs(case_id: int) -> tuple[OpenGroup, ...]:
    """Groups of rows that could be paired in several ways and wait for a person."""
    return queries.joined_case(case_id).pairing.open


def rows_at(case_id: int, wanted: Collection[Where]) -> dict[Where, dict[str, Any]]:
    """ROW of these rows of a case, by their place; all in one read."""
    named = {statement for statement, _ in wanted}
    statements = [each for each in queries.statements_of_case(case_id) if each.public_id in named]
    table = queries.columns_of(statements, ROW)
    table = table.filter(pc.field("row_no").isin(sorted({row for _, row in wanted})))
    found = {(row["statement"], row["row_no"]): row for row in table.to_pylist()}
    return {where: found[where] for where in wanted}


def explanation(case_id: int, movement_id: str) -> Explanation | None:
    """Why the rows of a transfer are one; None if the case has no such transfer (any more)."""
    joined = queries.joined_case(case_id)
    found = next((t for t in joined.case.transfers if t.movement_id == movement_id), None)
    if found is None:
        return None
    rows = set(found.witnesses)
    pair = next((each for each in joined.pairing.pairs if each.payer.where in rows), None)
    return Explanation(found, pair.match if pair else None)


def identity_of(case_id: int, number: str) -> Identity:
    """All numbers of the account that `number` belongs to, and which rows or persons say so."""
    statements = list(queries.statements_of_case(case_id))
    seen = [*_seen(statements), *_stated(statements), *_beside(case_id)]
    names = {name for each in statements for name in queries.numbers(each)}
    names |= queries.names_of(statements)
    decided = queries.decided(case_id)
    linked = _paid_through(case_id) if any(_has_wallet(each) for each in statements) else ()
    return identity(number, groups(names, decided), decided, (*seen, *linked), _judged(case_id))


def numbers_of_case(case_id: int) -> set[str]:
    """Every account number that stands on either side of a row or in a reply of the case."""
    statements = list(queries.statements_of_case(case_id))
    table = queries.columns_of(statements, ("card_key", "account_key", "own_key", "cp_key"))
    found = {number for name in ("card_key", "account_key", "own_key", "cp_key")
             for number in table.column(name).unique().to_pylist()}  # fmt: skip
    found |= {
        number for each in statements for name in queries.numbers(each) for number in name[:2]
    }
    return found - {"", None}


def decisions_of_case(case_id: int) -> list[Decided]:
    """What persons decided about pairs and identities, undone or not, newest first."""
    found: list[Decided] = [
        *PairDecision.objects.filter(case_id=case_id),
        *IdentityDecision.objects.filter(case_id=case_id),
    ]
    return sorted(found, key=lambda each: each.decided_at, reverse=True)


def _judged(case_id: int) -> list[Evidence]:
    found = IdentityDecision.objects.filter(case_id=case_id, undone_at=None).order_by("pk")
    return [
        Evidence(
            "decided" if each.same else "decided_apart", each.one, each.other,
            decision=each.public_id,
        )
        for each in found
    ]  # fmt: skip


def _seen(statements: Sequence[Statement]) -> Iterator[Seen]:
    """Numbers side by side in rows, grouped by statement and holder."""
    table = queries.columns_of(statements, SEEN)
    keys = [*SEEN, "statement"]
    counted = table.group_by(keys).aggregate([("row_no", "min"), ("row_no", "count")])
    for row in counted.to_pylist():
        card, account, sub, holder = (row[name] or "" for name in SEEN)
        where = holder, row["statement"], row["row_no_min"], row["row_no_count"]
        if card and account and card != account:
            yield Seen("card_account", card, account, *where)
        if sub and (account or card):
            yield Seen("sub_account", account or card, f"{account or card}_{sub}", *where)


def _stated(statements: Sequence[Statement]) -> Iterator[Seen]:
    for each in statements:
        replied = each.source != "companion"
        for name in sorted(queries.numbers(each)) if replied else ():
            if name.card_key and name.account_key and name.card_key != name.account_key:
                one, other = name.card_key, name.account_key
                yield Seen("stated", one, other, name.holder, each.public_id, 0, 1)


def _beside(case_id: int) -> Iterator[Seen]:
    for each in beside.belongings(case_id):
        told = each.belonging
        kind = "companion" if each.is_same else "bound"
        yield Seen(kind, told.one, told.other, told.holder, each.statement, told.row_no, 1)


def _has_wallet(statement: Statement) -> bool:
    return statement.profile.partition("@")[0] == "tenpay"


def _paid_through(case_id: int) -> list[Seen]:
    return list(starmap(Seen, queries.joined_case(case_id).paid_through))
