"""Random networks for every test of tracing, and the checks that two ways of tracing agree."""

from __future__ import annotations

from collections import Counter
from random import Random
from typing import TYPE_CHECKING, Any, Final

from hypothesis import strategies as st

from fanzha.tracing.engine import Movement, Movements, Seeds, row_shares, trace
from tests.tracing.reference import Case, Limits, Row

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

    from fanzha.tracing.engine import Trace

    EndKey = tuple[str, str, str]

ACCOUNTS: Final = ("A", "B", "C", "D", "E")
EXITS: Final = ("cash", "merchant", "payment_institution", "crypto_otc", "fee", "unknown", "")
GAPS: Final = ("no_reply", "not_queried", "refused", "truncated", "missing")
FEATURES: Final = frozenset(
    {
        "openings",
        "exits",
        "reversals",
        "currencies",
        "unknown_accounts",
        "gaps",
        "claimed_balances",
        "true_balances",
        "two_times",
        "dates",
        "limits",
        "shared_claims",
    }
)
PLAIN: Final = frozenset({"openings", "shared_claims"})
# What can be tried in every order: balances beside one time, or a second time and no balances.
ONE_TIME: Final = FEATURES - {"two_times"}
UNSTATED: Final = FEATURES - {"true_balances", "claimed_balances"}


def row(name: str, time: int, payer: str, payee: str, fen: int, **more: Any) -> Row:
    """Make a row by hand."""
    return Row(name, time, payer, payee, fen, **more)


def movements_of(rows: Iterable[Row]) -> Movements:
    """Hand the rows to the engine."""
    return Movements.build(
        Movement(
            id=r.id,
            time=r.time,
            from_account=r.payer,
            to_account=r.payee,
            amount_fen=r.fen,
            balance_from_fen=r.payer_balance,
            balance_to_fen=r.payee_balance,
            channel=r.channel,
            currency=r.currency,
            reverses=r.reverses,
            time_to=r.time_to,
            width=r.width,
        )
        for r in rows
    )


def traced(rows: Iterable[Row], seeds: Mapping[str, str], **more: Any) -> Trace:
    """Trace the seeds {row id: claim} with the engine."""
    movements = movements_of(rows)
    return trace(movements, Seeds.of(movements, dict(seeds).items()), **more)


def ends_of(result: Trace) -> dict[EndKey, int]:
    """Sum the ends by (account, kind, claim)."""
    found: Counter[EndKey] = Counter()
    for end in result.ends:
        found[end.account, end.kind.value, end.claim] += end.fen
    return {key: fen for key, fen in found.items() if fen}


def shares_of(result: Trace) -> dict[str, dict[str, int]]:
    """Sum the traced fen of each row id by claim."""
    shares = {
        result.movements.ids[share.row]: {c: fen for c, fen in share.by_claim.items() if fen}
        for share in row_shares(result)
    }
    return {name: by_claim for name, by_claim in shares.items() if by_claim}


def networks(
    features: Collection[str] = FEATURES, *, most_rows: int = 24
) -> st.SearchStrategy[Case]:
    """Draw networks that may have these features; loops, splits, ties, overdrafts always occur.

    Drawn from a size and a number for chance: a thousand networks a second instead of ten.
    """
    sizes, numbers = st.integers(2, most_rows), st.integers(0, 2**32)
    return st.builds(lambda size, number: network(size, Random(number), features), sizes, numbers)


def network(size: int, chance: Random, features: Collection[str] = FEATURES) -> Case:
    """Make one network by chance; every feature is in it or not."""
    has = {feature for feature in sorted(features) if chance.random() < 0.5}
    accounts = ACCOUNTS[: chance.randint(2, len(ACCOUNTS))]
    last = chance.choice([1, 8, 60])
    rows = [_row(number, chance, accounts, last, has) for number in range(size)]
    if "reversals" in has:
        for at in sorted(range(size), key=lambda at: (rows[at].time, at)):
            rows[at] = _maybe_reversal(chance, rows, at)
    openings = {a: chance.randint(0, 30) for a in accounts if chance.random() < 0.4}
    openings = openings if "openings" in has else {}
    seeds = _seeds(rows, chance, has)
    if "true_balances" in has:
        rows = _with_true_balances(rows, openings, chance, set(seeds))
        seeds = {name: claim for name, claim in seeds.items() if name in {r.id for r in rows}}
    known = frozenset(a for a in accounts if chance.random() < 0.7)
    gaps = {a: chance.choice(GAPS) for a in accounts if chance.random() < 0.2}
    return Case(
        rows=tuple(rows),
        seeds=seeds,
        openings=openings,
        known=known if "unknown_accounts" in has else None,
        gaps=gaps if "gaps" in has else {},
        limits=_limits(chance, last) if "limits" in has else Limits(),
    )


