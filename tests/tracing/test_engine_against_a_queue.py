from __future__ import annotations

from typing import TYPE_CHECKING

from hypothesis import given, settings

from tests.tracing.networks import assert_same, networks

if TYPE_CHECKING:
    from tests.tracing.networks import Network


@settings(max_examples=400, deadline=None)
@given(networks())
def test_the_engine_agrees_with_a_sequential_queue_row_for_row(network: Network) -> None:
    assert_same(*network)


@settings(max_examples=150, deadline=None)
@given(networks(extras=False))
def test_it_agrees_on_plain_transfers_with_loops_and_overdrafts(network: Network) -> None:
    assert_same(*network)
