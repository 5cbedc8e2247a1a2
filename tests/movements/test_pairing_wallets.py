"""A wallet's rows and those of the banks that its money came through."""

from __future__ import annotations

from typing import Any

from fanzha.movements.leg import ROW, Source
from fanzha.movements.profile import load
from fanzha.movements.rules import Reading, read_file
from fanzha.movements.transfers import Joined, join_told
from tests.movements.build import A, B, at, read
from tests.movements.test_transfers import into, out

WALLET, SHOP = "wx_invented_0001", "wx_invented_0002"
NUMBER = "999920260318120000123456"
HEADER = (
    "用户ID", "交易单号", "大单号", "用户侧账号名称", "借贷类型", "交易业务类型", "交易用途类型", "交易时间",
    "交易金额(分)", "账户余额(分)", "用户银行卡号", "用户侧银行名称", "用户侧网银联单号", "对手方ID",
    "对手侧账户名称", "对手侧网银联单号", "备注1",
)  # fmt: skip


def wallet(*rows: dict[str, str]) -> Reading:
    """A Tenpay file; cells by column name."""
    lines = ["\t".join(HEADER)]
    for number, cells in enumerate(rows):
        told = {
            "用户ID": WALLET, "交易单号": f"1000{number:08d}77", "借贷类型": "出",
            "交易时间": at(0), "交易金额(分)": "50000", "对手方ID": SHOP,
        } | cells  # fmt: skip
        lines.append("\t".join(told.get(name, "") for name in HEADER))
    return read_file("\n".join(lines).encode(), "TenpayTrades.txt")


def joined(*readings: Reading) -> Joined:
    sources, told = [], {}
    for place, reading in enumerate(readings):
        profile = reading.profile.partition("@")[0]
        sources.append(Source(f"S{place}", reading.file_sha256, profile))
        told[f"S{place}"] = [tuple(getattr(row, name) for name in ROW) for row in reading.kept]
    return join_told(sources, told)


def bank(*lines: dict[str, str]) -> Reading:
    return read(*lines)


def flows(found: Joined) -> list[tuple[Any, ...]]:
    return [(t.from_account, t.to_account, t.amount_fen) for t in found.case.transfers]


def test_the_layout_keeps_the_clearing_numbers() -> None:
    (row,) = wallet({"用户侧网银联单号": NUMBER}).kept
    assert (row.own_clearing_no, row.cp_clearing_no) == (NUMBER, "")
    assert "own_clearing_no" in load("tenpay").names


def test_a_wallet_that_pays_by_card_is_one_movement_from_the_card() -> None:
    found = joined(
        wallet({"用户侧网银联单号": NUMBER}),
        bank(out(2, 500, to="", cp_name="财付通-微信转账", serial_no=NUMBER, balance_fen="100")),
    )
    assert flows(found) == [(A, SHOP, 50_000)]
    (transfer,) = found.case.transfers
    assert sorted(transfer.witnesses) == [("S0", 2), ("S1", 2)]
    assert transfer.balance_from_fen == 10_000
    assert found.case.openings == {A: 60_000}


def test_the_payees_wallet_and_the_bank_are_three_witnesses_of_one_movement() -> None:
    paid = wallet({"用户侧网银联单号": NUMBER})
    received = wallet(
        {
            "用户ID": SHOP,
            "借贷类型": "入",
            "对手方ID": WALLET,
            "交易时间": at(3),
            "对手侧网银联单号": NUMBER,
        }
    )
    found = joined(paid, received, bank(out(2, 500, to="", cp_name="财付通", serial_no=NUMBER)))
    assert flows(found) == [(A, SHOP, 50_000)]
    assert len(found.case.transfers[0].witnesses) == 3


def test_a_top_up_and_a_withdrawal_are_pairs_by_clearing_number() -> None:
    top_up = wallet({"借贷类型": "入", "对手方ID": "", "用户侧网银联单号": NUMBER})
    found = joined(top_up, bank(out(400, 500, to="", cp_name="财付通", serial_no=NUMBER)))
    assert flows(found) == [(A, WALLET, 50_000)]
    assert found.pairing.pairs[0].certainty == "serial"
    withdrawal = wallet({"对手方ID": "", "对手侧网银联单号": NUMBER})
    found = joined(withdrawal, bank(into(900, 500, source="", cp_name="财付通", serial_no=NUMBER)))
    assert flows(found) == [(WALLET, B, 50_000)]


def test_another_number_or_amount_joins_nothing() -> None:
    for yuan, number in ((500, NUMBER[:-1] + "0"), (499, NUMBER)):
        row = out(2, yuan, to="", cp_name="财付通", serial_no=number)
        assert len(flows(joined(wallet({"用户侧网银联单号": NUMBER}), bank(row)))) == 2


def test_two_bank_rows_with_the_number_are_left_alone() -> None:
    rows = [out(2, 500, to="", serial_no=NUMBER), out(3, 500, to="", serial_no=NUMBER, own=B)]
    found = joined(wallet({"用户侧网银联单号": NUMBER}), bank(rows[0]), bank(rows[1]))
    assert len(flows(found)) == 3


def test_wallet_and_bank_account_are_linked_with_their_rows() -> None:
    found = joined(wallet({"用户侧网银联单号": NUMBER}), bank(out(2, 500, to="", serial_no=NUMBER)))
    assert found.paid_through == (("paid_through", WALLET, A, "柏小舟", "S0", 2, 1),)
