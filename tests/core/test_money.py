"""Money is integer fen, read and written exactly."""

from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fanzha.core.money import (
    MINOR_UNITS,
    BadAmount,
    format_yuan,
    hint_million,
    hint_wan,
    parse_yuan,
    plain_yuan,
)
from fanzha.movements import profile


@given(st.integers(min_value=-(10**15), max_value=10**15))
def test_what_is_written_reads_back_the_same(fen: int) -> None:
    assert parse_yuan(format_yuan(fen)) == fen
    assert parse_yuan(plain_yuan(fen)) == fen


@given(st.text(max_size=40))
def test_any_text_is_an_amount_or_refused(text: str) -> None:
    with suppress(BadAmount):
        assert isinstance(parse_yuan(text), int)


@pytest.mark.parametrize(
    ("text", "fen"),
    [("26,000.00", 2_600_000), ("¥1.5", 150), ("-3", -300), ("１２", None), ("1e5", None),
     ("1e999999", None), ("1.005", None), ("", None), ("NaN", None), ("--", None), ("0.10", 10)],
)  # fmt: skip
def test_amounts(text: str, fen: int | None) -> None:
    if fen is None:
        with pytest.raises(BadAmount):
            parse_yuan(text)
    else:
        assert parse_yuan(text) == fen


def test_currencies_have_their_own_decimals() -> None:
    assert parse_yuan("5", currency="JPY") == 5
    assert parse_yuan("1.000001", currency="USDT") == 1_000_001


def test_every_currency_of_a_statement_has_known_decimals() -> None:
    assert set(profile.load().currencies.values()) <= set(MINOR_UNITS)


@pytest.mark.parametrize(
    ("fen", "hint"), [(175_000_000, "175 万"), (99_900, ""), (12_000_000_000_00, "120 亿")]
)
def test_hints(fen: int, hint: str) -> None:
    assert hint_wan(fen) == hint


@pytest.mark.parametrize(
    ("fen", "hint"),
    [(999_999, ""), (1_000_000, "10K"), (14_030_000, "140.3K"), (175_000_000, "1.75M")],
)
def test_readers_of_english_count_in_thousands_and_millions(fen: int, hint: str) -> None:
    assert hint_million(fen) == hint
