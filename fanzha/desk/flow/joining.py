"""What an officer joined by hand, laid into the rows of a case: a bridge is a row like any other.

A bridge gives a payee to a transfer that went to nobody, a payer to one that came from nobody, or
both, and is a row of its own where no statement shows either side. Pure.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from fanzha.tracing.engine import Movement

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping
    from datetime import timedelta

    import pyarrow as pa

    from fanzha.cases.models import Bridge
    from fanzha.movements.queries import Gathered


@dataclass(frozen=True)
class Link:
    """A bridge as it lies in the rows; `also` is the row of the payee's statement, if any."""

    bridge: Bridge
    also: str = ""


@dataclass
class Joined:
    """Rows with bridges in them: `links` by id of the row, `arrivals` in UTC seconds likewise."""

    table: pa.Table
    told: tuple[Movement, ...]
    links: dict[str, Link] = field(default_factory=dict)
    arrivals: dict[str, int] = field(default_factory=dict)


def join(
    transfers: Gathered,
    told: tuple[Movement, ...],
    bridges: Iterable[Bridge],
    *,
    paid: Collection[str],
    within: timedelta,
) -> Joined:
    """Lay the bridges into the rows; rows that are payments of a victim (`paid`) keep their payer.

    The payee's row of the same sum may stand `within` so long of the moment that the bridge gives.
    """
    found = Joined(transfers.table, told)
    at_row: dict[int, dict[str, Any]] = {}
    gone: set[int] = set()
    for bridge in bridges:
        key_of = transfers.key_of
        payer, payee = (key_of.get(name, name) for name in (bridge.payer, bridge.payee))
        came = _came(transfers, bridge, payee, gone | set(at_row), paid, within)
        came_id = transfers.table["movement_id"][came].as_py() if came is not None else ""
        arrival = int(bridge.moved_at.timestamp())
        left = _left(transfers, bridge, payer, at_row)
        if left is not None:
            changes = {"to_account": payee}
            if came is not None:
                gone.add(came)
                arrival = transfers.sides(came)[2]
                changes["balance_to_fen"] = transfers.table["balance_to_fen"][came].as_py()
            at_row[left] = changes
            found.arrivals[bridge.row_id] = max(arrival, transfers.sides(left)[2])
            found.links[bridge.row_id] = Link(bridge, came_id)
        elif came is not None:
            at_row[came] = {"from_account": payer}
            found.links[came_id] = Link(bridge)
        else:
            found.told = _told(found, bridge, payer, payee, arrival)
    found.table = _changed(transfers.table, at_row, gone)
    return found


def _told(
    found: Joined, bridge: Bridge, payer: str, payee: str, arrival: int
) -> tuple[Movement, ...]:
    """The rows that only persons told, with the bridge as one of them or as one more."""
    for at, each in enumerate(found.told):
        if each.id == bridge.row_id and not each.to_account and each.id not in found.links:
            found.links[each.id] = Link(bridge)
            found.arrivals[each.id] = max(arrival, each.time)
            changed = each._replace(to_account=payee, channel="")
            return (*found.told[:at], changed, *found.told[at + 1 :])
    found.links[bridge.public_id] = Link(bridge)
    made = Movement(bridge.public_id, arrival, payer, payee, bridge.amount_fen)
    return (*found.told, made)


def _left(
    transfers: Gathered, bridge: Bridge, payer: str, taken: Mapping[int, object]
) -> int | None:
    """The transfer to nobody that the bridge names."""
    ids = transfers.table["movement_id"]
    for row in transfers.of_amount(bridge.amount_fen) if bridge.row_id else ():
        if ids[row].as_py() == bridge.row_id and row not in taken:
            return row if transfers.sides(row)[:2] == (payer, "") else None
    return None


def _came(
    transfers: Gathered,
    bridge: Bridge,
    payee: str,
    taken: Collection[int],
    paid: Collection[str],
    within: timedelta,
) -> int | None:
    """The row of the payee's statement by which the money came from nobody: the nearest in time."""
    moment, best = bridge.moved_at.timestamp(), (within.total_seconds(), -1)
    for row in transfers.of_amount(bridge.amount_fen):
        payer, into, time = transfers.sides(row)
        if payer or into != payee or row in taken:
            continue
        if transfers.table["movement_id"][row].as_py() not in paid:
            best = min(best, (abs(time - moment), row))
    return best[1] if best[1] >= 0 else None


def _changed(
    table: pa.Table, at_row: Mapping[int, Mapping[str, Any]], gone: Collection[int]
) -> pa.Table:
    """The table with other cells in some rows and without the rows that are `gone`."""
    import numpy as np
    import pyarrow as pa
    import pyarrow.compute as pc

    for name in ("from_account", "to_account", "balance_to_fen"):
        cells = {row: told[name] for row, told in sorted(at_row.items()) if name in told}
        if not cells:
            continue
        mask = np.zeros(table.num_rows, bool)
        mask[list(cells)] = True
        column = table[name].combine_chunks()
        new = pc.replace_with_mask(column, mask, pa.array(list(cells.values()), column.type))
        table = table.set_column(table.column_names.index(name), name, new)
    if gone:
        table = table.take(np.setdiff1d(np.arange(table.num_rows), list(gone)))
    return table