def _row(number: int, chance: Random, accounts: tuple[str, ...], last: int, has: set[str]) -> Row:
    ends = (*accounts, "") if "exits" in has else accounts
    payer = chance.choice(ends)
    claimed = "claimed_balances" in has
    time = chance.randint(0, last)
    width = chance.choice([1, 1, 3, 10]) if "dates" in has else 1
    two_times = "two_times" in has and chance.random() < 0.4
    return Row(
        id=f"r{number}",
        time=time,
        payer=payer,
        payee=chance.choice(ends if payer else accounts),
        fen=chance.choice([0, 1, 2, 10, 10, 20, *(chance.randint(0, 40) for _ in range(12))]),
        payer_balance=chance.randint(-20, 40) if claimed and chance.random() < 0.3 else None,
        payee_balance=chance.randint(-20, 40) if claimed and chance.random() < 0.3 else None,
        channel=chance.choice(EXITS),
        currency="USD" if "currencies" in has and chance.random() < 0.15 else "CNY",
        time_to=time + chance.randint(-3, 10) if two_times else None,
        width=width,
    )


def _maybe_reversal(chance: Random, rows: list[Row], at: int) -> Row:
    """Sometimes turn a row into the reversal of one that comes before it."""
    later = rows[at]
    earlier = [
        r for n, r in enumerate(rows) if (r.time, n) < (later.time, at) and r.payer != r.payee
    ]
    if not earlier or chance.random() < 0.7:
        return later
    original = chance.choice(earlier[-4:] if chance.random() < 0.5 else earlier)
    return later._replace(
        payer=original.payee,
        payee=original.payer,
        currency=original.currency,
        reverses=original.id,
        fen=original.fen if chance.random() < 0.5 else later.fen,
    )


def _seeds(rows: list[Row], chance: Random, has: set[str]) -> dict[str, str]:
    """Choose some payments anywhere in the rows; with shared claims some victims paid twice."""
    payments = [r.id for r in rows if r.payer != r.payee and r.currency == "CNY"]
    chosen = chance.sample(payments, min(len(payments), chance.randint(1, 4)))
    return {n: chance.choice([n, "X"]) if "shared_claims" in has else n for n in chosen}


def _with_true_balances(
    rows: list[Row], openings: dict[str, int], chance: Random, keep: set[str]
) -> list[Row]:
    """State the balances that all rows together give, then lose some of the rows."""
    there: dict[str, int] = dict(openings)
    stated: dict[str, Row] = {}
    for r in sorted(rows, key=lambda r: r.time):
        fen = r.fen if r.payer != r.payee and r.currency == "CNY" else 0
        there[r.payer] = there.get(r.payer, 0) - fen
        there[r.payee] = there.get(r.payee, 0) + fen
        stated[r.id] = r
        if r.currency == "CNY":
            stated[r.id] = r._replace(
                payer_balance=there[r.payer] if r.payer else None,
                payee_balance=there[r.payee] if r.payee else None,
            )
    needed = keep | {r.reverses for r in rows}
    return [stated[r.id] for r in rows if r.id in needed or chance.random() < 0.85]


def _limits(chance: Random, last: int) -> Limits:
    return Limits(
        min_amount_fen=chance.choice([0, 0, 5, 10]),
        max_hops=chance.choice([None, None, 0, 1, 2, 3]),
        hop_window=chance.choice([None, None, 0, 1, last // 3]),
        max_transfers=chance.choice([None, None, 0, 1, 3, 6]),
    )


def scaled(case: Case, factor: int) -> Case:
    """The same network with every amount, balance and limit so many times as large."""

    def times(fen: int | None) -> int | None:
        return None if fen is None else fen * factor

    rows = [
        r._replace(
            fen=r.fen * factor,
            payer_balance=times(r.payer_balance),
            payee_balance=times(r.payee_balance),
        )
        for r in case.rows
    ]
    least = case.limits.min_amount_fen * factor
    return changed(
        case,
        rows=rows,
        openings={account: fen * factor for account, fen in case.openings.items()},
        limits=Limits(
            least, case.limits.max_hops, case.limits.hop_window, case.limits.max_transfers
        ),
    )


def changed(case: Case, *, rows: Iterable[Row] | None = None, **more: Any) -> Case:
    """The same question with other rows, seeds, openings..."""
    told = {
        "rows": case.rows if rows is None else tuple(rows),
        "seeds": case.seeds,
        "openings": case.openings,
        "known": case.known,
        "gaps": case.gaps,
        "limits": case.limits,
    }
    return Case(**(told | more))
