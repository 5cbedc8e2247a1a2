"""Cash taken at machines and counters (取现), as rows of a statement tell where."""

from __future__ import annotations

from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, cast

import pyarrow as pa
import pyarrow.compute as pc

from fanzha.movements.evidence import channel_of
from fanzha.movements.leg import ROW
from fanzha.movements.queries import columns_of

if TYPE_CHECKING:
    from datetime import datetime

    from fanzha.movements.leg import Leg
    from fanzha.movements.models import Statement

COLUMNS = (*ROW, "place", "terminal_no", "branch_name")


def cash_taken(statement: Statement, since: datetime) -> list[dict[str, Any]]:
    """Cash taken since then where the row names a place or a terminal, the newest first."""
    if statement.last is None or statement.last < since:
        return []
    table = columns_of([statement], COLUMNS)
    times = table.column("txn_time")
    recent = pc.greater_equal(times, pa.scalar(since, times.type))
    table = table.filter(pc.and_(pc.equal(table.column("direction"), "out"), recent))
    found = [row for row in table.to_pylist() if _is_taken(row)]
    return sorted(found, key=lambda row: (row["txn_time"], row["row_no"]), reverse=True)


def _is_taken(row: dict[str, Any]) -> bool:
    told = (row["place"] or row["terminal_no"]) and not row["cp_key"]
    leg = cast("Leg", SimpleNamespace(**row))
    return bool(told) and row["success"] != "failed" and channel_of(leg) == "cash"
