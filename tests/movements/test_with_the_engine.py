from __future__ import annotations

from collections import Counter
from datetime import timedelta
from typing import TYPE_CHECKING

from hypothesis import given, settings
from hypothesis import strategies as st

from fanzha.movements.leg import Source
from fanzha.movements.transfers import join
from fanzha.tracing.engine import Movement, Movements, Seeds, Trace, trace
from tests.movements.build import NOON, line, read, told

if TYPE_CHECKING:
    from fanzha.movements.joined import CaseTransfers

ACCOUNTS = [f"62990100000000{n:05d}" for n in range(6)]
VICTIM = ACCOUNTS[0]
OPENING_FEN = 1_000_000
PAYMENTS = st.lists(
    st.tuples(
        st.integers(1, 90), st.sampled_from([10_000, 25_000, 40_000]),
        st.tuples(st.integers(1, 5), st.integers(1, 5)).filter(lambda pair: pair[0] != pair[1]),
        st.booleans(),
    ),
    max_size=30,
)  # fmt: skip


def ends(result: Trace) -> Counter[tuple[str, str]]:
    found: Counter[tuple[str, str]] = Counter()
    for end in result.ends:
        found[end.account, str(end.kind)] += end.fen
    return found


def by_statements(case: CaseTransfers, seed: str) -> Counter[tuple[str, str]]:
    rows = [
        Movement(
            each.movement_id, each.clock, each.from_account, each.to_account, each.amount_fen,
            each.balance_from_fen, each.balance_to_fen, each.channel, reverses=each.reverses,
        )
        for each in case.transfers
    ]  # fmt: skip
    movements = Movements.build(rows)
    seeds = Seeds.of(movements, [(seed, "claim")])
    return ends(trace(movements, seeds, openings=case.openings, known=case.known))


@settings(max_examples=60, deadline=None)
@given(
    payments=PAYMENTS,
    skew=st.lists(st.integers(-40, 40), min_size=6, max_size=6),
    backwards=st.booleans(),
)
def test_statements_of_banks_with_wrong_clocks_trace_like_the_truth(
    payments: list[tuple[int, int, tuple[int, int], bool]], skew: list[int], *, backwards: bool
) -> None:
    """One statement per account, each by its own clock, with balances, some from new to old."""
    second, balance = 0, dict.fromkeys(ACCOUNTS, OPENING_FEN)
    truth: list[Movement] = []
    lines: dict[str, list[dict[str, str]]] = {account: [] for account in ACCOUNTS}

    def book(payer: str, payee: str, fen: int) -> None:
        truth.append(Movement(f"m{len(truth)}", second, payer, payee, fen))
        for own, other, sign in ((payer, payee, -1), (payee, payer, 1)):
            if not own:
                continue
            balance[own] += sign * fen
            moment = NOON + timedelta(seconds=second + skew[ACCOUNTS.index(own)])
            lines[own].append(
                line(
                    card_no=own, txn_time=f"{moment:%Y%m%d%H%M%S}", amount_fen=f"{fen / 100:.2f}",
                    direction="进" if sign > 0 else "出", cp_account_no=other,
                    balance_fen=f"{balance[own] / 100:.2f}", summary="" if other else "取现",
                )
            )  # fmt: skip

    book(VICTIM, ACCOUNTS[1], 60_000)
    for gap, fen, (payer, payee), leaves in payments:
        second += gap
        if balance[ACCOUNTS[payer]] >= fen:
            book(ACCOUNTS[payer], "" if leaves else ACCOUNTS[payee], fen)

    movements = Movements.build([row._replace(channel="cash") for row in truth])
    openings = dict.fromkeys(ACCOUNTS, OPENING_FEN)
    expected = ends(trace(movements, Seeds.of(movements, [("m0", "claim")]), openings=openings))

    sources, rows = [], {}
    for place, each in enumerate(each for each in lines.values() if each):
        reading = read(*(reversed(each) if backwards else each))
        assert not [check for check in reading.account_checks() if check["breaks"]]
        sources.append(Source(f"S{place}", reading.file_sha256))
        rows[f"S{place}"] = told(reading)
    case = join(sources, rows)
    assert sum(row.amount_fen for row in truth) == sum(each.amount_fen for each in case.transfers)
    seed = next(each for each in case.transfers if each.from_account == VICTIM)
    assert +by_statements(case, seed.movement_id) == +expected
