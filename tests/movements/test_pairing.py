from __future__ import annotations

from typing import Any

import pytest

from fanzha.movements import weighing
from fanzha.movements.leg import ROW, Source
from fanzha.movements.pairing import UNJUDGED, Judged
from fanzha.movements.transfers import Joined, join_told
from tests.movements import truth
from tests.movements.build import A, B, C, read
from tests.movements.test_transfers import into, kinds, out


def joined(*statements: list[dict[str, str]], judged: Judged | None = None) -> Joined:
    sources, told = [], {}
    for place, lines in enumerate(statements):
        reading = read(*lines)
        sources.append(Source(f"S{place}", reading.file_sha256))
        told[f"S{place}"] = [tuple(getattr(row, name) for name in ROW) for row in reading.kept]
    return join_told(sources, told, judged or UNJUDGED)


def reasons(found: Joined, at: int = 0) -> dict[str, int]:
    return {each.key: each.weight for each in found.pairing.pairs[at].match.reasons}


def witnesses(found: Joined) -> list[tuple[Any, ...]]:
    return [each.witnesses for each in found.case.transfers]


def test_a_pair_says_why() -> None:
    found = joined(
        [out(0, 500, remark="三月份房租及押金", cp_name="贾某", serial_no="20260318A7")],
        [into(7, 500, remark="三月份房租", holder_name="贾某", serial_no="20260318A7")],
    )
    match = found.pairing.pairs[0].match
    assert list(reasons(found)) == [
        "serial_same", "amount_same", "payer_names_payee", "payee_names_payer", "time_near",
        "memo_cut", "name_agrees",
    ]  # fmt: skip
    assert match.score == sum(each.weight for each in match.reasons)
    details = {each.key: each.detail for each in match.reasons}
    assert details["serial_same"] == {"number": "20260318A7"}
    assert details["time_near"] == {"seconds": 7, "skew": 0}
    assert details["memo_cut"] == {"memo": "三月份房租及押金", "cut": "三月份房租"}
    sentences = [weighing.REASONS[each.key] % each.detail for each in match.reasons]
    assert "Both carry serial 20260318A7." in sentences


def test_a_masked_number_is_a_hint_only() -> None:
    masked = f"{A[:4]}****{A[-4:]}"
    found = joined([out(0, 500)], [into(7, 500, source=masked)])
    assert "masked_agrees" in reasons(found)
    alone = joined([out(0, 500, to=f"{B[:4]}****{B[-4:]}")], [into(7, 500, source=masked)])
    assert len(alone.case.transfers) == 2


def test_the_memo_settles_what_amount_and_time_leave_open() -> None:
    found = joined(
        [out(0, 500, remark="货款甲批次"), out(5, 500, remark="货款乙批次")],
        [into(6, 500, remark="货款乙批"), into(9, 500, remark="货款甲批")],
    )
    assert witnesses(found) == [(("S0", 2), ("S1", 3)), (("S0", 3), ("S1", 2))]
    assert {each.certainty for each in found.pairing.pairs} == {"near"}
    assert found.pairing.open == ()


def test_a_usual_fee_on_the_way_is_a_transfer_of_its_own() -> None:
    found = joined([out(0, 1005, balance_fen="100")], [into(7, 1000, balance_fen="1000")])
    transfer, fee = found.case.transfers
    assert (transfer.amount_fen, transfer.to_account, transfer.certainty) == (100_000, B, "fee")
    assert (fee.amount_fen, fee.from_account, fee.channel) == (500, A, "fee")
    assert fee.movement_id != transfer.movement_id
    assert (transfer.balance_from_fen, fee.balance_from_fen) == (None, 10_000)
    assert found.pairing.pairs[0].fee_fen == 500
    assert "amount_less_usual_fee" in reasons(found)


def test_an_odd_difference_is_a_fee_only_if_a_row_says_so() -> None:
    plain = joined([out(0, 1007.77)], [into(7, 1000)])
    assert len(plain.pairing.pairs) == 0
    told = joined([out(0, 1007.77), out(1, 7.77, to="", summary="手续费")], [into(7, 1000)])
    assert "amount_less_fee_row" in reasons(told)


def test_what_a_fee_cannot_explain_stays_two_rows() -> None:
    for received in (1005.01, 900):
        assert joined([out(0, 1005)], [into(7, received)]).pairing.pairs == ()


def test_clocks_are_learnt_from_sure_pairs_and_shown() -> None:
    ahead = 250
    paid = [out(600 * n, 100 + n) for n in range(6)]
    received = [into(600 * n + ahead, 100 + n) for n in range(6)]
    silent = into(9000 + ahead, 777, source="")
    found = joined([*paid, out(9000, 777)], [*received, silent])
    assert len(found.pairing.pairs) == 7
    (clock,) = found.pairing.clocks
    assert (clock.payer, clock.payee, clock.seconds, clock.pairs) == (A, B, ahead, 6)
    assert "clocks_differ" in kinds(found.case)
    details = [each.detail for pair in found.pairing.pairs for each in pair.match.reasons]
    assert {each["skew"] for each in details if "skew" in each} == {ahead}
    # The same rows without the six that teach the clocks: nothing says that the two are one.
    assert joined([out(9000, 777)], [silent]).pairing.pairs == ()


