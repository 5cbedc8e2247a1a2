"""Tables beside statements: which facts they hold, and which numbers belong together."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
import typer
from typer.testing import CliRunner

from fanzha.movements.companions import Belonging, Companion, layouts, read_table
from fanzha.movements.groups import Names, groups
from fanzha.wiring.cli.import_ import import_command
from tests.movements.build import A, B, C, line, table

if TYPE_CHECKING:
    from pathlib import Path

ID = "999999190001010000"
PHONE = "10900000001"
TABLES = {
    "bank_persons": (
        f"客户名称,证照类型,证照号码,工作单位,单位地址,法人代表\n柏小舟,身份证,{ID},某厂,某路,\n",
        {"holder": 1},
        [],
    ),
    "bank_accounts": (
        ("账户开户名称,开户人证件号码,交易卡号,交易账号,账号开户时间,开户网点,账号开户银行,账户状态\n"
        f"柏小舟,{ID},{A},990100000001,2025-01-02,某支行,某行,正常\n"
        f"柏小舟,{ID},{B},,2025-01-03,某支行,某行,正常\n"),
        {"account": 2},
        [("card_account", A, "990100000001")],
    ),
    "bank_sub_accounts": (
        (f"交易卡号,子账户账号,子账户类别,币种,余额\n{A},990100000009,定期,人民币,5.00\n"
        f"{A},{A}_02,定期,人民币,5.00\n"),
        {"sub_account": 2},
        [("main_sub", A, "990100000009")],
    ),
    "tenpay_registration": (
        ("账户状态\t账号\t注册姓名\t注册时间\t注册身份证号\t绑定手机\t绑定状态\t开户行信息\t银行账号\n"
        f"正常\twallet1\t柏小舟\t2024-01-01 10:00:00\t{ID}\t{PHONE}\t已绑\t某行\t{A}\n"
        f"\t\t\t\t\t\t已绑\t某乙行\t{B}\n"),
        {"account": 1, "bound_card": 2, "bound_phone": 1},
        [("bound_card", "wallet1", A), ("bound_phone", "wallet1", PHONE),
         ("bound_card", "wallet1", B)],
    ),
    "alipay_registration": (
        ("用户ID,登录邮箱,登录手机,账户名称,证件类型,证件号,可用余额,绑定手机,绑定银行卡,关联账户,"
        "对应的协查数据\n"
        f'208800000001,,{PHONE},柏小舟,身份证,{ID},1.00,{PHONE},"{A},{B}",,x\n'),
        {"account": 1, "bound_card": 1, "bound_phone": 1},
        [("bound_card", "208800000001", A), ("bound_card", "208800000001", B),
         ("bound_phone", "208800000001", PHONE), ("login_phone", "208800000001", PHONE)],
    ),
    "alipay_logins": (
        ("登陆账号,支付宝用户ID,账户名,客户端ip,操作发生时间,对应的协查数据\n"
        "a@example.com,208800000001,柏小舟,192.0.2.1,2026-03-18 12:00:00,x\n"),
        {"login": 1},
        [("login_name", "208800000001", "a@example.com")],
    ),
}  # fmt: skip


def read(text: str, encoding: str = "utf-8") -> Companion:
    found = read_table(text.encode(encoding), "made.csv")
    assert isinstance(found, Companion)
    return found


@pytest.mark.parametrize("name", TABLES)
@pytest.mark.parametrize("encoding", ["utf-8-sig", "gb18030"])
def test_a_companion_is_known_and_says_what_belongs_together(name: str, encoding: str) -> None:
    text, counts, links = TABLES[name]
    found = read(text, encoding)
    assert (found.profile, found.counts) == (f"{name}@1", counts)
    assert [(each.link, each.one, each.other) for each in found.belongings] == links
    assert found.read == found.kept == len(text.splitlines()) - 1
    assert found.skipped == 1


def test_every_companion_is_tested() -> None:
    assert {each.profile.name for each in layouts()} == set(TABLES)


def test_card_and_account_of_one_row_become_one_account_and_a_bound_card_does_not() -> None:
    found = read(TABLES["bank_accounts"][0])
    assert found.names == (Names(A, "990100000001", "柏小舟"),)
    assert groups(found.names)[0] == {A: A, "990100000001": A}
    assert read(TABLES["tenpay_registration"][0]).names == ()


def test_what_belongs_together_leads_back_to_its_row() -> None:
    found = read("某行账户信息,,\n" + TABLES["bank_accounts"][0])
    (only,) = found.belongings
    assert only == Belonging(
        "card_account", A, "990100000001", "柏小舟", found.file_sha256, 3
    )  # fmt: skip
    assert found.facts[0].told["branch_name"] == "某支行"


def test_no_row_is_lost() -> None:
    head, row, other = TABLES["bank_accounts"][0].splitlines()
    nobody = f"柏小舟,{ID},,-,2025-01-02"
    found = read("\n".join([head, row, row, nobody, "", head, other + ",,,surplus"]))
    assert (found.read, found.kept, found.duplicates) == (4, 1, 1)
    assert [(each.row_no, each.reason) for each in found.rejects] == [
        (4, "no_key"), (7, "too_many_cells"),
    ]  # fmt: skip
    assert found.skipped == 3


def test_masked_and_damaged_numbers_belong_to_nothing() -> None:
    text = TABLES["bank_accounts"][0].replace("990100000001", "6.2990E+18").replace(A, "6299****12")
    assert read(text).belongings == []


def test_a_table_with_movements_is_no_companion() -> None:
    assert not isinstance(read_table(table(line(cp_account_no=C)).encode(), "x"), Companion)


def test_the_command_counts_facts_in_the_place_of_sums(tmp_path: Path) -> None:
    path = tmp_path / "made.csv"
    path.write_text(TABLES["tenpay_registration"][0])
    cli = typer.Typer()
    cli.command()(import_command)
    done = CliRunner().invoke(cli, ["--dry-run", "--json", str(path)])
    (told,) = json.loads(done.stdout)
    assert (done.exit_code, told["profile"], told["accounts"]) == (
        0, "tenpay_registration@1", ["wallet1"],
    )  # fmt: skip
    assert told["facts"] == {"account": 1, "bound_card": 2, "bound_phone": 1}
    assert (told["read"], told["sum_in_fen"], told["first"]) == (2, {}, None)
