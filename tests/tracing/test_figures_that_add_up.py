"""Invariants V1, V5, V9, V10, V12 of tracing: no fen is made or lost, for every rule."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from hypothesis import given

from fanzha.tracing.engine import FLOW_RULES, RULE_VERSIONS, NoteKind, fates, row_shares
from tests.tracing.agreement import engine, few, figures
from tests.tracing.networks import FEATURES, changed, ends_of, networks, shares_of
from tests.tracing.reference import Replay, Rule

if TYPE_CHECKING:
    from tests.tracing.reference import Case

every_rule = pytest.mark.parametrize("rule", sorted(RULE_VERSIONS))
every_flow_rule = pytest.mark.parametrize("rule", FLOW_RULES)
every_valuation = pytest.mark.parametrize(
    "rule", ["libr_cap_then_share", "pari_passu_end", "timestamp_ladder"]
)
HONEST = FEATURES - {"claimed_balances"}


@every_flow_rule
@few
@given(networks())
def test_v1_every_fen_of_every_claim_ends_somewhere(rule: str, case: Case) -> None:
    result = engine(case, rule)
    ended: Counter[str] = Counter()
    for (_, _, claim), fen in ends_of(result).items():
        assert fen > 0
        ended[claim] += fen
    assert ended == +Counter(case.paid())
    assert result.seeded_fen == sum(case.paid().values())


@few
@given(networks())
def test_v1_the_lots_of_every_account_sum_to_its_balance(case: Case) -> None:
    """Of the reference, whose lots are all written down: in, out, debt and missing rows agree."""
    for rule in Rule:
        replay = Replay(case, rule)
        balance: Counter[str] = Counter(case.openings)
        for row in case.rows:
            if row.moves and row.currency == case.currency:
                balance[row.payer] -= row.fen
                balance[row.payee] += row.fen
                balance[row.payer] += int(replay.missing.get(row.id, 0))
        for name, account in replay.accounts.items():
            lots = sum(lot.fen for lot in account.lots)
            assert lots == 0 or account.debt == 0
            exchanged = any(row.currency != case.currency for row in case.rows)
            assert exchanged or not name or lots - account.debt == balance[name]


@every_flow_rule
@few
@given(networks())
def test_v5_no_account_holds_more_traced_money_than_its_balance(rule: str, case: Case) -> None:
    accounts = Replay(case, Rule(rule)).accounts
    held: Counter[str] = Counter()
    for (account, kind, _), fen in ends_of(engine(case, rule)).items():
        held[account] += fen if kind == "held" else 0
    for account, fen in held.items():
        # A rounded end may stand one fen per claim above its exact figure, never above all.
        assert fen <= sum(lot.fen for lot in accounts[account].lots) + (
            len(set(case.seeds.values())) if rule == "rolling_pro_rata" else 0
        )


@every_flow_rule
@few
@given(networks())
def test_v5_no_row_carries_more_traced_money_than_it_moves(rule: str, case: Case) -> None:
    moved = {row.id: row.fen for row in case.rows}
    for name, by_claim in shares_of(engine(case, rule)).items():
        assert 0 < sum(by_claim.values()) <= moved[name]


@every_valuation
@few
@given(networks())
def test_v5_v9_what_can_be_claimed_is_there_and_was_paid(rule: str, case: Case) -> None:
    result = engine(case, rule)
    replay = Replay(case)
    claimed: Counter[str] = Counter()
    for value in result.valuations:
        lots = replay.accounts[value.account].lots
        assert all(fen >= 0 for fen in value.by_claim.values())
        assert value.share_fen == sum(value.by_claim.values()) <= sum(lot.fen for lot in lots)
        claimed.update(value.by_claim)
    paid = case.paid()
    assert all(fen <= paid.get(claim, 0) for claim, fen in claimed.items())


@every_rule
@few
@given(networks())
def test_v9_shares_are_never_negative_nor_above_their_claim(rule: str, case: Case) -> None:
    found = figures(engine(case, rule))
    paid = case.paid()
    if rule != "poison":
        for (_, _, claim), fen in found.ends.items():
            assert rule == "libr_cap" or 0 < fen <= paid[claim]
        for by_claim in found.rows.values():
            assert all(fen > 0 for fen in by_claim.values())
    for (_, claim), fen in found.values.items():
        assert 0 < fen <= paid[claim]


@every_flow_rule
@few
@given(networks())
def test_v9_the_fates_of_a_row_sum_to_its_traced_fen(rule: str, case: Case) -> None:
    result = engine(case, rule)
    fate = fates(result)
    shares = {share.row: share for share in row_shares(result)}
    assert {at: sum(ends.values()) for at, ends in fate.items()} == {
        row: share.fen for row, share in shares.items()
    }
    for claim in set(case.seeds.values()):
        narrowed = fates(result, {claim})
        for row, share in shares.items():
            assert sum(narrowed.get(row, {}).values()) == share.by_claim.get(claim, 0)


@few
@given(networks(HONEST))
def test_v10_balances_reconcile_or_the_missing_money_is_named(case: Case) -> None:
    result = engine(case, "fifo")
    missing = {
        (result.movements.ids[note.row], note.fen)
        for note in result.notes
        if note.kind == NoteKind.MISSING
    }
    disagrees = {note.account for note in result.notes if note.kind == NoteKind.BALANCE_DISAGREES}
    inserted = dict(missing)
    for account in {end.account for end in result.ends if end.kind == "held"}:
        there, stated = case.openings.get(account, 0), None
        for row in sorted(case.rows, key=lambda row: row.time):
            if row.moves and row.currency == case.currency and account in {row.payer, row.payee}:
                out = row.payer == account
                there += inserted.get(row.id, 0) if out else 0
                there += -row.fen if out else row.fen
                stated = row.payer_balance if out else row.payee_balance
                if stated is not None and stated != there:
                    assert account in disagrees


@few
@given(networks(frozenset({"openings", "exits", "reversals", "limits"})))
def test_v10_nothing_is_missing_where_every_balance_is_as_it_must_be(case: Case) -> None:
    there: Counter[str] = Counter(case.openings)
    rows = []
    for row in sorted(case.rows, key=lambda row: row.time):
        if row.moves:
            there[row.payer] -= row.fen
            there[row.payee] += row.fen
        rows.append(
            row._replace(
                payer_balance=there[row.payer] if row.payer else None,
                payee_balance=there[row.payee] if row.payee else None,
            )
        )
    kinds = {note.kind for note in engine(changed(case, rows=rows), "fifo").notes}
    assert not kinds & {NoteKind.MISSING, NoteKind.BALANCE_DISAGREES}


@every_rule
@few
@given(networks())
def test_v12_poison_reaches_whatever_any_other_rule_reaches(rule: str, case: Case) -> None:
    # Poison carries more transfers, so the first so many of them end sooner.
    case = replace(case, limits=replace(case.limits, max_transfers=None))
    wide, narrow = engine(case, "poison"), engine(case, rule)
    reach = shares_of(wide)
    for name, by_claim in shares_of(narrow).items():
        assert set(by_claim) <= set(reach.get(name, {}))
    touched = {(end.account, end.claim) for end in wide.ends}
    for end in narrow.ends:
        assert end.kind != "held" or (end.account, end.claim) in touched


@pytest.mark.parametrize("rule", ["fifo", "lifo", "own_first"])
@few
@given(networks())
def test_every_piece_is_a_part_of_the_one_before_it(rule: str, case: Case) -> None:
    """What a piece brings leaves by later pieces or ends: a chain of rows for every fen."""
    result = engine(case, rule)
    movements = result.movements
    onward: Counter[int] = Counter()
    for at, piece in enumerate(result.pieces):
        assert 0 <= piece.lo < piece.hi <= movements.amount_fen[piece.row]
        if piece.parent < 0:
            assert piece.row in result.seeds.rows
            assert piece.hop == 0
            continue
        parent = result.pieces[piece.parent]
        assert piece.parent < at
        assert (piece.claim, piece.hop) == (parent.claim, parent.hop + 1)
        assert movements.to_account[parent.row] == movements.from_account[piece.row]
        onward[piece.parent] += piece.hi - piece.lo
    for end in result.ends:
        onward[end.piece] += end.fen
    for at, piece in enumerate(result.pieces):
        assert onward[at] == piece.hi - piece.lo
