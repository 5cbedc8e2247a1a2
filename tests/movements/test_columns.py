"""Columns that come twice, are left out, or stand below a merged cell."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from fanzha.movements import rules
from fanzha.movements.profile import parsed

if TYPE_CHECKING:
    from collections.abc import Sequence

OWN = ["用户ID", "交易单号", "大单号", "用户侧账号名称", "借贷类型", "交易业务类型", "交易用途类型",
       "交易时间", "交易金额(分)", "账户余额(分)", "用户银行卡号", "用户侧银行名称",
       "用户侧网银联单号", "网联/银联", "第三方账户名称"]  # fmt: skip
OTHER = ["对手方ID", "对手侧账户名称", "对手方银行卡号", "对手侧银行名称", "对手侧网银联单号",
         "网联/银联", "基金公司信息", "间联/非间联交易", "第三方账户名称", "对手方接收时间",
         "对手方接收金额(分)", "备注1", "备注2"]  # fmt: skip
CELLS = ["wallet1", "S0001", "B0001", "柏小舟", "出", "转账", "转账", "2026-03-18 12:00:00",
         "12345", "500", "6299010000000000012", "某行", "C0001", "网联", "某第三方",
         "wallet2", "甄远山", "6299010000000000029", "某乙行", "C0002",
         "银联", "某基金", "间联", "某乙第三方", "2026-03-18 12:00:02", "12300", "一", "二"]  # fmt: skip


def tenpay(without: Sequence[int] = (), encoding: str = "utf-8") -> Any:
    """The one row of a file of all columns but these, and its extra cells."""
    rows = [[*OWN, *OTHER], CELLS]
    kept = [[cell for at, cell in enumerate(row) if at not in without] for row in rows]
    text = "\n".join("\t".join(row) for row in kept)
    reading = rules.read_file(text.encode(encoding), "TenpayTrades.txt")
    assert reading.profile == "tenpay@2"
    return reading.rows[0], json.loads(reading.rows[0].extra)


@pytest.mark.parametrize("encoding", ["utf-8", "gb18030"])
def test_every_column_of_a_tenpay_file_is_read_and_amounts_are_fen(encoding: str) -> None:
    row, extra = tenpay(encoding=encoding)
    assert (row.amount_fen, row.balance_fen, row.direction) == (12_345, 500, "out")
    assert (row.own_key, row.cp_key) == ("wallet1", "wallet2")
    assert (row.serial_no, row.holder_name, row.remark) == ("S0001", "柏小舟", "一 / 二")
    assert (row.own_clearing_no, row.cp_clearing_no) == ("C0001", "C0002")
    assert extra == {
        "batch_serial_no": "B0001",
        "own_bank_card_no": "6299010000000000012",
        "own_bank": "某行",
        "own_clearing_house": "网联",
        "third_party_name": "某第三方",
        "cp_bank_card_no": "6299010000000000029",
        "cp_clearing_house": "银联",
        "cp_third_party_name": "某乙第三方",
        "cp_time": "2026-03-18 12:00:02",
        "cp_amount_fen": "12300",
        "基金公司信息": "某基金",
        "间联/非间联交易": "间联",
    }


@pytest.mark.parametrize("at", [at for at in range(len(CELLS)) if at not in (0, 4, 7, 8)])
def test_a_column_left_out_moves_no_other(at: int) -> None:
    whole, more = tenpay()
    row, extra = tenpay(without=[at])
    told = [more | {"remark": whole.remark, "cp": whole.cp_key, "serial": whole.serial_no}]
    told += [extra | {"remark": row.remark, "cp": row.cp_key, "serial": row.serial_no}]
    changed = {name for name in told[0] if told[0][name] != told[1].get(name)}
    assert told[1].keys() <= told[0].keys()
    assert len(changed) <= 1
    assert (row.amount_fen, row.txn_time) == (whole.amount_fen, whole.txn_time)


def test_a_name_merged_over_two_lines_is_put_together() -> None:
    text = (
        "某行对账单,,,,,\n"
        "交易时间,卡号,发生额,,余额,对方\n"
        ",,收入金额,支出金额,,户名\n"
        "2026-03-18 12:00:00,6299010000000000012,10.00,,10.00,柏小舟\n"
        "2026-03-18 12:00:01,6299010000000000012,,4.00,6.00,甄远山\n"
    )
    profile = parsed(
        {
            "name": "made",
            "version": 1,
            "needs": ["txn_time", "amount_in", "amount_out"],
            "columns": {"amount_in": ["发生额收入金额"], "amount_out": ["发生额支出金额"]},
            "marks": ["交易时间"],
        }
    )
    reading = rules.read_file(text.encode(), "x", profile=profile)
    assert reading.sums == {"in": {"CNY": 1_000}, "out": {"CNY": 400}, "unknown": {}}
    assert [(row.row_no, row.cp_name) for row in reading.rows] == [(4, "柏小舟"), (5, "甄远山")]
    assert reading.skipped == 3


@pytest.mark.parametrize(
    ("holder", "paper", "other"),
    [("交易户名", "交易证件号码", "对手证件号"), ("账户开户名称", "交易证件号", "对手身份证号")],
)
def test_the_variants_of_the_bank_layout_are_one(holder: str, paper: str, other: str) -> None:
    names = f"交易卡号,{holder},{paper},交易时间,交易金额,收付标志,{other}"
    cells = "6299010000000000012,柏小舟,000000190001010000,2026-03-18 12:00:00,1,进,0000"
    (row,) = rules.read_file(f"{names}\n{cells}\n".encode(), "x").rows
    assert (row.holder_name, row.holder_id_no) == ("柏小舟", "000000190001010000")
    assert row.cp_id_no == "0000"
