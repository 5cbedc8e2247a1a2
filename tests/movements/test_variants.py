"""Files of the bank layout as no two institutions write it: order, names, columns, header lines."""

from __future__ import annotations

import json
import random
from typing import TYPE_CHECKING, Any

import pytest

from fanzha.movements import rules
from fanzha.movements.profile import load
from fanzha.movements.row import COLUMNS
from tests.movements.build import HEADER, A, B, at, line, table
from tests.movements.test_columnar import told_by_columns, told_by_rows

if TYPE_CHECKING:
    from collections.abc import Iterable

NAMES = load().names
FULL = {name: f"甲{place}" for place, name in enumerate(HEADER)} | line(
    account_no="990100000001", holder_id_no="999999199001010010", balance_fen="200.00",
    cp_account_no=B, cp_name="贾某", cp_id_no="999999199001010029", serial_no="S00000001",
    cp_balance_fen="7.00", summary="转账", ip="127.0.0.1",
)  # fmt: skip
OTHER = FULL | {
    NAMES["txn_time"]: at(5), NAMES["direction"]: "出", NAMES["amount_fen"]: "30.00",
    NAMES["balance_fen"]: "170.00", NAMES["serial_no"]: "S00000002",
}  # fmt: skip
OF_PLACE = ("row_no", "row_sha256", "raw", "extra")
NEEDED = {"card_no", "account_no", "txn_time", "amount_fen", "direction"}
OPTIONAL = [name for name in NAMES if name not in NEEDED and name in
            {each for each, _ in load().columns.values()} - {"txn_date"}]  # fmt: skip
SPELLINGS = [
    (canonical, spelling)
    for spelling, (canonical, place) in load().columns.items()
    if place and canonical != "txn_date"
]


def rows_of(text: str, *, but: Iterable[str] = OF_PLACE) -> list[dict[str, Any]]:
    """What a file tells, by both readers; without the columns that tell of its places."""
    content = text.encode()
    assert told_by_columns(content) == told_by_rows(content)
    reading = rules.read_file(content, "made.csv")
    assert reading.profile == "bank_34@2"
    assert not reading.rejects
    assert reading.read == len(reading.rows)
    return [
        {name: getattr(row, name) for name in COLUMNS if name not in but} for row in reading.rows
    ]


PLAIN = rows_of(table(FULL, OTHER))


def renamed(names: dict[str, str], *lines: dict[str, str]) -> str:
    """The file with some columns under other names."""
    header = [names.get(name, name) for name in HEADER]
    return table(
        *({names.get(name, name): cell for name, cell in each.items()} for each in lines),
        header=header,
    )


def test_all_columns_of_the_layout_are_read() -> None:
    assert len(HEADER) == 34
    assert [(row["amount_fen"], row["direction"]) for row in PLAIN] == [(10_000, "in"),
                                                                       (3_000, "out")]  # fmt: skip


@pytest.mark.parametrize("seed", range(8))
def test_the_order_of_columns_means_nothing(seed: int) -> None:
    header = HEADER[:]
    random.Random(seed).shuffle(header)
    assert rows_of(table(FULL, OTHER, header=header)) == PLAIN


@pytest.mark.parametrize(("canonical", "spelling"), SPELLINGS)
def test_every_spelling_of_a_name_is_the_same_column(canonical: str, spelling: str) -> None:
    assert rows_of(renamed({NAMES[canonical]: spelling}, FULL, OTHER)) == PLAIN


@pytest.mark.parametrize(
    ("name", "seen"),
    [
        ("交易卡号", "本方卡号"), ("交易卡号", "客户卡号"), ("交易账号", "本方账号"),
        ("交易账号", "客户账号"), ("账户开户名称", "本方户名"),
        ("开户人证件号码", "开户人证件号"), ("开户人证件号码", "本方证件号码"),
        ("交易时间", "交易日期和时间"),
        ("交易金额", "发生金额"), ("交易金额", "交易金额（单位：元）"), ("交易金额", " 交 易 金 额 "),
        ("交易余额", "账户余额（元）"), ("交易余额", "本次余额"),
        ("收付标志", "借贷方向"), ("收付标志", "收/付标志"), ("收付标志", "收付方向"),
        ("收付标志", "收支方向"), ("收付标志", "借/贷"), ("收付标志", "交易方向"),
        ("收付标志", "借贷标识"), ("收付标志", "收付标识"), ("收付标志", "进出账标志"),
        ("交易对手账卡号", "交易对手账（卡）号"), ("交易对手账卡号", "交易对手卡号"),
        ("交易对手账卡号", "对手账（卡）号"), ("交易对手账卡号", "对方账户"),
        ("交易对手账卡号", "对方账（卡）号"), ("交易对手账卡号", "对手账户"),
        ("对手户名", "对方姓名"), ("对手户名", "对手姓名"), ("对手户名", "交易对方户名"),
        ("对手户名", "交易对手姓名"), ("对手户名", "对手账户名称"), ("对手户名", "对方账户名称"),
        ("对手身份证号", "对手身份证号码"), ("对手身份证号", "交易对手证件号码"),
        ("对手开户银行", "交易对手开户行"), ("对手开户银行", "对方银行"),
        ("对手开户银行", "对手行名"), ("对手开户银行", "对方行名"),
        ("摘要说明", "交易说明"), ("交易网点名称", "交易机构名称"), ("交易网点代码", "交易机构号"),
        ("交易网点代码", "交易网点号"), ("交易发生地", "交易地区"), ("交易是否成功", "交易是否成功标志"),
        ("终端号", "终端编号"), ("终端号", "交易终端号"), ("IP地址", "交易IP地址"), ("IP地址", "IP 地址"),
        ("MAC地址", "MAC 地址"), ("MAC地址", "交易MAC地址"), ("交易流水号", "交易序号"),
        ("交易流水号", "核心流水号"), ("交易柜员号", "柜员代号"), ("商户号", "商户编号"),
        ("凭证号", "凭证号码"), ("传票号", "传票号码"), ("备注", "备注信息"), ("交易类型", "交易种类"),
    ],
)  # fmt: skip
def test_names_as_institutions_write_them_are_known(name: str, seen: str) -> None:
    assert rows_of(renamed({name: seen}, FULL, OTHER)) == PLAIN


