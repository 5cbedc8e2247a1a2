from __future__ import annotations

import random
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fanzha.simulation.banks.coins import RULES, Lot, by_claim, merged, take
from fanzha.simulation.banks.launderers import draw, split, uneven
from fanzha.simulation.banks.scenario import Delay, Launderer, ScenarioError, find, load, parse
from fanzha.simulation.banks.store import Store
from fanzha.simulation.banks.truth import ledger
from fanzha.simulation.banks.world import World
from tests.simulation.build import MULE, SECOND, START, VICTIM, Town, open_town, town

if TYPE_CHECKING:
    from pathlib import Path

LOTS = st.lists(st.builds(Lot, st.sampled_from([None, "K1", "K2"]), st.integers(1, 500)))


@given(lots=LOTS, rule=st.sampled_from(RULES), share=st.floats(0, 1))
def test_coins_are_neither_made_nor_lost(lots: list[Lot], rule: str, share: float) -> None:
    fen = int(sum(lot.fen for lot in lots) * share)
    taken, rest = take(lots, fen, rule)
    assert sum(lot.fen for lot in taken) == fen
    assert sum(lot.fen for lot in rest) == sum(lot.fen for lot in lots) - fen
    both = by_claim(taken + rest)
    assert both == by_claim(lots)
    assert by_claim(merged(rest)) == by_claim(rest)


def test_the_rules_of_coins_differ_in_what_leaves_first() -> None:
    lots = [Lot("K1", 5), Lot(None, 5), Lot("K2", 5)]
    assert take(lots, 7, "fifo")[0] == [Lot("K1", 5), Lot(None, 2)]
    assert take(lots, 7, "lifo")[0] == [Lot("K2", 5), Lot(None, 2)]
    assert take(lots, 7, "own_first")[0] == [Lot(None, 5), Lot("K1", 2)]
    with pytest.raises(ValueError, match="fewer"):
        take(lots, 16)
    with pytest.raises(ValueError, match="no rule"):
        take(lots, 1, "magic")


def conserved(world: World) -> dict[str, Any]:
    """Check that every stolen fen is somewhere, and give the truth back."""
    found = ledger(world)
    for claim in found["truth"].values():
        assert claim["paid_fen"] == claim["in_accounts_fen"] + claim["ended_fen"]
    for account in found["accounts"]:
        lots = world.ledger.lots(account["number"])
        assert account["balance_fen"] == sum(lot.fen for lot in lots)
    truth: dict[str, Any] = found["truth"]
    return truth


@pytest.mark.parametrize("coins", RULES)
def test_the_golden_day_conserves_every_fen(tmp_path: Path, coins: str) -> None:
    clock = [START]
    story = load(find("golden_day"))
    story = type(story)(**{**story.__dict__, "coins": coins})
    world = World(Store(tmp_path / "l.sqlite3"), story, now=lambda: clock[0])
    world.start()
    for _ in range(50):
        clock[0] += timedelta(seconds=60)
        world.step()
    truth = conserved(world)
    assert truth["K1"]["paid_fen"] == 175_000_000
    assert len(truth) == 7
    assert not [plan for plan in ledger(world)["plans"] if plan["note"] == "balance too small"]
    world.store.close()


def test_the_same_seed_tells_the_same_story_and_another_one_another(tmp_path: Path) -> None:
    told = []
    for place, seed in enumerate((None, None, 7)):
        folder = tmp_path / str(place)
        folder.mkdir()
        clock = [START]
        store = Store(folder / "l.sqlite3")
        day = load(find("golden_day"))
        world = World(store, day, seed=seed, now=lambda: clock[0])  # noqa: B023 - used at once
        world.start()
        for _ in range(30):
            clock[0] += timedelta(seconds=120 if place else 90)
            world.step()
        told.append([(m["at"], m["from"], m["fen"]) for m in ledger(world)["movements"]])
        store.close()
    length = min(len(told[0]), len(told[1]))
    assert told[0][:length] == told[1][:length]
    assert told[2][:length] != told[1][:length]


def test_the_golden_day_is_visibly_invented() -> None:
    story = load(find("golden_day"))
    assert len(story.accounts) >= 60
    assert len(story.banks) == 6
    assert all(code.startswith("9901") for code in story.banks)
    for number in story.accounts:
        assert number.startswith("6299")
        assert luhn(number)
    first = story.cast[0]
    assert sum(float(payment["amount"]) for payment in first["payments"]) == 1_750_000
    assert all(actor["phone"].startswith("101") for actor in story.cast)


def luhn(number: str) -> bool:
    """The check sum of cards."""
    digits = [int(digit) for digit in reversed(number)]
    doubled = [sum(divmod(2 * digit, 10)) for digit in digits[1::2]]
    return (sum(digits[::2]) + sum(doubled)) % 10 == 0


CREW: dict[str, Any] = {
    "name": "crew",
    "claims": ["K1"],
    "tiers": [[MULE], [SECOND]],
    "hold": {"median": 60, "p95": 120},
    "split": [2, 2],
    "commission_percent": [1, 1],
    "exits": {"cash": 1, "crypto_otc": 1},
}


