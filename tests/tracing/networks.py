"""Random networks for property tests, and small words to write networks by hand."""

from __future__ import annotations

from random import Random
from typing import TYPE_CHECKING, Any

from hypothesis import strategies as st

from fanzha.tracing.engine import Movement, Movements, Seeds, row_shares, trace
from tests.tracing.reference import Replay, Row

if TYPE_CHECKING:
    from collections.abc import Iterable

    from fanzha.tracing.engine import Trace

    Network = tuple[list[Row], dict[str, str], dict[str, int], set[str] | None]
    Part = tuple[int, int, str]

ACCOUNTS = ("A", "B", "C", "D", "E")
EXITS = ("cash", "merchant", "payment_institution", "crypto_otc", "fee", "unknown", "")


def row(name: str, time: int, payer: str, payee: str, fen: int, **more: Any) -> Row:
    """Make a row by hand."""
    return Row(name, time, payer, payee, fen, **more)


def movements_of(rows: Iterable[Row]) -> Movements:
    """Hand the rows to the engine."""
    return Movements.build(Movement(*r) for r in rows)


def traced(rows: Iterable[Row], seeds: dict[str, str], **more: Any) -> Trace:
    """Trace the seeds {row id: claim}."""
    movements = movements_of(rows)
    return trace(movements, Seeds.of(movements, dict(seeds).items()), **more)


def ends_of(result: Trace) -> dict[tuple[str, str, str], int]:
    """Sum the ends by (account, kind, claim)."""
    found: dict[tuple[str, str, str], int] = {}
    for end in result.ends:
        key = end.account, end.kind.value, end.claim
        found[key] = found.get(key, 0) + end.fen
    return found


def shares_of(result: Trace) -> dict[str, dict[str, int]]:
    """Sum the traced fen of each row id by claim."""
    return {result.movements.ids[s.row]: s.by_claim for s in row_shares(result)}


def networks(*, extras: bool = True, most_rows: int = 24) -> st.SearchStrategy[Network]:
    """Draw rows, seeds, openings and known accounts; with `extras` everything the contract offers.

    Drawn from a size and a number for chance: a thousand networks a second instead of ten.
    """
    sizes, numbers = st.integers(2, most_rows), st.integers(0, 2**32)
    return st.builds(
        lambda size, number: network(size, Random(number), extras=extras), sizes, numbers
    )


def network(size: int, chance: Random, *, extras: bool) -> Network:
    """Make one network by chance."""
    rows = [_row(number, chance, extras=extras) for number in range(size)]
    if extras:
        for at in sorted(range(size), key=lambda at: (rows[at].time, at)):
            rows[at] = _maybe_reversal(chance, rows, at)
    payments = [r.id for r in rows if r.payer != r.payee and r.currency == "CNY"]
    chosen = chance.sample(payments, min(len(payments), chance.randint(1, 4)))
    seeds = {name: chance.choice([name, "X"]) for name in chosen}
    openings = {account: chance.randint(0, 30) for account in ACCOUNTS if chance.random() < 0.3}
    known = None
    if extras and chance.random() < 0.5:
        known = {account for account in ACCOUNTS if chance.random() < 0.7}
    return rows, seeds, openings, known


def _row(number: int, chance: Random, *, extras: bool) -> Row:
    ends = (*ACCOUNTS, "") if extras else ACCOUNTS
    payer = chance.choice(ends)
    balances = [None, None, chance.randint(-20, 40)] if extras else [None]
    return Row(
        id=f"r{number}",
        time=chance.randint(0, 8),
        payer=payer,
        payee=chance.choice(ends if payer else ACCOUNTS),
        fen=chance.randint(0, 40),
        payer_balance=chance.choice(balances),
        payee_balance=chance.choice(balances),
        channel=chance.choice(EXITS),
        currency="USD" if extras and chance.random() < 0.06 else "CNY",
    )


def _maybe_reversal(chance: Random, rows: list[Row], at: int) -> Row:
    """Sometimes turn a row into the reversal of one that comes before it."""
    later = rows[at]
    earlier = [
        r
        for n, r in enumerate(rows)
        if (r.time, n) < (later.time, at) and r.payer != r.payee and not r.reverses
    ]
    if not earlier or chance.random() < 0.75:
        return later
    original = chance.choice(earlier)
    return later._replace(
        payer=original.payee,
        payee=original.payer,
        currency=original.currency,
        reverses=original.id,
    )


def assert_same(
    rows: list[Row], seeds: dict[str, str], openings: dict[str, int], known: set[str] | None
) -> Trace:
    """Check that both agree: ends, rows, the order of lots inside each row, shortfalls."""
    result = traced(rows, seeds, openings=openings, known=known)
    replay = Replay(rows, seeds, openings, known)
    assert ends_of(result) == {key: fen for key, fen in replay.ends.items() if fen}
    assert lots_of(result) == claims_in(replay)
    for note in result.notes:
        if note.kind == "reversal_short":
            name = result.movements.ids[note.row]
            assert replay.reversal_short[name] == note.fen
    return result


def lots_of(result: Trace) -> dict[str, list[Part]]:
    """List per row id (lo, hi, claim), touching pieces of one claim joined."""
    found: dict[str, list[Part]] = {}
    for piece in result.pieces:
        name = result.movements.ids[piece.row]
        found.setdefault(name, []).append((piece.lo, piece.hi, piece.claim))
    return {name: joined(parts) for name, parts in found.items()}


def claims_in(replay: Replay) -> dict[str, list[Part]]:
    """List the same from the reference."""
    found = {}
    for name, lots in replay.carried.items():
        at, parts = 0, []
        for claim, fen in lots:
            if claim is not None:
                parts.append((at, at + fen, claim))
            at += fen
        if parts:
            found[name] = joined(parts)
    return found


def joined(parts: list[Part]) -> list[Part]:
    """Join touching parts of one claim; no two may overlap."""
    whole: list[Part] = []
    for lo, hi, claim in sorted(parts):
        assert not whole or whole[-1][1] <= lo, "two pieces share fen"
        touches = bool(whole) and whole[-1][1:] == (lo, claim)
        whole.append((whole.pop()[0] if touches else lo, hi, claim))
    return whole
