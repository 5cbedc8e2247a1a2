"""Roles of accounts, and the signs beside the shapes."""

from __future__ import annotations

import json
from typing import Any

import pytest

from fanzha.tracing.engine import Movement, Movements, Seeds, Trace, trace
from fanzha.tracing.shapes import Role, roles_of, shape_records, shared_groups

WAN = 1_000_000
MINUTE, HOUR = 60, 3600


def traced(*rows: Movement, seeds: tuple[str, ...] = ("v",), **more: Any) -> Trace:
    movements = Movements.build(rows)
    return trace(movements, Seeds.of(movements, [(name, name) for name in seeds]), **more)


def paid(fen: int = 10 * WAN) -> Movement:
    return Movement("v", 0, "V", "A", fen)


def roles(result: Trace) -> dict[str, Role]:
    return {role.account: role.role for role in roles_of(result)}


def test_what_hands_on_within_minutes_is_a_pass_through_account() -> None:
    on = Movement("o", 10 * MINUTE, "A", "B", 10 * WAN)
    result = traced(paid(), on, Movement("c", 15 * MINUTE, "B", "", 10 * WAN, channel="cash"))
    assert roles(result) == {"A": Role.PASS_THROUGH, "B": Role.PASS_THROUGH}
    role = roles_of(result)[0]
    assert (role.came_fen, role.gone_fen, role.held_fen, role.dwell) == (10 * WAN, 10 * WAN, 0, 600)
    assert "100,000.00 CNY of 100,000.00 CNY went on, half of it within 10 min" in role.reason


def test_what_hands_on_slowly_is_none() -> None:
    assert roles(traced(paid(), Movement("o", 5 * HOUR, "A", "B", 10 * WAN))) == {"B": Role.HOLDING}


def test_what_keeps_most_is_a_holding_account() -> None:
    result = traced(paid(), Movement("o", MINUTE, "A", "B", 4 * WAN))
    assert roles(result) == {"A": Role.HOLDING, "B": Role.HOLDING}
    assert roles_of(result)[0].held_fen == 6 * WAN


def test_an_account_with_a_stated_balance_left_is_no_pass_through_account() -> None:
    on = Movement("o", MINUTE, "A", "B", 10 * WAN, balance_from_fen=90 * WAN)
    assert "A" not in roles(traced(paid(), on))


def test_half_of_the_money_decides_how_quick_an_account_is() -> None:
    rows = [Movement("o", MINUTE, "A", "B", 6 * WAN), Movement("p", 9 * HOUR, "A", "C", 4 * WAN)]
    assert roles(traced(paid(), *rows))["A"] is Role.PASS_THROUGH
    rows = [Movement("o", MINUTE, "A", "B", 4 * WAN), Movement("p", 9 * HOUR, "A", "C", 6 * WAN)]
    assert "A" not in roles(traced(paid(), *rows))


def test_an_account_that_was_not_asked_has_no_role() -> None:
    result = traced(paid(), Movement("o", MINUTE, "A", "B", 10 * WAN), known={"A"})
    assert roles(result) == {"A": Role.PASS_THROUGH}


def test_crumbs_give_no_role() -> None:
    result = traced(paid(), Movement("o", MINUTE, "A", "B", 1000))
    assert roles(result) == {"A": Role.HOLDING}


def small(time: int, fen: int, payee: str = "A") -> Movement:
    return Movement(f"t{time}", time, "V", payee, fen)


@pytest.mark.parametrize(
    ("row", "found"),
    [
        (small(-10 * MINUTE, 100), 1),
        (small(-10 * MINUTE, 10_000), 1),
        (small(-10 * MINUTE, 10_001), 0),
        (small(-3 * HOUR, 100), 0),
        (small(MINUTE, 100), 0),
        (small(-MINUTE, 100, "B"), 0),
    ],
)
def test_a_small_row_shortly_before_a_large_one_is_a_test_transfer(
    row: Movement, found: int
) -> None:
    signs = shape_records(traced(row, paid()))["test_transfers"]
    assert len(signs) == found
    if found:
        assert (signs[0]["small"], signs[0]["large"]) == (row.id, "v")
        assert "it may have been tried first" in signs[0]["reason"]


def test_a_small_row_counts_once() -> None:
    again = Movement("w", 5 * MINUTE, "V", "A", 5 * WAN)
    signs = shape_records(traced(small(-60, 100), paid(), again, seeds=("v", "w")))
    assert [sign["large"] for sign in signs["test_transfers"]] == ["v"]


def test_several_rows_out_within_one_second_are_a_burst() -> None:
    out = [Movement(f"o{at}", 7, "A", f"B{at}", WAN) for at in range(3)]
    (burst,) = shape_records(traced(paid(), *out))["bursts"]
    assert (burst["account"], burst["time"], burst["rows"]) == ("A", 7, ["o0", "o1", "o2"])
    later = out[2]._replace(time=8)
    assert shape_records(traced(paid(), *out[:2], later))["bursts"] == []


def rows_of(*payers: str) -> Movements:
    rows = [Movement(f"r{at}", at, payer, "X", WAN) for at, payer in enumerate(payers)]
    return Movements.build(rows)


def test_accounts_run_from_one_device_are_one_group() -> None:
    movements = rows_of("A", "B", "C", "D")
    shared = {"r0": {"ip": "10.0.0.1"}, "r1": {"ip": "10.0.0.1", "mac": "00-1A-2B-00-00-01"}}
    shared |= {"r2": {"mac": "00:1a:2b:00:00:01"}, "r3": {"device": "d9"}}
    (group,) = shared_groups(movements, shared)
    assert (group.accounts, group.joined) == (("A", "B", "C"), True)
    assert group.shared == (("ip", "10.0.0.1"), ("mac", "001a2b000001"))
    assert group.reason == "3 accounts were used from the same ip, mac."


def test_empty_and_placeholder_addresses_join_nobody() -> None:
    values = ("", " ", "127.0.0.1", "00-00-00-00-00-00", "NULL")
    for value in values:
        shared = {"r0": {"mac": value}, "r1": {"mac": value}}
        assert shared_groups(rows_of("A", "B"), shared) == []


def test_an_address_that_everybody_uses_joins_nobody_but_is_shown() -> None:
    movements = rows_of(*(f"A{at}" for at in range(51)))
    shared = {f"r{at}": {"ip": "10.9.9.9"} for at in range(51)}
    (group,) = shared_groups(movements, shared)
    assert (len(group.accounts), group.joined) == (51, False)
    assert "joins nobody" in group.reason


def test_one_account_alone_is_no_group_and_unknown_rows_are_passed_over() -> None:
    shared = {"r0": {"ip": "1"}, "r1": {"ip": "1"}, "elsewhere": {"ip": "1"}}
    assert shared_groups(rows_of("A", "A"), shared) == []


def test_an_attribute_of_another_name_is_refused() -> None:
    with pytest.raises(KeyError, match="imei"):
        shared_groups(rows_of("A"), {"r0": {"imei": "1"}})


def test_records_are_json() -> None:
    out = [Movement(f"o{at}", 7, "A", f"B{at}", WAN) for at in range(3)]
    result = traced(small(-60, 100), paid(), *out)
    record = shape_records(result, attributes={"o0": {"ip": "1"}, "v": {"ip": "1"}})
    assert json.loads(json.dumps(record)) == record
    assert record["groups"][0]["accounts"] == ["V", "A"]
    assert record["meaning"].startswith("For screening only")
