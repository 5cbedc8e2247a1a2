"""Lines that running sums cannot lay, laid by the engine and handed to the machine as tables."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pyarrow as pa

from fanzha.tracing.engine.line import account_line
from fanzha.tracing.engine.model import InputError, Movement, Movements
from fanzha.tracing.stores.asked import ARRIVALS, DEPARTURES, MOST_ODD_ROWS
from fanzha.tracing.stores.hop import FACTS, NEVER, REST

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from fanzha.tracing.engine.line import Line, Match


def odd_lines(
    rows: pa.Table, keys: set[str], openings: Mapping[str, int], currency: str
) -> tuple[set[str], pa.Table, pa.Table]:
    """Lay the lines of the odd accounts among `keys`; `rows` (of `hop.moving`) are all of theirs.

    Returns these accounts, ARRIVALS and DEPARTURES. Raises InputError for more than MOST_ODD_ROWS
    rows, and where the engine does: a reversal that is not the mirror of an earlier row.
    """
    if len(rows) > MOST_ODD_ROWS:
        problem = f"accounts with reversals or foreign money have more than {MOST_ODD_ROWS} rows"
        raise InputError(f"{problem} in one round; trace fewer payments at once")
    facts = {record["row"]: record for record in rows.sort_by("row").to_pylist()}
    movements = Movements.build(_movements(facts))
    arrivals: list[tuple[Any, ...]] = []
    departures: list[tuple[Any, ...]] = []
    odd = keys & _odd(facts, currency)
    for key in sorted(odd):
        line = account_line(
            movements,
            movements.code_of[key],
            opening_fen=openings.get(key, 0),
            currency=currency,
            newest_first=False,
        )
        for row, match, begin in _end_to_end(line):
            arrivals.append((key, int(movements.ids[row]), match.lo, match.hi, begin))
            departures.append((key, *_departure(movements, match, begin, facts)))
    return odd, _table(arrivals, ARRIVALS), _table(departures, DEPARTURES)


def _odd(facts: Mapping[int, Mapping[str, Any]], currency: str) -> set[str]:
    """Find the accounts as `hop.odd_accounts` does."""
    back = [row for row in facts.values() if row["reverses"] is not None]
    foreign = [row for row in facts.values() if row["currency"] != currency]
    return {row["from_account"] for row in back + foreign} | {row["to_account"] for row in back}


def _movements(facts: Mapping[int, Mapping[str, Any]]) -> Iterator[Movement]:
    missing = {row["reverses"] for row in facts.values()} - set(facts) - {None}
    for seq, row in facts.items():
        original = row["reverses"]
        if original in missing:
            # A reversal of a row that moved nothing still goes to the front.
            missing.remove(original)
            yield Movement(
                str(original), row["leaves"], row["to_account"], row["from_account"], 0,
                currency=row["currency"],
            )  # fmt: skip
        yield Movement(
            id=str(seq),
            time=row["leaves"],
            time_to=row["arrives"],
            from_account=row["from_account"],
            to_account=row["to_account"],
            amount_fen=row["amount_fen"],
            balance_from_fen=row["stated"],
            channel="" if row["to_account"] else row["channel"],
            currency=row["currency"],
            reverses="" if original is None else str(original),
        )


def _end_to_end(line: Line) -> Iterator[tuple[int, Match, int]]:
    """Lay the matches of a line end to end: any line is one on which in and out meet so."""
    begin = 0
    for row, matches in line.matches.items():
        for match in matches:
            yield row, match, begin
            begin += match.hi - match.lo


def _departure(
    movements: Movements, match: Match, begin: int, facts: Mapping[int, Mapping[str, Any]]
) -> tuple[Any, ...]:
    end = begin + match.hi - match.lo
    if match.outflow is None:
        return REST, begin, end, 0, NEVER, NEVER, "", "", 0, "", ""
    seq = int(movements.ids[match.outflow])
    return seq, begin, end, match.at, *(facts[seq][name] for name in FACTS)


def _table(records: list[tuple[Any, ...]], schema: pa.Schema) -> pa.Table:
    columns = zip(*records, strict=True) if records else [()] * len(schema)
    return pa.table([list(column) for column in columns], schema=schema)
