"""The same money in several tables of one payment firm counts once, whichever two there are."""

from __future__ import annotations

from itertools import combinations, permutations
from typing import TYPE_CHECKING, Any

import pytest

from fanzha.movements.firm_tables import ranks
from fanzha.movements.leg import ROW, Source
from fanzha.movements.rules import Reading, read_file
from fanzha.movements.transfers import Joined, join_told
from tests.movements.build import at, line, table
from tests.movements.test_transfers import kinds

if TYPE_CHECKING:
    from collections.abc import Callable

OWN, OTHER = "2088000000000001", "2088000000000002"
TRADE = "2026031822000000000000000001"


def csv(header: str, *rows: str) -> bytes:
    return "\n".join([header, *rows]).encode()


def balance(trade: str = TRADE) -> bytes:
    return csv(
        "交易订单号/外部流水号,账户,对方帐户,交易发生日期,银行处理日期,收入金额(+)（元）,支出金额(-)（元）,余额（元）,业务类型",
        f"{trade},{OWN},{OTHER},{at(1)},,,500.00,100.00,转账",
    )


def transfers(trade: str = TRADE) -> bytes:
    return csv(
        "交易号,付款方支付宝账号,收款方支付宝账号,收款机构信息,到账时间,转账金额（元）,转账产品名称",
        f"{trade},{OWN},{OTHER},支付宝,{at(3)},500.00,转账",
    )


def account(trade: str = TRADE) -> bytes:
    return csv(
        "交易号,商户订单号,交易创建时间,付款时间,类型,用户信息,交易对方信息,消费名称,金额（元）,收/支,交易状态",
        f"{trade},,{at(0)},{at(2)},转账,{OWN},{OTHER},转账,500.00,支出,交易成功",
    )


def trades(trade: str = TRADE) -> bytes:
    return csv(
        "交易号,外部交易号,交易状态,买家用户id,买家信息,卖家用户id,卖家信息,交易金额（元）,收款时间,创建时间",
        f"{trade},,交易成功,{OWN},,{OTHER},,500.00,{at(4)},{at(0)}",
    )


def bill(trade: str = TRADE) -> bytes:
    return csv(
        f"支付宝账户:{OWN}\n交易时间,交易分类,交易对方,对方账号,商品说明,收/支,金额,交易状态,交易订单号,商家订单号",
        f"{at(0)},转账,某,{OTHER},转账,支出,500.00,交易成功,{trade},",
    )


def tenpay(trade: str = TRADE) -> bytes:
    return csv(
        "用户ID\t交易单号\t借贷类型\t交易时间\t交易金额(分)\t对手方ID",
        f"{OWN}\t{trade}\t出\t{at(0)}\t50000\t{OTHER}",
    )


def summary(trade: str = TRADE, own: str = OWN) -> bytes:
    return csv(
        "序号,支付订单号,交易类型,支付类型,交易主体的出入账标识,交易时间,币种,交易金额,交易流水号,交易余额,"
        "收款方银行卡所属银行名称,收款方银行卡所属银行卡号,收款方的支付帐号,收款方的商户名称,"
        "付款方银行卡所属银行名称,付款方银行卡所属银行卡号,付款方的支付帐号,交易支付设备ip,mac地址,备注",
        f"1,P{trade},转账,余额,出账,{at(5)},人民币,500.00,{trade},100.00,,,{OTHER},,,,{own},,,",
    )


def bank(trade: str = TRADE, other: str = "") -> bytes:
    told = line(
        card_no=OWN, direction="出", amount_fen="500.00", serial_no=trade, cp_account_no=other
    )
    return table(told).encode()


ALIPAY = {
    "alipay_balance": balance, "alipay_transfers": transfers, "alipay_account": account,
    "alipay_trades": trades, "alipay_bill": bill, "payment_firm_20": summary,
}  # fmt: skip


