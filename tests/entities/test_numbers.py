from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fanzha.entities import rules


@given(st.text("0123456789", min_size=5, max_size=18), st.integers(0, 17), st.integers(1, 9))
def test_luhn_accepts_its_own_digit_and_notices_any_single_change(
    body: str, place: int, shift: int
) -> None:
    number = body + rules.luhn_digit(body)
    assert rules.luhn_ok(number)
    place %= len(number)
    wrong = number[:place] + str((int(number[place]) + shift) % 10) + number[place + 1 :]
    assert not rules.luhn_ok(wrong)


def test_luhn_refuses_what_is_no_number() -> None:
    assert not any(rules.luhn_ok(text) for text in ("", "0", "62a9", "６２９９", "6299 01"))


def test_an_id_number_needs_a_real_birth_date_and_its_check_sign() -> None:
    body = "00000019900101123"
    right = body + rules.id_check_sign(body)
    wrong = body + ("0" if right[-1] != "0" else "1")
    assert rules.id_number_ok(right)
    assert not rules.id_number_ok(wrong)
    assert not rules.id_number_ok("000000199013011234")
    assert rules.id_number_ok("000000900101123")
    assert not rules.id_number_ok("1234")


@pytest.mark.parametrize(
    ("told", "normal"),
    [
        ("112 3390 0816", "11233900816"),
        ("+86 112-3390-0816", "11233900816"),
        ("008611233900816", "11233900816"),
        ("8611233900816", "11233900816"),
        ("１１２３３９００８１６", "11233900816"),
        ("+852 5123 4567", "+85251234567"),
        ("00852-5123-4567", "+85251234567"),
        ("+00 121 0045 7788", "+0012100457788"),
        ("(0514)87654321", "051487654321"),
        ("112****0816", "112****0816"),
    ],
)
def test_one_phone_has_one_normal_form(told: str, normal: str) -> None:
    assert rules.normal_phone(told) == normal


def test_accounts_sites_and_ids_have_one_normal_form() -> None:
    assert rules.normal_account("６２９９ ００１８-2200 7731") == "6299001822007731"
    assert rules.normal_account("6299 xxxx **** 7731") == "6299********7731"
    assert rules.normal_id_number("99999919900101123x") == "99999919900101123X"
    assert rules.normal_url("hxxp://Evil[.]CC/Path") == "http://evil.cc/Path"
    assert rules.normal_url("WWW.Example.TOP") == "www.example.top"


def test_wallets_are_told_apart_by_shape_and_check_sum() -> None:
    tron = "T9yD14Nj9j7xAB4dbGeiX9h8unkKHxuWwb"
    assert rules.wallet_chain(tron) == "trc20"
    assert rules.base58_check_ok(tron)
    assert not rules.base58_check_ok(tron[:-1] + "F")
    assert not rules.base58_check_ok("T0OIl")
    assert rules.wallet_chain("0x" + "aB" * 20) == "erc20"
    assert rules.wallet_chain("0x" + "aB" * 32) is None
    assert rules.wallet_chain("bc1" + "q" * 39) == "btc"


def test_the_issuer_is_named_by_prefix_and_registered_institutions_go_first() -> None:
    assert rules.bank_of("6222020000000000000") == "中国工商银行"
    assert rules.bank_of("6299010000000000") is None
    extra = {"6299": "松谷银行", "629901": "江岚银行", "622202": "鹿溪银行"}
    assert rules.bank_of("6299010000000000", extra) == "江岚银行"
    assert rules.bank_of("6299990000000000", extra) == "松谷银行"
    assert rules.bank_of("6222020000000000000", extra) == "鹿溪银行"
    assert rules.bank_of("", extra) is None


def test_a_spoken_name_leads_to_the_name_we_show() -> None:
    assert rules.canonical_bank("工行") == "中国工商银行"
    assert rules.canonical_bank("财付通") == rules.canonical_bank("微信支付")
    assert rules.canonical_bank("南浦农商行") == "南浦农商行"


def test_the_tables_are_consistent() -> None:
    assert all(name in {one.name for one in rules.institutions()} for name in rules.bins().values())
    assert all(len(prefix) == 6 for prefix in rules.bins())
    spoken = [name for one in rules.institutions() for name in (one.name, *one.aliases)]
    assert len(spoken) == len(set(spoken))
    assert not any(prefix.startswith("6299") for prefix in rules.bins())


def test_a_taiwan_id_needs_its_check_digit() -> None:
    assert rules.taiwan_id_ok("A123456789")
    assert not rules.taiwan_id_ok("A123456788")
    assert not rules.taiwan_id_ok("1234567890")
