from __future__ import annotations

from typing import TYPE_CHECKING, Any

from hypothesis import given, settings
from hypothesis import strategies as st

from fanzha.movements.leg import Source
from fanzha.movements.sequence import joined as in_sequence
from fanzha.movements.transfers import join
from tests.movements.build import NOON, A, B, C, at, joined, line, read, told

if TYPE_CHECKING:
    import random


def out(seconds: float, yuan: float, to: str = B, own: str = A, **cells: Any) -> dict[str, str]:
    return line(
        card_no=own,
        txn_time=at(seconds),
        amount_fen=yuan,
        direction="出",
        cp_account_no=to,
        **cells,
    )


def into(
    seconds: float, yuan: float, source: str = A, own: str = B, **cells: Any
) -> dict[str, str]:
    return line(card_no=own, txn_time=at(seconds), amount_fen=yuan, cp_account_no=source, **cells)


def kinds(case: Any) -> list[str]:
    return [each["kind"] for each in case.findings if each["kind"] != "opening_unknown"]


def test_the_payers_and_the_payees_row_are_two_witnesses_of_one_transfer() -> None:
    case = joined(
        [out(0, 500, balance_fen="0.00")], [into(7, 500, holder_name="贾某", balance_fen="500")]
    )
    (transfer,) = case.transfers
    assert (transfer.from_account, transfer.to_account, transfer.amount_fen) == (A, B, 50_000)
    assert transfer.witnesses == (("S0", 2), ("S1", 2))
    assert (transfer.time, transfer.arrived.timestamp()) == (NOON, NOON.timestamp() + 7)
    assert (transfer.balance_from_fen, transfer.balance_to_fen) == (0, 50_000)
    assert (transfer.to_name, transfer.certainty) == ("贾某", "near")
    assert case.openings == {A: 50_000}
    assert kinds(case) == []


def test_a_second_witness_does_not_change_the_id() -> None:
    alone = joined([out(0, 500)]).transfers[0]
    seen_twice = joined([out(0, 500)], [into(7, 500)]).transfers[0]
    assert alone.movement_id == seen_twice.movement_id


def test_what_differs_is_not_paired() -> None:
    for other in (
        into(7, 501), into(7, 500, source=C), out(7, 500, own=B, to=A), into(7, 500, own=C)
    ):  # fmt: skip
        assert len(joined([out(0, 500)], [other]).transfers) == 2


def test_a_side_that_names_nobody_is_paired_unless_the_name_contradicts() -> None:
    silent = into(7, 500, source="")
    assert len(joined([out(0, 500)], [silent]).transfers) == 1
    other = into(7, 500, source="", cp_name="别人")
    assert len(joined([out(0, 500)], [other]).transfers) == 2
    masked = into(7, 500, source=f"{A[:4]}****{A[-4:]}", cp_name="柏*舟")
    assert len(joined([out(0, 500)], [masked]).transfers) == 1


def test_the_nearest_are_paired_and_several_possible_ways_are_listed() -> None:
    case = joined([out(0, 500), out(60, 500)], [into(5, 500), into(65, 500)])
    assert [each.witnesses for each in case.transfers] == [
        (("S0", 2), ("S1", 2)), (("S0", 3), ("S1", 3))
    ]  # fmt: skip
    assert kinds(case) == ["pairing_ambiguous"]


def test_equal_payments_are_paired_in_the_order_in_which_they_were_sent() -> None:
    case = joined([out(0, 500), out(50, 500)], [into(45, 500), into(95, 500)])
    assert [each.arrived.timestamp() - each.time.timestamp() for each in case.transfers] == [45, 45]


def test_a_common_serial_pairs_what_is_far_apart() -> None:
    case = joined([out(0, 500, serial_no="20260318A7")], [into(9000, 500, serial_no="20260318A7")])
    assert [each.certainty for each in case.transfers] == ["serial"]


def test_what_arrives_hours_later_is_one_transfer_and_listed() -> None:
    case = joined([out(0, 500)], [into(7200, 500)])
    assert [each.certainty for each in case.transfers] == ["late"]
    assert kinds(case) == ["pairing_late"]


def test_money_that_went_on_before_it_arrived_by_the_clocks_keeps_its_order() -> None:
    """The payer's bank is half a minute ahead."""
    case = joined([out(30, 500)], [into(2, 500), out(10, 500, own=B, to=C)])
    assert [each.to_account for each in case.transfers] == [B, C]
    assert [each.clock for each in case.transfers] == sorted(each.clock for each in case.transfers)
    assert kinds(case) == ["arrived_before_left"]


def test_rows_of_one_second_follow_their_balances() -> None:
    case = joined(
        [
            into(0, 100, own=A, source=C, balance_fen="100"),
            out(1, 150, balance_fen="0"),
            into(1, 50, own=A, source=C, balance_fen="150"),
        ]
    )
    assert [each.amount_fen for each in case.transfers] == [10_000, 5_000, 15_000]


def test_failed_and_unknown_rows_move_no_money() -> None:
    case = joined([out(0, 500, success="失败"), out(1, 600) | {"收付标志": "O"}])
    assert case.transfers == ()
    (row,) = case.unresolved
    assert (row.account, row.amount_fen, row.word, row.witness) == (A, 60_000, "O", ("S0", 3))


def test_other_currencies_are_left_out_and_reported() -> None:
    case = joined([out(0, 500, currency="USD"), out(1, 5)])
    assert len(case.transfers) == 1
    assert case.other_currencies == {"USD": {"out": 50_000}}