def joined(*contents: bytes) -> tuple[Joined, list[Reading]]:
    readings = [read_file(content, "made.csv") for content in contents]
    sources, told = [], {}
    for place, reading in enumerate(readings):
        profile = reading.profile.partition("@")[0]
        sources.append(Source(f"S{place}", reading.file_sha256, profile))
        told[f"S{place}"] = [tuple(getattr(row, name) for name in ROW) for row in reading.kept]
    return join_told(sources, told), readings


def moved(found: Joined) -> int:
    known = sum(each.amount_fen for each in found.case.transfers)
    return known + sum(each.amount_fen for each in found.case.unresolved)


@pytest.mark.parametrize("name", ALIPAY)
def test_each_table_alone_tells_the_payment(name: str) -> None:
    found, (reading,) = joined(ALIPAY[name]())
    assert reading.profile.partition("@")[0] == name
    assert moved(found) == 50_000


@pytest.mark.parametrize(("one", "other"), [*permutations(ALIPAY, 2)])
def test_two_tables_of_one_account_count_once(one: str, other: str) -> None:
    found, readings = joined(ALIPAY[one](), ALIPAY[other]())
    assert [len(each.kept) for each in readings] == [1, 1]
    assert moved(found) == 50_000
    main = min((one, other), key=lambda each: ranks()[each]["alipay"])
    (told,) = [each["facts"] for each in found.case.findings if each["kind"] == "table_left_out"]
    assert (told["main"], told["rows"], told["unlinked"]) == (main, 1, 0)
    for transfer in found.case.transfers:
        assert sorted(transfer.witnesses) == [("S0", readings[0].kept[0].row_no),
                                              ("S1", readings[1].kept[0].row_no)]  # fmt: skip


def test_all_tables_together_count_once() -> None:
    found, _ = joined(*(make() for make in ALIPAY.values()))
    (transfer,) = found.case.transfers
    assert (transfer.amount_fen, len(transfer.witnesses)) == (50_000, 6)


def test_a_row_that_only_the_lesser_table_has_is_told_and_not_counted() -> None:
    found, _ = joined(balance(), account(TRADE[:-1] + "9"))
    assert moved(found) == 50_000
    (told,) = [each["facts"] for each in found.case.findings if each["kind"] == "table_left_out"]
    assert told["unlinked"] == 1


def test_tables_of_two_firms_do_not_hide_each_other() -> None:
    for one, other in combinations((balance(), tenpay()), 2):
        found, _ = joined(one, other)
        assert "table_left_out" not in kinds(found.case)
        assert moved(found) == 100_000


@pytest.mark.parametrize("other", [tenpay, bank])
def test_the_summary_of_any_firm_is_a_view_of_its_other_tables(
    other: Callable[[], bytes],
) -> None:
    for contents in ((summary(), other()), (other(), summary())):
        found, _ = joined(*contents)
        assert moved(found) == 50_000
        (told,) = [each["facts"] for each in found.case.findings
                   if each["kind"] == "table_left_out"]  # fmt: skip
        assert (told["table"], told["rows"], told["unlinked"]) == ("payment_firm_20", 1, 0)


def test_the_summary_of_another_account_counts_beside_the_tables_of_this_one() -> None:
    for other in (balance(), tenpay(), bank()):
        found, _ = joined(other, summary(own=OTHER[:-1] + "3"))
        assert "table_left_out" not in kinds(found.case)
        assert moved(found) == 100_000


def test_a_summary_alone_counts_whole() -> None:
    found, (reading,) = joined(summary())
    assert (reading.profile, moved(found)) == ("payment_firm_20@1", 50_000)


def test_two_files_of_one_table_both_count() -> None:
    found, _ = joined(balance(), balance(TRADE[:-1] + "2"))
    assert moved(found) == 100_000


def test_the_order_of_tables_is_data() -> None:
    places: dict[str, list[Any]] = {}
    for name, firms in ranks().items():
        for firm, place in firms.items():
            places.setdefault(firm, []).append((place, name))
    assert {firm: min(each)[1] for firm, each in places.items()} == {
        "alipay": "alipay_balance", "tenpay": "tenpay", "any": "bank_34",
    }  # fmt: skip
