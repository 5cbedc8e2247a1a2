"""A watched account: the receipt, the batches, the end."""

from __future__ import annotations

from fanzha.channels.bank_gateway.replies import read_statement
from fanzha.channels.bank_gateway.strange import strange
from tests.simulation.build import MULE, SECOND, VICTIM, Town


def test_a_watch_is_received_first_and_then_tells_what_moves(town: Town) -> None:
    watch = town.watch()
    receipt = town.ask(watch)
    assert (receipt.tx_code, receipt.body["Result"], strange(receipt)) == ("100306", "0000", ())
    assert read_statement(receipt).rows == ()
    town.pay(VICTIM, MULE, "100.00")
    town.pay(MULE, SECOND, "40.00", "K2")
    town.pay(VICTIM, SECOND, "1.00", "K3")
    town.wait(1)
    told = [read_statement(each) for each in town.answers()]
    assert {each.application_id for each in told} == {watch.application_id}
    rows = [(row["direction"], row["amount_fen"]) for each in told for row in each.rows]
    assert rows == [("in", 10_000), ("out", 4_000)]
    town.wait(60)
    assert town.answers() == []


def test_a_watch_ends_when_it_is_released_or_its_day_comes(town: Town) -> None:
    first, second = town.watch(), town.watch(SECOND, days=1)
    town.ask(first)
    town.ask(second)
    ended = town.ask(town.release_watch(first))
    assert (ended.tx_code, ended.body["Result"], strange(ended)) == ("100308", "0000", ())
    town.wait(24 * 3600)
    town.pay(VICTIM, MULE, "100.00")
    town.pay(VICTIM, SECOND, "100.00", "K2")
    town.wait(1)
    assert town.answers() == []
    assert town.result(town.release_watch(first)) == "1601"
    assert town.result(town.release_watch(town.stop())) == "1600"


def test_a_watch_that_would_be_over_is_refused(town: Town) -> None:
    assert town.result(town.watch(days=0)) == "0801"
    assert town.result(town.watch("6299000000000000000")) == "0300"
