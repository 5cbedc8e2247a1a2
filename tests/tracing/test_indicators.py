"""The indicators of an account: values, levels, what is left out, what is not known."""

from __future__ import annotations

import json
from fractions import Fraction
from typing import Any

import pytest

from fanzha.tracing.engine import Movement, Movements
from fanzha.tracing.indicators import (
    AccountFacts,
    Excluded,
    Indicator,
    Level,
    Reading,
    indicator_records,
    indicators_of,
)
from fanzha.tracing.indicators.measures import Measure
from fanzha.tracing.indicators.readings import level_of, usual_table

WAN = 1_000_000
MINUTE, DAY = 60, 86400


def read(*rows: Movement, **more: Any) -> dict[str, Reading]:
    readings = indicators_of(Movements.build(rows), "A", **more)
    assert [reading.indicator for reading in readings] == list(Indicator)
    return {reading.indicator.value: reading for reading in readings}


def came(time: int, fen: int, payer: str = "P", **more: Any) -> Movement:
    return Movement(f"i{time}{payer}", time, payer, "A", fen, **more)


def gone(time: int, fen: int, payee: str = "Q", **more: Any) -> Movement:
    return Movement(f"o{time}{payee}", time, "A", payee, fen, **more)


def test_what_all_goes_on_has_a_small_gap() -> None:
    reading = read(came(0, 100), gone(1, 99))["in_out_gap"]
    assert (reading.value, reading.level) == (Fraction(1, 199), Level.HIGH)
    assert reading.reason == "1.00 came in and 0.99 went out."
    assert read(came(0, 100), gone(1, 50))["in_out_gap"].level is Level.NORMAL
    assert read(came(0, 100), gone(1, 75))["in_out_gap"].level is Level.RAISED
    assert read(came(0, 100))["in_out_gap"].level is Level.TOO_FEW


def test_cash_counts_in_and_out() -> None:
    rows = [came(0, 20, "", channel="cash"), gone(1, 40, "", channel="cash"), gone(2, 40)]
    reading = read(*rows)["cash_share"]
    assert (reading.value, reading.level) == (Fraction(3, 5), Level.ABNORMAL)
    assert reading.reason == "0.60, 60.0% of all amounts, were cash."


def test_the_three_largest_counterparties_are_summed() -> None:
    rows = [came(at, fen, f"P{at}") for at, fen in enumerate([30, 20, 10, 20, 20])]
    reading = read(*rows, gone(9, 10, "P0"))["top_counterparties"]
    assert (reading.value, reading.level) == (Fraction(80, 110), Level.HIGH)
    few = read(*rows[:4])["top_counterparties"]
    assert few.level is Level.TOO_FEW


def test_everyday_counterparties_are_left_out_and_shown() -> None:
    rows = [came(at, 10, f"P{at}") for at in range(10)]
    noisy = [*rows, gone(20, 900, "W"), gone(21, 5, "", channel="fee")]
    facts = {"W": AccountFacts(holder="财付通支付科技有限公司")}
    reading = read(*noisy, facts=facts)["top_counterparties"]
    assert reading.value == Fraction(3, 10)
    assert reading.excluded == (Excluded("fee", 1, 5), Excluded("wallet_top_up", 1, 900))
    assert read(*noisy, facts=facts)["in_out_gap"].value == Fraction(805, 1005)
    everything = read(*noisy, facts=facts, noise={})["top_counterparties"]
    assert everything.value == Fraction(920, 1000)


def test_accounts_of_the_holders_own_name_are_counted() -> None:
    facts = {name: AccountFacts(holder="张三") for name in ("A", "P", "Q")}
    facts["R"] = AccountFacts(holder="李四")
    rows = [came(0, 1), gone(1, 1), gone(2, 1, "R"), gone(3, 1)]
    reading = read(*rows, facts=facts)["same_name_accounts"]
    assert (reading.value, reading.level) == (2, Level.ABNORMAL)
    assert read(*rows)["same_name_accounts"].level is Level.NOT_KNOWN


def test_whole_ten_thousands_are_counted() -> None:
    rows = [came(at, fen) for at, fen in enumerate([WAN, 5 * WAN, WAN + 1, 10, 30])]
    reading = read(*rows)["whole_amounts"]
    assert (reading.value, reading.level) == (Fraction(2, 5), Level.ABNORMAL)


def test_a_day_is_fast_if_half_leaves_within_half_an_hour() -> None:
    start = 16 * 3600  # midnight in China
    rows = [
        came(start, 100),
        gone(start + 30 * MINUTE, 50),
        came(start + DAY, 100),
        gone(start + DAY + 30 * MINUTE + 1, 100),
        came(start + 2 * DAY, 100),
        gone(start + 2 * DAY + 1, 49),
    ]
    reading = read(*rows)["fast_days"]
    assert reading.value == Fraction(1, 3)
    assert reading.reason == "On 1 of 3 days money went on within half an hour."


