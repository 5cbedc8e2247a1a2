"""Every traced fen has exactly one fate."""

from __future__ import annotations

from collections import Counter
from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fanzha.core.clock import ZONE
from fanzha.desk.flow.fates import FATE_OF_END, NO_HOLD, Fate, Hold, share, split, split_all
from fanzha.tracing.engine import EndKind

LATER = datetime(2026, 3, 20, tzinfo=ZONE)
STOPPED = Hold(stopped_until=LATER, stop_balance_fen=300)
holds = st.builds(
    Hold,
    stopped_until=st.sampled_from([None, LATER]),
    stop_balance_fen=st.one_of(st.none(), st.integers(0, 5000)),
    frozen_until=st.sampled_from([None, LATER]),
    frozen_fen=st.one_of(st.none(), st.integers(0, 5000)),
)
ends = st.dictionaries(
    st.tuples(st.sampled_from("abc"), st.sampled_from(sorted(FATE_OF_END))), st.integers(1, 9999)
)


def test_every_end_kind_has_a_fate() -> None:
    assert set(FATE_OF_END) == set(EndKind)


@given(ends, st.dictionaries(st.sampled_from("abc"), holds))
def test_fates_sum_to_the_ends_and_a_freeze_is_never_exceeded(
    found: dict[tuple[str, str], int], held: dict[str, Hold]
) -> None:
    parts = split_all([(account, kind, fen) for (account, kind), fen in found.items()], held)
    assert {key: each.total() for key, each in parts.items()} == found
    for account, hold in held.items():
        frozen = sum(each[Fate.FROZEN] for (name, _), each in parts.items() if name == account)
        if hold.frozen_until is None:
            assert frozen == 0
        elif hold.frozen_fen is not None:
            assert frozen <= hold.frozen_fen


@given(st.dictionaries(st.sampled_from(list(Fate)), st.integers(1, 999), min_size=1), st.data())
def test_a_share_sums_and_never_exceeds_the_whole(
    parts: dict[Fate, int], data: st.DataObject
) -> None:
    whole = Counter(parts)
    fen = data.draw(st.integers(0, whole.total()))
    given_parts = share(whole, fen)
    assert given_parts.total() == fen
    assert all(given_parts[fate] <= whole[fate] for fate in whole)


@pytest.mark.parametrize(
    ("kind", "hold", "expected"),
    [
        ("held", NO_HOLD, {Fate.TRANSIT: 500}),
        ("held", STOPPED, {Fate.STOPPED: 500}),
        # Without a statement a stop secures what the bank said is there, no more.
        ("not_queried", STOPPED, {Fate.STOPPED: 300, Fate.UNKNOWN: 200}),
        ("no_reply", NO_HOLD, {Fate.UNKNOWN: 500}),
        ("cash", STOPPED, {Fate.GONE: 500}),
        ("held", Hold(frozen_until=LATER, frozen_fen=200), {Fate.FROZEN: 200, Fate.TRANSIT: 300}),
        (
            "held",
            Hold(stopped_until=LATER, frozen_until=LATER, frozen_fen=200),
            {Fate.FROZEN: 200, Fate.STOPPED: 300},
        ),
    ],
)
def test_the_fate_of_500_fen(kind: str, hold: Hold, expected: dict[Fate, int]) -> None:
    assert split(kind, 500, hold, frozen_left=hold.frozen_fen) == expected


def test_money_back_in_a_victims_account_is_no_loss() -> None:
    parts = split_all([("v", "not_queried", 230), ("v", "cash", 5)], {}, victims={"v"})
    assert parts == {
        ("v", "not_queried"): {Fate.RETURNED: 230},
        ("v", "cash"): {Fate.GONE: 5},
    }