def test_a_crew_moves_loot_on_after_a_while_and_leaves_a_commission(tmp_path: Path) -> None:
    opened = open_town(tmp_path, launderers=[CREW])
    opened.pay(VICTIM, MULE, "10000.00")
    assert opened.balance(MULE) == 1_080_000
    opened.wait(1_000)
    opened.wait(1_000)
    assert opened.balance(MULE) == 90_000
    truth = conserved(opened.world)
    assert truth["K1"]["ended_fen"] > 0
    opened.world.store.close()


def test_a_crew_gives_up_at_a_stopped_account(tmp_path: Path) -> None:
    opened = open_town(tmp_path, launderers=[CREW])
    opened.pay(VICTIM, MULE, "10000.00")
    opened.ask(opened.stop())
    opened.wait(2_000)
    assert opened.balance(MULE) == 1_080_000
    (plan,) = ledger(opened.world)["plans"]
    assert (plan["state"], plan["note"]) == ("refused", "stopped or frozen")
    assert conserved(opened.world)["K1"]["stopped_or_frozen_fen"] == 1_000_000
    opened.world.store.close()


def test_scripted_moves_happen_at_their_second_and_the_rest_keeps_what_is_said(
    tmp_path: Path,
) -> None:
    moves = [
        {"at": 30, "from": MULE, "to": SECOND, "amount": "rest", "keep": "10.00"},
        {"at": 60, "from": SECOND, "amount": "300.00", "channel": "cash"},
        {"at": 61, "from": MULE, "amount": "500.00", "channel": "cash"},
    ]
    opened = open_town(tmp_path, moves=moves)
    opened.wait(29)
    assert opened.balance(MULE) == 80_000
    opened.wait(40)
    assert (opened.balance(MULE), opened.balance(SECOND)) == (1_000, 49_550)
    states = [(plan["state"], plan["note"]) for plan in ledger(opened.world)["plans"]]
    assert states == [("done", ""), ("done", ""), ("refused", "balance too small")]
    opened.world.store.close()


def test_money_that_comes_back_to_its_victim_is_loot_no_longer(tmp_path: Path) -> None:
    opened = open_town(tmp_path, coins="lifo")
    opened.pay(VICTIM, MULE, "100.00")
    opened.world.script([{"from": MULE, "to": VICTIM, "amount": "30.00"}])
    opened.wait(1)
    claim = conserved(opened.world)["K1"]
    assert claim["ended"] == {"returned_to_victim": 3_000}
    assert claim["in_accounts"] == {MULE: 7_000}
    opened.world.store.close()


def test_a_payment_from_a_bank_elsewhere_is_marked_too(town: Town) -> None:
    town.world.pay(
        {"from": "9", "from_name": "外地人", "to": MULE, "amount": "5.00", "claim": "K9"}
    )
    assert conserved(town.world)["K9"]["in_accounts"] == {MULE: 500}


@given(fen=st.integers(1, 10**9), parts=st.integers(1, 5), seed=st.integers())
def test_uneven_parts_sum_to_the_whole(fen: int, parts: int, seed: int) -> None:
    cut = uneven(fen, parts, random.Random(seed))
    assert len(cut) == parts
    assert sum(cut) == fen
    assert min(cut) >= 0


@given(fen=st.integers(1, 10**9), seed=st.integers())
def test_a_crew_never_moves_more_than_came(fen: int, seed: int) -> None:
    crew = Launderer(
        "c", ("K",), (("1",), ("2", "3", "4")), Delay(), (1, 5), (0.5, 5), {"cash": 1, "stays": 1}
    )
    for tier in (0, 1):
        onward = split(crew, tier, fen, random.Random(seed))
        assert sum(each.fen for each in onward) <= fen
        assert all(each.fen > 0 for each in onward)


def test_delays_have_the_median_and_tail_that_were_asked_for() -> None:
    chance = random.Random(1)
    drawn = sorted(draw(Delay(20, 180), chance) / 1000 for _ in range(4_000))
    assert drawn[2_000] == pytest.approx(20, rel=0.1)
    assert drawn[3_800] == pytest.approx(180, rel=0.2)
    assert draw(Delay(), chance) == 0


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"coins": "magic"}, "coins"),
        ({"moves": [{"from": "1", "to": "2", "amount": "1"}]}, "no account here"),
        ({"moves": [{"from": MULE, "to": SECOND, "amount": "0"}]}, "moves nothing"),
        ({"moves": [{"from": MULE, "amount": "1.001", "channel": "cash"}]}, "decimals"),
        ({"launderers": [CREW | {"tiers": [["0"]]}]}, "unknown accounts"),
        ({"launderers": [CREW | {"exits": {"moon": 1}}]}, "unknown exits"),
        ({"banks": {"north": {"code": "1", "name": "x", "prefix": "6"}}, "accounts": []}, "12"),
    ],
)
def test_a_scenario_that_cannot_be_played_says_why(change: dict[str, Any], words: str) -> None:
    with pytest.raises(ScenarioError, match=words):
        parse(town(**change))


def test_a_ledger_belongs_to_one_story(tmp_path: Path) -> None:
    open_town(tmp_path).world.store.close()
    with pytest.raises(ScenarioError, match="another story"):
        open_town(tmp_path, seed=99)
    missing = tmp_path / "none.yaml"
    with pytest.raises(ScenarioError, match="no scenario"):
        find(str(missing))
    missing.write_text("- just\n- a list\n")
    with pytest.raises(ScenarioError, match="holds no scenario"):
        load(find(str(missing)))