def test_two_clocks_are_compared_by_way_of_a_third() -> None:
    def each(own: str, other: str, skew: int) -> tuple[list[dict[str, str]], list[dict[str, str]]]:
        return (
            [out(600 * n, 100 + n, own=own, to=other) for n in range(6)],
            [into(600 * n + skew, 100 + n, own=other, source=own) for n in range(6)],
        )

    (paid, middle), (on, last) = each(A, B, 200), each(B, C, 150)
    silent = into(9350, 777, own=C, source="")
    found = joined([*paid, out(9000, 777, to=C)], [*middle, *on], [*last, silent])
    assert len(found.pairing.pairs) == 13
    assert {each.certainty for each in found.pairing.pairs} == {"near"}


def test_few_pairs_teach_no_clock() -> None:
    found = joined(
        [out(600 * n, 100 + n) for n in range(4)], [into(600 * n + 250, 100 + n) for n in range(4)]
    )
    assert found.pairing.clocks == ()
    assert {each.certainty for each in found.pairing.pairs} == {"late"}


def test_several_ways_are_listed_with_reasons_and_one_counts() -> None:
    found = joined([out(0, 500), out(30, 500), out(40, 500)], [into(35, 500), into(36, 500)])
    (group,) = found.pairing.open
    assert (len(group.payers), len(group.payees), len(group.ways)) == (3, 2, 6)
    assert len(group.chosen) == 2
    assert not group.alike
    assert all(each.reasons for each in group.ways)
    assert sum(each.amount_fen for each in found.case.transfers) == 150_000


def test_equal_payments_between_two_accounts_are_alike_whichever_way() -> None:
    (group,) = joined([out(0, 500), out(30, 500)], [into(5, 500), into(36, 500)]).pairing.open
    assert group.alike


def test_a_decision_goes_before_what_the_rows_suggest() -> None:
    rows = [out(0, 500), out(60, 500)], [into(5, 500), into(65, 500)]
    crossed = Judged(same=frozenset({(("S0", 2), ("S1", 3))}))
    found = joined(*rows, judged=crossed)
    assert sorted(witnesses(found)) == [(("S0", 2), ("S1", 3)), (("S0", 3), ("S1", 2))]
    assert {each.certainty for each in found.pairing.pairs} == {"decided", "near"}
    assert reasons(found)["decided"] == 1000
    assert found.pairing.open == ()


def test_rows_decided_apart_stay_apart() -> None:
    apart = Judged(apart=frozenset({(("S0", 2), ("S1", 2))}))
    for seconds in (7, 7200):
        found = joined([out(0, 500)], [into(seconds, 500)], judged=apart)
        assert found.pairing.pairs == ()


def test_a_decision_whose_rows_are_gone_is_told() -> None:
    gone = Judged(same=frozenset({(("S0", 2), ("S9", 2))}))
    assert "decision_without_rows" in kinds(joined([out(0, 500)], judged=gone).case)


def test_every_reason_has_a_weight_and_a_sentence() -> None:
    assert set(weighing.config()["weights"]) == set(weighing.REASONS)


@pytest.mark.parametrize("seed", [11, 12])
def test_pairs_agree_with_a_known_truth(seed: int) -> None:
    told = truth.make(seed, payments=500)
    found = truth.joined(told)
    precision, recall = truth.score(told, found)
    assert precision >= 0.93
    assert recall >= 0.91
    counts = truth.by_certainty(told, found)
    sure = [counts[each] for each in ("serial", "near", "fee")]
    assert sum(right for _, right in sure) >= 0.97 * sum(made for made, _ in sure)
    assert counts["serial"][0] == counts["serial"][1]


def test_a_person_who_decides_every_open_group_makes_pairs_truer() -> None:
    told = truth.make(13, payments=300)
    before = truth.joined(told)
    true = {
        ((f"S{out}", row + 2), (f"S{into}", other + 2)) for (out, row), (into, other) in told.pairs
    }
    ways = {(way.payer, way.payee) for group in before.pairing.open for way in group.ways}
    after = truth.joined(told, Judged(frozenset(ways & true), frozenset(ways - true)))
    assert truth.score(told, after).precision > truth.score(told, before).precision
    assert truth.score(told, after).precision >= 0.98
    assert after.pairing.open == ()


def test_the_same_number_in_other_accounts_is_no_mirror() -> None:
    assert joined([out(0, 500)], [into(7, 500, own=C)]).pairing.pairs == ()
