"""Reads for the screens of statements: accounts of a case, what is said of one, one row's cells."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

from fanzha.movements import firm_tables, queries
from fanzha.movements.groups import Names, groups
from fanzha.movements.row import cells_of

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence
    from datetime import datetime

    import pyarrow as pa

    from fanzha.movements.models import Statement

WHOSE = ("own_key", "own_kind", "card_key", "account_key", "sub_account", "holder_name")
ENTRY = (
    "row_no", "txn_time", "time_precision", "amount_fen", "direction", "success", "currency",
    "balance_fen", "own_key", "cp_key", "cp_name", "cp_bank", "summary", "remark", "holder_name",
    "serial_no", "issues",
)  # fmt: skip
"""What a screen needs of each row of an account."""


@dataclass
class Held:
    """One account of a case under all its numbers, as the case's statements tell of it."""

    key: str
    numbers: list[str] = field(default_factory=list)
    kind: str = ""
    holders: Counter[str] = field(default_factory=Counter)
    statements: list[Statement] = field(default_factory=list)
    rows: int = 0

    @property
    def holder(self) -> str:
        """The name that most rows give."""
        return self.holders.most_common(1)[0][0] if self.holders else ""

    @property
    def until(self) -> datetime | None:
        """Up to when statements were received."""
        return max((each.until for each in self.statements if each.until), default=None)


def accounts_of_case(case_id: int) -> list[Held]:
    """The accounts whose statements the case has, the one with most rows first."""
    statements = list(queries.statements_of_case(case_id))
    counted = _counted(statements)
    named = {each.public_id: each for each in statements}
    key_of = groups(
        {Names(each.card_key, each.account_key, each.holder_name) for each in counted}
        | {Names(*names) for statement in statements for names in statement.sums.get("numbers", ())}
    )[0]
    found: dict[str, Held] = {}
    for each, rows in counted.items():
        key = key_of.get(each.own_key, each.own_key)
        held = found.setdefault(key, Held(key))
        held.rows += rows
        held.kind = held.kind or each.own_kind
        if each.holder_name:
            held.holders[each.holder_name] += rows
        if each.own_key not in held.numbers:
            held.numbers.append(each.own_key)
        if named[each.statement] not in held.statements:
            held.statements.append(named[each.statement])
    return sorted(found.values(), key=lambda held: (-held.rows, held.key))


class _Whose(NamedTuple):
    statement: str
    own_key: str
    own_kind: str
    card_key: str
    account_key: str
    sub_account: str
    holder_name: str


def _counted(statements: Iterable[Statement]) -> dict[_Whose, int]:
    """How many rows of each statement name an account so."""
    table = queries.columns_of(statements, WHOSE, kept=False)
    found = table.group_by(list(_Whose._fields)).aggregate([("row_no", "count")])
    return {
        _Whose(*(row[name] for name in _Whose._fields)): row["row_no_count"]
        for row in found.to_pylist()
    }


def views_of(held: Held) -> list[str]:
    """The layouts of one firm that tell the account's money again, the one that counts first."""
    return firm_tables.views(each.layout for each in held.statements)


def entries(
    case_id: int, numbers: Collection[str], columns: Sequence[str] = ENTRY, *, table: str = ""
) -> pa.Table:
    """The rows of an account in one case by time, each told once, with their `statement`.

    Raises SameMoney where tables of one payment firm tell them several times, unless `table` (a
    layout) says which of these is meant.
    """
    import pyarrow as pa
    import pyarrow.compute as pc

    layouts = {each.public_id: each.layout for each in queries.statements_of_case(case_id)}
    rows = queries.history(set(numbers), columns=columns)
    rows = rows.filter(pc.is_in(rows["statement"], value_set=pa.array(layouts, pa.string())))
    there = {each: layouts[each] for each in pc.unique(rows["statement"]).to_pylist()}
    if table:
        again = {*firm_tables.views(there.values())} - {table}
    else:
        firm_tables.refuse_sum(there.values())
        again = set()
    counting = [each for each, layout in there.items() if layout not in again]
    return rows.filter(pc.is_in(rows["statement"], value_set=pa.array(counting, pa.string())))


def cells(row: dict[str, Any]) -> dict[str, str]:
    """The cells of a row as its source has them, by the source's names of columns."""
    return cells_of(row["raw"], row["raw_names"])


def checks_of(held: Held) -> list[tuple[Statement, dict[str, Any]]]:
    """The balance checks of an account, by statement (rules.Reading.account_checks)."""
    numbers = set(held.numbers)
    return [
        (statement, check)
        for statement in held.statements
        for check in statement.sums.get("accounts", ())
        if check["account"] in numbers or check["account"].rpartition("_")[0] in numbers
    ]


def gaps_of(held: Held) -> list[tuple[datetime, datetime]]:
    """Times between the first and the last statement of an account that none of them covers."""
    covered = sorted(
        (each.first, until)
        for each in held.statements
        if each.first and (until := each.until or each.last)
    )
    found: list[tuple[datetime, datetime]] = []
    for at, (first, _) in enumerate(covered[1:], start=1):
        reached = max(until for _, until in covered[:at])
        if first > reached:
            found.append((reached, first))
    return found


def per_statement(held: Sequence[Held]) -> dict[str, list[Held]]:
    """Public id of a statement -> the accounts it tells of."""
    found: dict[str, list[Held]] = defaultdict(list)
    for each in held:
        for statement in each.statements:
            found[statement.public_id].append(each)
    return found
