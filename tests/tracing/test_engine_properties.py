"""The invariants of the tracing page that concern FIFO, on random networks."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from hypothesis import given, settings
from hypothesis import strategies as st

from fanzha.tracing.engine import fates, input_sha256, row_shares
from tests.tracing.networks import ends_of, networks, shares_of, traced

if TYPE_CHECKING:
    from random import Random

    from tests.tracing.networks import Network
    from tests.tracing.reference import Row

many = settings(max_examples=120, deadline=None)


@many
@given(networks())
def test_every_fen_of_every_claim_ends_somewhere(network: Network) -> None:
    rows, seeds, openings, known = network
    result = traced(rows, seeds, openings=openings, known=known)
    paid: Counter[str] = Counter()
    for row in rows:
        if row.id in seeds:
            paid[seeds[row.id]] += row.fen
    ended: Counter[str] = Counter()
    for (_, _, claim), fen in ends_of(result).items():
        ended[claim] += fen
    assert ended == +paid
    assert result.seeded_fen == paid.total()


@many
@given(networks())
def test_no_row_carries_more_traced_money_than_it_moves(network: Network) -> None:
    rows, seeds, openings, known = network
    result = traced(rows, seeds, openings=openings, known=known)
    moved = {row.id: row.fen for row in rows}
    for name, by_claim in shares_of(result).items():
        assert 0 < sum(by_claim.values()) <= moved[name]


@many
@given(networks(), st.randoms(use_true_random=False))
def test_renaming_accounts_and_rows_changes_no_figure(network: Network, chance: Random) -> None:
    rows, seeds, openings, known = network
    letters = ["A", "B", "C", "D", "E"]
    new = dict(zip(letters, chance.sample(["k", "a", "z", "0", "乙"], 5), strict=True)) | {"": ""}
    renamed = [row._replace(payer=new[row.payer], payee=new[row.payee]) for row in rows]
    before = traced(rows, seeds, openings=openings, known=known)
    after = traced(
        renamed,
        seeds,
        openings={new[account]: fen for account, fen in openings.items()},
        known=known and {new[account] for account in known},
    )
    assert shares_of(after) == shares_of(before)
    assert ends_of(after) == {
        (new[account], kind, claim): fen for (account, kind, claim), fen in ends_of(before).items()
    }


@many
@given(networks(), st.randoms(use_true_random=False))
def test_shuffling_rows_of_distinct_times_changes_nothing(network: Network, chance: Random) -> None:
    rows, seeds, openings, known = network
    rows = sorted(rows, key=lambda row: row.time)
    rows = [row._replace(time=at) for at, row in enumerate(rows)]
    shuffled = chance.sample(rows, len(rows))
    before = traced(rows, seeds, openings=openings, known=known)
    after = traced(shuffled, seeds, openings=openings, known=known)
    assert before.ends == after.ends
    assert before.pieces == after.pieces
    assert before.notes == after.notes
    assert input_sha256(before.movements, before.seeds) == input_sha256(
        after.movements, after.seeds
    )


@many
@given(networks(extras=False), st.randoms(use_true_random=False))
def test_splitting_a_transfer_in_two_changes_no_end(network: Network, chance: Random) -> None:
    rows, seeds, openings, _ = network
    at = chance.randrange(len(rows))
    row = rows[at]
    first = chance.randint(0, row.fen)
    parts = [
        row._replace(fen=first),
        row._replace(id="rest", fen=row.fen - first),
    ]
    claim = seeds.get(row.id)
    split_seeds = seeds | ({"rest": claim} if claim else {})
    split = [*rows[:at], *parts, *rows[at + 1 :]]
    before = traced(rows, seeds, openings=openings)
    after = traced(split, split_seeds, openings=openings)
    assert ends_of(after) == ends_of(before)


@many
@given(networks(), st.integers(2, 1000))
def test_scaling_every_amount_scales_every_figure(network: Network, factor: int) -> None:
    rows, seeds, openings, known = network
    before = traced(rows, seeds, openings=openings, known=known)
    after = traced(
        [_scaled(row, factor) for row in rows],
        seeds,
        openings={account: fen * factor for account, fen in openings.items()},
        known=known,
    )
    assert ends_of(after) == {key: fen * factor for key, fen in ends_of(before).items()}


def _scaled(row: Row, factor: int) -> Row:
    return row._replace(
        fen=row.fen * factor,
        payer_balance=None if row.payer_balance is None else row.payer_balance * factor,
        payee_balance=None if row.payee_balance is None else row.payee_balance * factor,
    )


@many
@given(networks())
def test_the_fates_of_a_row_sum_to_its_traced_fen(network: Network) -> None:
    rows, seeds, openings, known = network
    result = traced(rows, seeds, openings=openings, known=known)
    fate = fates(result)
    assert {at: sum(ends.values()) for at, ends in fate.items()} == {
        share.row: share.fen for share in row_shares(result)
    }
    for claim in set(seeds.values()):
        for share in row_shares(result):
            narrowed = fates(result, {claim}).get(share.row, {})
            assert sum(narrowed.values()) == share.by_claim.get(claim, 0)
