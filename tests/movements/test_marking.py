"""Rows that were read in columns say of themselves what the same rows say one by one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from fanzha.movements import marks, rules
from fanzha.movements.columnar import blocks
from fanzha.movements.columnar.whole import read_columns
from fanzha.movements.marking import Marking
from tests.movements.build import B, C, at, line, table
from tests.movements.test_columnar import Dirty

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pyarrow as pa

LINES = (
    line(direction="出", cp_account_no=B, balance_fen="900"),
    line(direction="出", cp_account_no=C, txn_time=at(5), balance_fen="800", serial_no="S00001"),
    line(direction="出", cp_account_no=C, txn_time=at(5), balance_fen="800", serial_no="S00001"),
    line(direction="出", amount_fen="2", txn_time=at(6), summary="手续费", balance_fen="798"),
    line(direction="进", cp_account_no=B, txn_time=at(9), summary="退汇", balance_fen="898"),
    line(direction="O", amount_fen="30", txn_time=at(10), balance_fen="868"),
    line(direction="进", amount_fen="1", txn_time=at(11), txn_type="结息", balance_fen="869"),
    line(direction="进", amount_fen="4", txn_time=at(12), remark="订单退款", currency="USD"),
    line(direction="进", amount_fen="8", txn_time=at(13), summary="冲正", balance_fen="877"),
)


def look(tables: Iterator[pa.Table]) -> Marking:
    marking = Marking()
    for each in tables:
        marking.add(each)
    return marking


def told(content: bytes) -> dict[str, Any]:
    read = read_columns(content, "made.csv", look)
    assert read is not None
    return read[1].told()


@pytest.mark.parametrize("block", [200, 1 << 20])
def test_marks_reversals_and_directions_are_those_of_the_rows(
    block: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(blocks, "BLOCK", block)
    content = table(*LINES).encode()
    found = told(content)
    assert found == marks.told(rules.read_file(content, "x").kept)
    assert found["marks"] == {"reversal": 2, "refund": 1, "fee": 1, "interest": 1}
    assert found["reverses"] == {6: 2, 10: None}
    assert found["inferred"] == {"out": {"CNY": 3_000}}


def test_rows_that_say_nothing_are_told_nothing_of() -> None:
    assert told(table(line(), line(direction="出")).encode()) == {}


@pytest.mark.parametrize("seed", range(200, 260))
def test_dirty_files_say_the_same(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    file = Dirty(seed)
    monkeypatch.setattr(blocks, "BLOCK", file.chance.choice([50, 300, 1 << 20]))
    content = file.text().replace("转账", file.chance.choice(["冲正", "利息", "转账"])).encode()
    try:
        kept = rules.read_file(content, "x").kept
    except rules.NoRowReadable:
        return
    assert told(content) == marks.told(kept)
