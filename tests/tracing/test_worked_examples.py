"""The worked examples of the textbooks, each by the engine and by the reference.

Numbers T1 to T20 are those of the tracing page. Amounts are whole units; where a rule gives
fractions of them, the example is ten or a hundred times as large.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from fanzha.tracing.engine import FLOW_RULES
from tests.tracing.agreement import differences, engine, figures, value_differences
from tests.tracing.networks import ends_of, row, shares_of
from tests.tracing.reference import Case, Rule, Touch

if TYPE_CHECKING:
    from tests.tracing.reference import Row


def pot(*amounts: int, stolen: dict[int, str]) -> Case:
    """One account A: amounts in (positive) and out (negative) in their order."""
    rows = [
        row(f"r{at}", at, *(("W", "A") if fen > 0 else ("A", f"B{at}")), abs(fen))
        for at, fen in enumerate(amounts)
    ]
    return Case(tuple(rows), {f"r{at}": claim for at, claim in stolen.items()})


def rows_by(case: Case, rule: str) -> dict[str, dict[str, int]]:
    """Shares of every row but the payments, the same from engine and reference."""
    assert not differences(case, Rule(rule))
    found = shares_of(engine(case, rule))
    return {name: found.get(name, {}) for name in _onward(case)}


def values_by(case: Case, valuation: str, flow_rule: Rule = Rule.FIFO) -> dict[str, int]:
    """What every claim can claim in A, the same from engine and reference."""
    assert not value_differences(case, valuation, flow_rule)
    values = figures(engine(case, valuation, flow_rule=flow_rule.value)).values
    return {claim: fen for (account, claim), fen in values.items() if account == "A"}


def _onward(case: Case) -> list[str]:
    return [row.id for row in case.rows if row.payer == "A"]


@pytest.mark.parametrize(
    ("rule", "first", "second"),
    [("fifo", 30, 0), ("lifo", 0, 30), ("own_first", 0, 30), ("rolling_pro_rata", 9, 21)],
)
def test_t1_three_stolen_then_seven_own(rule: str, first: int, second: int) -> None:
    shares = rows_by(pot(30, 70, -30, -70, stolen={0: "T"}), rule)
    assert [shares["r2"].get("T", 0), shares["r3"].get("T", 0)] == [first, second]


def test_t1_poison_taints_ten_from_three_stolen() -> None:
    case = pot(30, 70, -30, -70, stolen={0: "T"})
    assert Touch(case).rows == {"r0": {"T": 0}, "r2": {"T": 1}, "r3": {"T": 1}}
    assert shares_of(engine(case, "poison")) == {
        "r0": {"T": 30},
        "r2": {"T": 30},
        "r3": {"T": 70},
    }


@pytest.mark.parametrize(
    ("rule", "first", "second"),
    [("fifo", 20, 10), ("lifo", 0, 30), ("own_first", 0, 30), ("rolling_pro_rata", 12, 18)],
)
def test_t1_variant_stolen_money_between_own(rule: str, first: int, second: int) -> None:
    shares = rows_by(pot(20, 30, 50, -40, -60, stolen={1: "T"}), rule)
    assert [shares["r3"].get("T", 0), shares["r4"].get("T", 0)] == [first, second]


def loop() -> Case:
    """V pays A, A pays B, B pays all of it back."""
    rows: tuple[Row, ...] = (
        row("stolen", 1, "V", "A", 100_000),
        row("there", 2, "A", "B", 60_000),
        row("back", 3, "B", "A", 60_000),
    )
    return Case(rows, {"stolen": "V"})


@pytest.mark.parametrize("rule", FLOW_RULES)
def test_t4_a_loop_makes_no_money(rule: str) -> None:
    assert not differences(loop(), Rule(rule))
    assert ends_of(engine(loop(), rule)) == {("A", "held", "V"): 100_000}


@pytest.mark.parametrize("flow_rule", Rule)
@pytest.mark.parametrize(
    "valuation", ["libr_cap", "libr_cap_then_share", "pari_passu_end", "timestamp_ladder"]
)
def test_t4_a_loop_raises_no_claim(valuation: str, flow_rule: Rule) -> None:
    assert values_by(loop(), valuation, flow_rule) == {"V": 100_000}


def test_t5_one_pot_of_stolen_and_clean() -> None:
    case = pot(20, 30, -25, stolen={0: "T"})
    assert rows_by(case, "rolling_pro_rata")["r2"] == {"T": 10}
    assert shares_of(engine(case, "poison"))["r2"] == {"T": 25}


@pytest.mark.parametrize(
    ("rule", "first", "second"),
    [
        ("fifo", {"a": 40}, {"a": 10, "b": 30, "c": 20}),
        ("lifo", {"b": 30, "a": 10}, {"c": 20, "a": 40}),
        ("own_first", {"a": 40}, {"a": 10, "b": 30, "c": 20}),
        ("rolling_pro_rata", {"a": 25, "b": 15}, {"a": 25, "b": 15, "c": 20}),
    ],
)
def test_t7_name_versus_method(rule: str, first: dict[str, int], second: dict[str, int]) -> None:
    shares = rows_by(pot(50, 30, -40, 20, -60, stolen={0: "a", 1: "b", 3: "c"}), rule)
    assert (shares["r2"], shares["r4"]) == (first, second)


@pytest.mark.parametrize(
    ("amounts", "stolen", "left"),
    [
        ((5000, 100_000, -60_000, 20_000), 1, 45_000),
        ((100, -90, 500), 0, 10),
        ((100, -150, 500), 0, 0),
        ((100, -100, 200), 0, 0),
        ((455, -430, 333), 0, 25),
        ((10_000, 5000, -5000), 0, 10_000),
        ((10_000, -3000, 5000), 0, 7000),
    ],
    ids=["T9-1", "T9-2", "T9-3", "T9-4", "T10-Roscoe", "T17-never-under", "T17-lowest"],
)
@pytest.mark.parametrize("valuation", ["libr_cap", "libr_cap_then_share"])
def test_the_lowest_balance_between_is_the_ceiling(
    amounts: tuple[int, ...], stolen: int, left: int, valuation: str
) -> None:
    case = pot(*amounts, stolen={stolen: "sep"})
    assert values_by(case, valuation).get("sep", 0) == left


def test_t14_an_asset_that_fell_in_value() -> None:
    case = pot(30_000, 20_000, -20_000, stolen={0: "A", 1: "B"})
    assert values_by(case, "pari_passu_end") == {"A": 18_000, "B": 12_000}


@pytest.mark.parametrize(
    ("rule", "held"),
    [
        ("fifo", {"L": 100}),
        ("lifo", {"P": 100}),
        ("own_first", {"L": 100}),
        ("rolling_pro_rata", {"P": 50, "L": 50}),
    ],
)
def test_t15_two_depositors(rule: str, held: dict[str, int]) -> None:
    case = pot(100, 100, -100, stolen={0: "P", 1: "L"})
    rows_by(case, rule)
    ends = ends_of(engine(case, rule))
    assert {claim: fen for (account, _, claim), fen in ends.items() if account == "A"} == held


def ladder() -> Case:
    """T20, in fen."""
    return pot(10_000_000, 5_000_000, -10_000_000, 3_000_000, stolen={0: "A", 1: "B", 3: "C"})


@pytest.mark.parametrize(
    ("valuation", "shares"),
    [
        ("timestamp_ladder", {"B": 5_000_000, "C": 3_000_000}),
        ("pari_passu_end", {"A": 4_444_445, "B": 2_222_222, "C": 1_333_333}),
    ],
)
def test_t20_the_chinese_ladder(valuation: str, shares: dict[str, int]) -> None:
    assert values_by(ladder(), valuation) == shares


def test_the_ladder_shares_what_one_second_leaves_open() -> None:
    """Two victims pay in one second, and what leaves in that second takes one of them."""
    rows = (
        row("a", 5, "V1", "A", 100),
        row("b", 5, "V2", "A", 300),
        row("out", 5, "A", "B", 100),
    )
    case = Case(rows, {"a": "V1", "b": "V2"})
    # Whoever came first pays for the 100, or both fill the debt in part; 200 of V2 stay for sure.
    assert not value_differences(case, "timestamp_ladder", Rule.FIFO)
