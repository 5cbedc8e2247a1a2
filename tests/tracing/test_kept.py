"""A trace that is written and read is the trace; other questions have other names."""

from __future__ import annotations

import pytest

from fanzha.tracing.engine import FLOW_RULES, Limits, Movement, Movements, Seeds, trace
from fanzha.tracing.kept import Kept, can_keep, name_of, read, written

ROWS = (
    Movement("p1", 0, "V", "A", 100),
    Movement("m1", 1, "A", "B", 60, balance_from_fen=30),
    Movement("m2", 2, "A", "", 50, channel="cash"),
    Movement("m3", 3, "B", "C", 70),
)
MOVEMENTS = Movements.build(ROWS)
SEEDS = Seeds.of(MOVEMENTS, [("p1", "claim")])


@pytest.mark.parametrize("rule", ["fifo", "lifo"])
def test_what_is_written_is_read(rule: str) -> None:
    walked = trace(MOVEMENTS, SEEDS, rule=rule, known={"A", "B"})
    assert walked.notes
    found = read(written(Kept(walked, "hash")), walked.given)
    assert found is not None
    assert found.input_sha256 == "hash"
    read_back = found.trace
    assert (read_back.pieces, read_back.ends, read_back.notes) == (
        walked.pieces, walked.ends, walked.notes,
    )  # fmt: skip
    assert {type(each.kind) for each in read_back.ends} == {type(each.kind) for each in walked.ends}


def test_ends_that_do_not_sum_to_what_was_paid_are_not_read() -> None:
    walked = trace(MOVEMENTS, SEEDS, known={"A", "B"})
    more = Movements.build([ROWS[0]._replace(amount_fen=101), *ROWS[1:]])
    other = trace(more, Seeds.of(more, [("p1", "claim")]), known={"A", "B"})
    assert read(written(Kept(walked, "hash")), other.given) is None


def test_only_a_finished_walk_along_lines_is_kept() -> None:
    kept = {rule for rule in FLOW_RULES if can_keep(trace(MOVEMENTS, SEEDS, rule=rule))}
    assert kept == {"fifo", "lifo"}
    assert not can_keep(trace(MOVEMENTS, SEEDS, stop=lambda: True))


def test_every_part_of_the_question_is_in_the_name() -> None:
    asked = ("version", ROWS, (("p1", "claim"),), "fifo", Limits())
    others = [
        ("another", *asked[1:]),
        (*asked[:1], ROWS[1:], *asked[2:]),
        (*asked[:3], "lifo", asked[4]),
        (*asked[:4], Limits(min_amount_fen=1)),
    ]
    assert len({name_of(*each) for each in (asked, *others)}) == len(others) + 1
    assert name_of(*asked) == name_of(*asked)