def test_where_nobody_is_named_the_words_say_how_the_money_left() -> None:
    told_by = {
        "cash": {"summary": "ATM取款"},
        "merchant": {"merchant_name": "街角便利店"},
        "payment_institution": {"cp_name": "财付通-微信转账"},
        "crypto_otc": {"remark": "买U币"},
        "fee": {"summary": "手续费"},
        "unknown": {"summary": "转账"},
    }
    for channel, cells in told_by.items():
        (transfer,) = joined([out(0, 500, to="", **cells)]).transfers
        assert (transfer.to_account, transfer.channel) == ("", channel)
    (transfer,) = joined([out(0, 500, to="", cash_flag="01")]).transfers
    assert transfer.channel == "cash"


def test_a_payment_firms_pot_is_no_account() -> None:
    (transfer,) = joined([out(0, 500, cp_name="财付通支付科技有限公司")]).transfers
    assert (transfer.to_account, transfer.channel) == ("", "payment_institution")


def test_card_account_and_sub_account_are_one_account() -> None:
    one = line(account_no="990100000001_01", txn_time=at(0), amount_fen=5, direction="收")
    two = out(1, 5, own="", to=C) | {"交易账号": "990100000001"}
    case = joined([one], [two])
    assert case.key_of["990100000001"] == A
    assert {case.transfers[0].to_account, case.transfers[1].from_account} == {A}
    assert list(case.known) == [A]


def test_a_number_beside_cards_of_several_holders_joins_nothing() -> None:
    pot = {"交易账号": "990100000001"}
    case = joined([into(0, 5) | pot, into(1, 5, own=C, holder_name="贾某") | pot])
    assert case.key_of[B] != case.key_of[C]
    assert "accounts_apart" in kinds(case)


def test_damaged_numbers_match_nothing() -> None:
    damaged = "6.29901E+18"
    case = joined([out(0, 500, to=damaged)], [into(5, 500, source="", own=damaged)])
    assert len({each.to_account for each in case.transfers}) == 2


def test_a_reversal_names_its_original() -> None:
    first, back = joined([out(0, 500), into(60, 500, own=A, source=B, summary="冲正")]).transfers
    assert back.reverses == first.movement_id
    assert (back.from_account, back.to_account) == (first.to_account, first.from_account)


def test_a_whole_statement_that_lacks_the_mirror_is_said() -> None:
    case = joined([out(5, 500)], [into(0, 1, source=C), into(9, 2, source=C)])
    assert len(case.transfers) == 3
    assert kinds(case) == ["witness_missing"]


def test_known_accounts_say_until_when_and_openings_what_lay_there() -> None:
    case = joined(
        [out(0, 500, balance_fen="100"), into(9, 1, own=A, source=C, balance_fen="101")],
        until=None,
    )
    assert case.known[A].until.timestamp() == NOON.timestamp() + 9
    assert case.known[A].balance_fen == 10_100
    assert case.openings == {A: 60_000}


def test_an_empty_reply_makes_an_account_known_with_its_balance() -> None:
    case = join([Source("S", "x", account=A, until=NOON, balance_fen=700)], {})
    assert (case.openings, case.known[A].until) == ({A: 700}, NOON)


def test_chains_are_kept_and_contradictions_counted() -> None:
    keys = [(3,), (1,), (2,)]
    assert in_sequence(keys, [[0, 1]]) == ([2, 0, 1], 0)
    order, contradictions = in_sequence(keys, [[0, 1], [1, 0]])
    assert sorted(order) == [0, 1, 2]
    assert contradictions == 1


ACCOUNTS = [f"62990100000000{n:05d}" for n in range(5)]
PAYMENTS = st.lists(
    st.tuples(
        st.integers(0, 600), st.sampled_from([1, 2, 500]), st.permutations(ACCOUNTS),
        st.integers(0, 119),
    ),
    max_size=25,
)  # fmt: skip


@settings(max_examples=80, deadline=None)
@given(PAYMENTS, st.sets(st.sampled_from(ACCOUNTS)), st.randoms(use_true_random=False))
def test_pairing_conserves_money(
    payments: list[tuple[int, int, list[str], int]], asked: set[str], chance: random.Random
) -> None:
    """However the banks tell it, each payment that somebody saw counts once."""
    rows: dict[str, list[dict[str, str]]] = {account: [] for account in sorted(asked)}
    seen = 0
    for second, yuan, (payer, payee, *_), lag in payments:
        seen += yuan if {payer, payee} & asked else 0
        if payer in asked:
            rows[payer].append(out(second, yuan, own=payer, to=payee))
        if payee in asked:
            rows[payee].append(into(second + lag, yuan, own=payee, source=payer))
    statements = [lines for lines in rows.values() if lines]
    for lines in statements:
        chance.shuffle(lines)
    case = joined(*statements)
    assert sum(each.amount_fen for each in case.transfers) == seen * 100
    witnesses = [where for each in case.transfers for where in each.witnesses]
    assert len(witnesses) == len(set(witnesses)) == sum(map(len, statements))
    clocks = [each.clock for each in case.transfers]
    assert clocks == sorted(clocks)


@settings(max_examples=30, deadline=None)
@given(PAYMENTS)
def test_renaming_accounts_changes_nothing(payments: list[tuple[int, int, list[str], int]]) -> None:
    def shape(names: dict[str, str]) -> list[tuple[Any, ...]]:
        rows = [
            row
            for second, yuan, (payer, payee, *_), lag in payments
            for row in (
                out(second, yuan, own=names[payer], to=names[payee]),
                into(second + lag, yuan, own=names[payee], source=names[payer]),
            )
        ]
        if not rows:
            return []
        reading = read(*rows)
        case = join([Source("S", "x")], {"S": told(reading)})
        return [(each.witnesses, each.amount_fen, each.clock) for each in case.transfers]

    same = {account: account for account in ACCOUNTS}
    assert shape(same) == shape(dict(zip(ACCOUNTS, reversed(ACCOUNTS), strict=True)))