@pytest.mark.parametrize("seed", range(6))
def test_columns_that_nobody_knows_are_kept_and_move_nothing(seed: int) -> None:
    chance = random.Random(seed)
    header = HEADER[:]
    odd = [f"怪列{place}" for place in range(chance.randrange(1, 20))]
    for name in odd:
        header.insert(chance.randrange(len(header) + 1), name)
    lines = [each | {name: f"怪{name}" for name in odd} for each in (FULL, OTHER)]
    assert rows_of(table(*lines, header=header)) == PLAIN
    (row, _) = rules.read_file(table(*lines, header=header).encode(), "x").rows
    assert json.loads(row.extra).items() >= {name: f"怪{name}" for name in odd}.items()


def test_columns_without_a_name_and_names_that_come_again_move_nothing() -> None:
    header = ["", *HEADER[:9], "", *HEADER[9:], "备注", "交易金额", ""]
    assert rows_of(table(FULL, OTHER, header=header)) == PLAIN


@pytest.mark.parametrize("left_out", OPTIONAL)
def test_a_column_that_is_left_out_is_empty_and_shifts_nothing(left_out: str) -> None:
    header = [name for name in HEADER if name != NAMES[left_out]]
    there = {name: cell for name, cell in FULL.items() if name != NAMES[left_out]}
    again = {name: cell for name, cell in OTHER.items() if name != NAMES[left_out]}
    assert rows_of(table(there, again, header=header)) == rows_of(table(there, again), but=OF_PLACE)


def test_the_needed_columns_alone_are_enough() -> None:
    header = [NAMES[each] for each in ("amount_fen", "card_no", "direction", "txn_time")]
    found = rows_of(table(FULL, OTHER, header=header))
    assert [(row["own_key"], row["amount_fen"]) for row in found] == [(A, 10_000), (A, 3_000)]


@pytest.mark.parametrize("blank", ["\r\n", "查询结果\r\n", "某,某,\r\n", ",,,,\r\n", '"某\r\n'])
def test_the_header_may_stand_in_line_60_and_no_lower(blank: str) -> None:
    found = rows_of(table(FULL, OTHER, before=blank * 59), but=OF_PLACE)
    assert found == PLAIN
    reading = rules.read_file(table(FULL, OTHER, before=blank * 59).encode(), "x")
    assert [row.row_no for row in reading.rows] == [61, 62]
    assert reading.skipped == 60
    with pytest.raises(rules.NotAStatement):
        rules.read_file(table(FULL, OTHER, before=blank * 60).encode(), "x")


def test_a_line_of_group_names_above_the_header_is_no_data() -> None:
    groups = ",".join(["本方信息"] + [""] * 7 + ["对手信息"] + [""] * 25) + "\r\n"
    assert rows_of(table(FULL, OTHER, before=groups)) == PLAIN


@pytest.mark.parametrize("broken", [2, 9, 14])
def test_names_that_stand_in_two_lines_are_put_together(broken: int) -> None:
    # A cell that spans both lines stands in the upper one; the others are cut in two.
    upper = [name[:2] if at < broken else name for at, name in enumerate(HEADER)]
    lower = [name[2:] if at < broken else "" for at, name in enumerate(HEADER)]
    cells = table(FULL, OTHER).split("\r\n", 1)[1]
    assert rows_of(f"{','.join(upper)}\r\n{','.join(lower)}\r\n{cells}") == PLAIN


def test_groups_over_parts_of_names_are_put_together() -> None:
    upper = ["交易", "", "账户开户名称", "交易", "", "收付标志", "交易对手", "", "摘要说明"]
    lower = ["卡号", "账号", "", "时间", "金额", "", "账卡号", "户名", ""]
    told = [A, "990100000001", "柏小舟", at(0), "100.00", "进", B, "贾某", "转账"]
    (row,) = rows_of("\r\n".join(map(",".join, [upper, lower, told])) + "\r\n")
    assert (row["own_key"], row["account_key"], row["amount_fen"]) == (A, "990100000001", 10_000)
    assert (row["cp_key"], row["cp_name"], row["summary"]) == (B, "贾某", "转账")
