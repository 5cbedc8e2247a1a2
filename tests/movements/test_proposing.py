"""Layouts that no profile knows: proposed with confidence, corrected, saved, read."""

from __future__ import annotations

import pytest

from fanzha.movements import rules
from fanzha.movements.profile import parsed
from fanzha.movements.proposing import (
    BadProfileName,
    ProfileNeedsColumns,
    Proposal,
    profile_from,
    propose,
)
from fanzha.movements.sheets import Table

UNKNOWN = """某村镇银行往来明细,,,,,
打印：柜面,,,,,
发生时刻,发生数额,记账方向,结余,对端户名,对端账号
2026-03-18 12:00:00,100.00,甲,100.00,柏小舟,6299010000000000012
2026-03-18 12:00:01,30.00,乙,70.00,甄远山,6299010000000000029
2026-03-18 12:00:02,20.00,甲,90.00,柏小舟,6299010000000000012
2026-03-18 12:00:03,5.50,乙,84.50,甄远山,6299010000000000029
"""


def proposed(text: str) -> Proposal:
    found = propose(Table("made.csv", text.encode("gb18030")))
    assert found
    return found


def test_columns_are_proposed_by_name_and_content_and_words_by_the_balance() -> None:
    found = proposed(UNKNOWN)
    told = {each.name: (each.canonical, each.because) for each in found.columns}
    assert found.header_row == 3
    assert told["发生数额"] == ("amount_fen", "balance")
    assert told["结余"] == ("balance_fen", "balance")
    assert told["对端户名"][0] == "cp_name"
    assert told["对端账号"][0] == "cp_account_no"
    assert found.directions == {"甲": "in", "乙": "out"}
    assert all(0 <= each.confidence <= 1 for each in found.columns)


def test_columns_without_telling_names_are_found_by_what_stands_in_them() -> None:
    text = UNKNOWN.replace("发生时刻,发生数额,记账方向,结余", "甲栏,乙栏,丙栏,丁栏")
    place = proposed(text).place
    assert (place["txn_date"], place["amount_fen"], place["balance_fen"]) == (0, 1, 3)


def test_a_saved_mapping_reads_the_file_and_nothing_reads_it_before() -> None:
    with pytest.raises(rules.NotAStatement):
        rules.read_file(UNKNOWN.encode(), "made.csv")
    saved = parsed(profile_from(proposed(UNKNOWN), "村镇银行"))
    reading = rules.read_file(UNKNOWN.encode(), "made.csv", saved=(saved,))
    assert (reading.profile, len(reading.kept)) == ("村镇银行@1", 4)
    assert reading.sums == {"in": {"CNY": 12_000}, "out": {"CNY": 3_550}, "unknown": {}}


def test_without_a_balance_an_unknown_word_stays_unknown() -> None:
    cut = "\n".join(
        ",".join(line.split(",")[:3]) for line in UNKNOWN.splitlines() if line.count(",") == 5
    )
    found = proposed(cut)
    assert found.directions == {}
    reading = rules.read_file(cut.encode(), "x", profile=parsed(profile_from(found, "x")))
    assert {row.direction for row in reading.rows} == {"unknown"}


def test_signed_amounts_get_their_direction_from_the_balance() -> None:
    text = (
        "日子,数额,结余\n2026-03-18,10.00,10.00\n2026-03-19,-4.00,6.00\n"
        "2026-03-20,-1.00,5.00\n2026-03-21,2.00,7.00\n2026-03-22,3.00,10.00\n"
    )
    found = proposed(text)
    assert found.sign == "in"
    reading = rules.read_file(text.encode(), "x", profile=parsed(profile_from(found, "x")))
    assert (reading.sums["in"], reading.sums["out"]) == ({"CNY": 1_500}, {"CNY": 500})


def test_a_person_changes_a_column_and_that_is_told() -> None:
    found = proposed(UNKNOWN).chosen({4: "", 5: "card_no"}, directions={"甲": "out", "乙": "in"})
    assert [each.because for each in found.columns[4:]] == ["person", "person"]
    data = profile_from(found, "x", version=3)
    assert data["columns"]["card_no"] == ["对端账号"]
    assert "cp_name" not in data["columns"]
    assert data["directions"] == {"in": ["乙"], "out": ["甲"]}
    assert parsed(data).label == "x@3"


def test_a_mapping_that_cannot_read_a_row_is_refused() -> None:
    found = proposed(UNKNOWN)
    with pytest.raises(ProfileNeedsColumns, match="交易金额"):
        profile_from(found.chosen({1: ""}), "x")
    with pytest.raises(BadProfileName):
        profile_from(found, "a b/../c")


@pytest.mark.parametrize("text", ["", "a,b\n", "hello, world, again\n1,2,3\n", "\x00,\x00,\x00\n"])
def test_what_is_no_table_of_movements_gets_no_proposal(text: str) -> None:
    assert propose(Table("made.csv", text.encode())) is None
