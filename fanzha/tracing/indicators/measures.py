"""How each indicator is measured: exact definitions. Values are exact fractions or counts.

Every measure returns (value, how many things it counted, facts for its sentence); the value is
None where something needed is not known.
"""

from __future__ import annotations

from collections import Counter
from fractions import Fraction
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from fanzha.tracing.indicators.account import Account, Row

CHINA_SECONDS = 8 * 3600
"""A day of the centre begins at midnight in China, which keeps no summer time."""
DAY_SECONDS = 86400


class Measure(NamedTuple):
    """A value (None: not known), how many things it counted, facts for its sentence."""

    value: Fraction | int | None
    counted: int
    facts: Mapping[str, object]


def in_out_gap(account: Account, counts: Mapping[str, float]) -> Measure:
    """abs(in - out) / (in + out), in fen over all rows: near 0 where all that comes goes on."""
    came = sum(row.fen for row in account.rows if row.inward)
    gone = sum(row.fen for row in account.rows if not row.inward)
    facts = {"came": came, "gone": gone}
    return Measure(_share(abs(came - gone), came + gone), len(account.rows), facts)


def cash_share(account: Account, counts: Mapping[str, float]) -> Measure:
    """Fen paid in and taken out as cash, of the fen of all rows."""
    cash = sum(row.fen for row in account.rows if row.cash)
    return Measure(_share(cash, _fen(account.rows)), len(account.rows), {"cash": cash})


def top_counterparties(account: Account, counts: Mapping[str, float]) -> Measure:
    """Fen, in and out, with the three largest counterparties, of the fen with all named ones."""
    by_other = _by(account.plain(), lambda row: row.other)
    top = sorted(by_other.values(), reverse=True)[: int(counts["top"])]
    return Measure(_share(sum(top), by_other.total()), len(by_other), {"top": len(top)})


def same_name_accounts(account: Account, counts: Mapping[str, float]) -> Measure:
    """Counterparty accounts whose holder bears the name of this account's holder."""
    holder = account.of(account.name).holder
    others = {row.other for row in account.plain() if row.other} - {account.name}
    known = [other for other in others if account.of(other).holder]
    if not holder or not known:
        return Measure(None, 0, {})
    return Measure(sum(account.of(other).holder == holder for other in known), len(known), {})


def whole_amounts(account: Account, counts: Mapping[str, float]) -> Measure:
    """Rows whose amount is a multiple of 10,000 yuan, of all rows."""
    rows = account.plain()
    whole = sum(row.fen > 0 and row.fen % int(counts["whole_fen"]) == 0 for row in rows)
    return Measure(_share(whole, len(rows)), len(rows), {"whole": whole})


def fast_days(account: Account, counts: Mapping[str, float]) -> Measure:
    """Days with an inflow of which at least half left within 30 minutes, of all days with rows.

    What left is the sum of the rows out after the inflow; the day is that of the inflow.
    """
    rows = account.plain()
    days = {_day(row) for row in rows}
    fast = set()
    for at, row in enumerate(rows):
        if not row.inward or _day(row) in fast:
            continue
        gone = 0
        for later in rows[at + 1 :]:
            if later.time - row.time > counts["quick_seconds"]:
                break
            gone += 0 if later.inward else later.fen
        if gone and gone >= counts["fast_share"] * row.fen:
            fast.add(_day(row))
    return Measure(_share(len(fast), len(days)), len(days), {"fast": len(fast), "days": len(days)})


def turnover(account: Account, counts: Mapping[str, float]) -> Measure:
    """Fen of all rows, in and out, by the mean of the balances after each row.

    Balances are those stated, and counted on from row to row between them; one below 0 counts as 0.
    """
    balances = [max(row.balance, 0) for row in account.rows]
    mean = Fraction(sum(balances), len(balances)) if balances else Fraction(0)
    value = Fraction(_fen(account.rows)) / mean if mean else None
    return Measure(value, len(account.rows), {"mean": round(mean)})


def region_share(account: Account, counts: Mapping[str, float]) -> Measure:
    """Fen with counterparties of the commonest region, of the fen with those of a known region."""
    return _concentration(account, "region")


def bank_share(account: Account, counts: Mapping[str, float]) -> Measure:
    """Fen with counterparties at the commonest bank, of the fen with those of a known bank."""
    return _concentration(account, "bank")


def quick_large_pairs(account: Account, counts: Mapping[str, float]) -> Measure:
    """Rows out of 50,000 yuan or more within 30 minutes after such a row in, each row once."""
    waiting: list[int] = []
    pairs = 0
    rows = account.plain()
    for row in rows:
        waiting = [time for time in waiting if row.time - time <= counts["quick_seconds"]]
        if row.fen < counts["quick_fen"]:
            continue
        if row.inward:
            waiting.append(row.time)
        elif waiting:
            waiting.pop(0)
            pairs += 1
    return Measure(pairs, len(rows), {})


def _concentration(account: Account, field: str) -> Measure:
    by_value = _by(account.plain(), lambda row: getattr(account.of(row.other), field))
    others = {row.other for row in account.plain() if getattr(account.of(row.other), field)}
    if not by_value:
        return Measure(None, 0, {})
    # Of equals the one met first, so that no name decides.
    most = max(by_value, key=lambda value: by_value[value])
    return Measure(_share(by_value[most], by_value.total()), len(others), {"most": most})


def _by(rows: Sequence[Row], key: Callable[[Row], str]) -> Counter[str]:
    sums: Counter[str] = Counter()
    for row in rows:
        if row.other and key(row):
            sums[key(row)] += row.fen
    return sums


def _share(part: int, whole: int) -> Fraction | None:
    return Fraction(part, whole) if whole else None


def _fen(rows: Sequence[Row]) -> int:
    return sum(row.fen for row in rows)


def _day(row: Row) -> int:
    return (row.time + CHINA_SECONDS) // DAY_SECONDS