def test_turnover_is_by_the_mean_of_stated_balances() -> None:
    rows = [
        Movement("a", 0, "P", "A", 100, balance_to_fen=150),
        Movement("b", 1, "A", "Q", 100),
        Movement("c", 2, "P", "A", 100, balance_to_fen=100),
    ]
    reading = read(*rows)["turnover"]
    assert reading.value == Fraction(300) / Fraction(150 + 50 + 100, 3)


def test_turnover_without_any_balance_starts_where_the_lowest_is_nothing() -> None:
    assert read(gone(0, 30), came(1, 50))["turnover"].value == Fraction(80, 25)
    opened = read(gone(0, 30), came(1, 50), opening_fen=30)["turnover"]
    assert opened.value == Fraction(80, 25)
    assert read(gone(0, 30))["turnover"].level is Level.NOT_KNOWN


def test_balances_before_the_first_stated_one_are_counted_back() -> None:
    rows = [came(0, 50), Movement("c", 2, "P", "A", 100, balance_to_fen=250)]
    assert read(*rows)["turnover"].value == Fraction(150) / Fraction(150 + 250, 2)


def test_concentration_on_a_region_and_on_a_bank() -> None:
    facts = {f"P{at}": AccountFacts(region="999999", bank=f"bank {at % 2}") for at in range(5)}
    facts |= {"P5": AccountFacts(region="000000")}
    rows = [came(at, 10, f"P{at}") for at in range(7)]
    readings = read(*rows, facts=facts)
    assert readings["region_share"].value == Fraction(50, 60)
    assert readings["bank_share"].value == Fraction(30, 50)
    assert readings["region_share"].level is readings["bank_share"].level is Level.HIGH
    assert "region 999999" in readings["region_share"].reason


def test_large_sums_in_and_out_are_paired_once() -> None:
    large = 5 * WAN
    rows = [came(0, large), gone(60, large), gone(61, large), came(9000, large), gone(10800, large)]
    assert read(*rows)["quick_large_pairs"].value == 2
    assert read(came(0, large), gone(1801, large))["quick_large_pairs"].value == 0
    assert read(came(0, large), gone(5, large - 1))["quick_large_pairs"].value == 0


def test_accounts_on_the_same_address_are_counted() -> None:
    rows = [gone(0, 1), Movement("b", 1, "B", "Q", 1), Movement("c", 2, "C", "Q", 1)]
    shared = {name: {"ip": "10.0.0.1"} for name in ("o0Q", "b", "c")}
    reading = read(*rows, attributes=shared)["shared_addresses"]
    assert (reading.value, reading.level) == (2, Level.ABNORMAL)
    assert read(*rows)["shared_addresses"].level is Level.NOT_KNOWN


def test_what_was_taken_back_and_other_currencies_are_left_out() -> None:
    rows = [
        came(0, 100),
        gone(1, 60),
        Movement("back", 2, "Q", "A", 60, reverses="o1Q"),
        gone(3, 7, currency="USD"),
    ]
    reading = read(*rows)["in_out_gap"]
    assert reading.value == 1
    assert reading.excluded == (Excluded("other_currency", 1, 7), Excluded("reversed", 2, 120))


def test_an_account_without_rows_is_not_known() -> None:
    movements = Movements.build([Movement("x", 0, "P", "Q", 1)])
    levels = {reading.level for reading in indicators_of(movements, "nobody")}
    assert levels == {Level.NOT_KNOWN, Level.TOO_FEW}


@pytest.mark.parametrize("name", list(Indicator))
def test_thresholds_are_inclusive_and_in_order(name: Indicator) -> None:
    table = usual_table()["indicators"][name.value]
    levels = [
        level_of(Measure(Fraction(str(table[key])), 99, {}), table)
        for key in ("normal", "abnormal", "high")
    ]
    assert levels == [Level.NORMAL, Level.ABNORMAL, Level.HIGH]


def test_other_thresholds_give_other_levels() -> None:
    table = {**usual_table(), "indicators": {**usual_table()["indicators"]}}
    table["indicators"]["cash_share"] = {"normal": 0.7, "abnormal": 0.8, "high": 0.9, "least": 1}
    rows = [gone(1, 60, "", channel="cash"), gone(2, 40)]
    assert read(*rows)["cash_share"].level is Level.ABNORMAL
    assert read(*rows, table=table)["cash_share"].level is Level.NORMAL


def test_renaming_accounts_changes_no_value() -> None:
    rows = [came(at, 10 * at + 1, f"P{at % 6}") for at in range(12)]
    other = [row._replace(from_account="Z" + row.from_account[::-1]) for row in rows]
    values = [{name: one.value for name, one in read(*each).items()} for each in (rows, other)]
    assert values[0] == values[1]


def test_records_are_json_and_say_what_they_are_for() -> None:
    movements = Movements.build([came(0, 100), gone(1, 99)])
    record = indicator_records(indicators_of(movements, "A"))
    assert json.loads(json.dumps(record)) == record
    assert record["meaning"].startswith("For screening only")
    assert record["indicators"][0] == {
        "indicator": "in_out_gap",
        "value": 0.005025,
        "level": "high",
        "thresholds": [0.2, 0.05, 0.01],
        "reason": "1.00 came in and 0.99 went out.",
        "excluded": [],
    }
