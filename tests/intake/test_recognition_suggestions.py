"""Fraud type, payments, and whether it still goes on: suggestions with the words they rest on."""

from __future__ import annotations

from datetime import datetime

import pytest

from fanzha.core.clock import ZONE
from fanzha.intake.recognition import Recognition, recognise
from fanzha.intake.recognition.fraud_types import table

AT = datetime(2026, 3, 18, 11, 47, tzinfo=ZONE)

TOLD = [
    ("AA", "我在网上申请贷款，客服说卡号填错账户被冻结，要先交解冻金才能放款，我转了8000元"),
    ("AB", "有人拉我进群刷单，前几单都返了佣金，后来说是组合单要连做四单才能提现"),
    ("AC", "自称快递客服，说我的包裹丢失要双倍理赔，让我下载会议软件共享屏幕"),
    ("AC", "对方说我开通了百万保障，不取消每月要扣800元，让我按他说的操作"),
    ("AD", "在闲鱼上看中一台相机，卖家让加微信付款，转了3200元之后就被拉黑，一直没发货"),
    ("AE", "网友推荐我下载一个软件跟着老师炒股，账面盈利不少，提现时要先交20%的个税"),
    ("AF", "来电自称市公安局民警，说我名下银行卡涉嫌洗钱，要把钱转到安全账户核查"),
    ("AG", "财务小周被拉进一个QQ群，群里头像是老板，说急需支付合同保证金，她转了175万元"),
    ("AG", "有人打电话说猜猜我是谁，后来说是我外甥出事急用钱"),
    ("AH", "我卖王者荣耀账号，买家让去一个交易平台，平台说账户冻结要交保证金"),
    ("AI", "在交友软件认识的男朋友说生病住院要借钱，从没见过面"),
    ("AJ", "说我大学时注册过校园贷，不注销会影响征信，要把额度转出来清空"),
    ("AK", "自称部队采购，要订一批床垫，又让我帮忙代购军用罐头，先垫资给供货商"),
    ("AL", "短信说我抽中一等奖，要先交税才能领奖品"),
    ("AM", "对方录下裸聊视频，威胁要发给通讯录好友，逼我转账"),
    ("AF", "對方自稱警察，說我涉嫌洗錢，要我把錢匯到監管帳戶"),
]


@pytest.mark.parametrize(("code", "text"), TOLD)
def test_the_type_is_suggested_with_the_very_words_of_the_text(code: str, text: str) -> None:
    suggestion = recognise(text, AT).fraud_type
    assert suggestion.code == code
    quoted = suggestion.reason.partition("“")[2].partition("”")[0]
    assert quoted.rstrip("…") in text


@pytest.mark.parametrize("text", ["", "你好，请问几点开门？", "我在超市买了两斤苹果，付了12元"])
def test_no_evidence_gives_no_type_and_says_so(text: str) -> None:
    suggestion = recognise(text, AT).fraud_type
    assert (suggestion.code, suggestion.name) == (None, None)
    assert suggestion.reason


def test_the_table_has_the_twelve_and_two_types_each_with_a_sentence_of_prevention() -> None:
    version, threshold, types = table()
    assert sorted(one.code for one in types) == [f"A{sign}" for sign in "ABCDEFGHIJKLMN"]
    assert all(one.prevention and one.phrases and one.english.isidentifier() for one in types)
    assert version
    assert threshold > 0


def words(found: Recognition, indexes: tuple[int, ...]) -> list[str]:
    return [found.spans[index].text for index in indexes]


def test_three_payments_are_told_apart_with_time_sides_and_channel() -> None:
    found = recognise(
        "11:12 手机银行从远山银行尾号 4410 转 180,000 到 6299 0018 2200 7731，户名钱某，青禾银行。"
        "11:19 又转 206,000 到 6299 0100 4550 2208，南浦农商行。"
        "11:26 扫码付给渡口支付商户 9900 1200 0457，10 万。",
        AT,
    )
    first, second, third = found.payments
    assert words(found, first.time + first.amount) == ["11:12", "180,000"]
    assert words(found, first.source) == ["远山银行", "4410"]
    assert words(found, first.target) == ["6299 0018 2200 7731", "青禾银行"]
    assert (first.channel, third.channel) == ("mobile_bank", "qr_code")
    assert words(found, second.source) == ["远山银行", "4410"]
    assert words(found, second.target) == ["6299 0100 4550 2208", "南浦农商行"]
    assert words(found, third.time + third.amount) == ["11:26", "10 万"]
    assert words(found, third.target) == ["渡口支付", "9900 1200 0457"]


def test_a_total_after_its_parts_a_balance_and_a_rebate_are_no_payments() -> None:
    found = recognise("先返我120元。我分3次转给对方1万、2万、3万，一共转了6万，余额还剩500元", AT)
    assert [words(found, payment.amount) for payment in found.payments] == [
        ["1万"],
        ["2万"],
        ["3万"],
    ]


def test_as_many_times_as_amounts_are_paired() -> None:
    found = recognise("分别于3月17日21:03、21:10转出49999元和3.5万元", AT)
    assert [words(found, one.time + one.amount) for one in found.payments] == [
        ["3月17日21:03", "49999元"],
        ["21:10", "3.5万元"],
    ]


@pytest.mark.parametrize(
    ("text", "ongoing", "phrase"),
    [
        ("对方还在线，让她不要挂电话", True, "还在线"),
        ("他还要我再转5万", True, "还要我再转"),
        ("正在通话中", True, "正在通话"),
        ("叫我不要挂断", True, "叫我不要挂断"),
        ("转完就把我拉黑了", False, "把我拉黑"),
        ("联系不上对方，但群里客服还在催我", True, "还在催"),
        ("转了5000元", None, ""),
    ],
)
def test_whether_it_still_goes_on_is_read_from_the_text(
    text: str,
    ongoing: bool | None,  # noqa: FBT001 - a table of cases
    phrase: str,
) -> None:
    found = recognise(text, AT).ongoing
    assert found.ongoing is ongoing
    assert found.phrase == phrase
