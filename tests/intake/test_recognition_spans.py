"""Hand-labelled snippets: `{kind:text=value}` marks what must be found, nothing else may be."""

from __future__ import annotations

import re
from datetime import datetime

import pytest

from fanzha.core.clock import ZONE
from fanzha.intake.recognition import recognise

AT = datetime(2026, 3, 18, 16, 30, tzinfo=ZONE)  # a Wednesday
DAY = "2026-03-18T"

SNIPPETS = """
被骗{amount:175万余元=175000000}
他说要{amount:三万五千元=3500000}，我只有{amount:26,000.00元=2600000}
合计损失{amount:99万1791元=99179100}
先转了{amount:两万八=2800000}，又转了{amount:十五万六=15600000}
涉案流水{amount:1.2亿=12000000000}
花了{amount:8千块=800000}，加上{amount:五百块钱=50000}
转了{amount:3w=3000000}，充了{amount:5k=500000}
收到{amount:人民币壹拾贰万叁仟元整=12300000}
匯款{amount:伍萬元=5000000}
付款{amount:¥1,200=120000}，退我{amount:￥9.90=990}
家里一共存了{amount:一百多万=100000000}
给两个人各转了{amount:5000元=500000}
转账{amount:9800.50=980050}
骗走{amount:20余万元=20000000}
大概{amount:三四万元=3000000}
汇了{amount:新台币50万元=50000000}
转出{amount:１７５万元=175000000}和{amount:２６，０００．００元=2600000}
转了{amount:2000=200000}、{amount:3000=300000}和{amount:5000元=500000}
扫码付了{amount:199块9=19990}
他让我打{amount:3万5=3500000}过去，我打了{amount:三千=300000}
充值{amount:1千2百多块=120000}，还欠{amount:十几万=10000000}
{amount:3-5万元=3000000}的货款
我拿{amount:两万=2000000}现金交给上门的人
余额只剩{amount:123.45元=12345}
转{amount:5000U=5000000000}到他的钱包
发了{amount:1314元=131400}红包，备注520
我今年61岁，住3栋1201室，二楼，第三次，百分之三十，打了3个电话
粉丝10万，播放3万次，12-18岁，3-5人，第1/2页，第100名
一块去吃饭，二元一次方程，3单元，2025款，iPhone15，5块地
订单号1234567890123456789，验证码482913，会议号 123 456 789
报告.pdf 和 setup.exe，版本 v1.2.3，a.b 两点，邮箱 someone@example.com
他说有一点钱，同时三次打来，5分钟，2小时，3天
{time:今天10:50=2026-03-18T10:50:00+08:00}左右
{time:昨天下午两点钟=2026-03-17T14:00:00+08:00}，{time:今早7点=2026-03-18T07:00:00+08:00}
{time:前天晚上11点半=2026-03-16T23:30:00+08:00}
{time:上周五下午三点一刻=2026-03-13T15:15:00+08:00}
{time:3月2日=2026-03-02}转账，{time:去年12月30日=2025-12-30}也转过
{time:114年03月10日=2025-03-10}，{time:民國114年3月10日下午3點20分=2025-03-10T15:20:00+08:00}
{time:2026-03-17 21:03:15=2026-03-17T21:03:15+08:00}、{time:21:10=2026-03-17T21:10:00+08:00}
{time:二〇二五年三月二日十点半=2025-03-02T10:30:00+08:00}
{time:2026/03/18 10:11:12=2026-03-18T10:11:12+08:00}
交易时间{time:20260318101112=2026-03-18T10:11:12+08:00}
{time:半小时前=2026-03-18T16:00:00+08:00}，{time:3天前=2026-03-15}
{time:昨晚8点=2026-03-17T20:00:00+08:00}接到电话，{time:9点=2026-03-17T21:00:00+08:00}转的账
{time:3月10日=2026-03-10}开始，{time:次日上午9时05分=2026-03-11T09:05:00+08:00}
{time:21时=2026-03-17T21:00:00+08:00}许，导致银行卡被封，发送一张银行卡，网络贷款APP
{time:昨晚12点=2026-03-18T00:00:00+08:00}
{time:3.17下午4:30=2026-03-17T16:30:00+08:00}转
{time:3/18 09:05=2026-03-18T09:05:00+08:00}
{time:15号上午=2026-03-15}和{time:16日=2026-03-16}都转了，15号楼2单元，每日，日元
{time:3 月 17 日 晚上 9 点 20 分=2026-03-17T21:20:00+08:00}
打款给{account:6299 0112 3456 7890=6299011234567890} {amount:50000元=5000000}
{bank:玉山銀行=玉山銀行}(808){account:0123-979-123456=0123979123456}
用{app:WhatsApp=WhatsApp} {phone:+852 6123 4567=+85261234567}聯絡
发票号码12345678，学号20250312，车牌苏K12345
{bank:微信零钱=财付通（微信支付）}里的{amount:3,288.00=328800}被转走，买了两张{amount:2000=200000}的苹果礼品卡
{time:１１：１２=2026-03-18T11:12:00+08:00}转账
从{bank:远山银行=远山银行}尾号 {account:4410=4410} 转
{amount:180,000=18000000} 到 {account:6299 0018 2200 7731=6299001822007731}
卡号{account:6299-0112-3456-7890=6299011234567890}，户名钱某
我的卡号是 {account:６２９９ ０１１２ ３４５６ ７８９０=6299011234567890}
{account:6299 **** **** 1234=6299********1234}是我的卡
对公账户{account:3201 0099 8877 6655 44=320100998877665544}
存折帳號{account:012-345-678901=012345678901}，{bank:合作金庫=合作金庫}
转到(822){account:123456789012=123456789012}
{bank:渡口支付=渡口支付}商户 {account:9900 1200 0457=990012000457}
{bank:工行=中国工商银行}的卡，{bank:邮储=中国邮政储蓄银行}也有一张，还用了{bank:支付宝=支付宝}
用{bank:微信=财付通（微信支付）}转账，{bank:南浦农商行=南浦农商行}，{bank:招行=招商银行}
我去银行柜台，手机银行转账，对方银行卡，网上银行
本人电话 {phone:112 3390 0816=11233900816}
接到 {phone:+00 121 0045 7788=+0012100457788} 的电话
手机{phone:138****1234=138****1234}，座机{phone:0514-87654321=051487654321}
{phone:400-123-4567=4001234567}、{phone:+852 5123 4567=+85251234567}、{phone:0912-345-678=0912345678}
{phone:96110=96110}的来电
身份证号{id_number:999999199001011234=999999199001011234}
身份证{id_number:99999919900101123x=99999919900101123X}
網址{url:www.abc.top/x?y=1=www.abc.top/x?y=1}
{url:https://Foo.Example.com:8080/a=https://foo.example.com:8080/a}。
打开{url:hxxp://evil[.]cc=http://evil.cc}填了卡号
加了 QQ {chat_id:100 200 3004=1002003004}，微信号：{chat_id:kf_20260=kf_20260}
對方LINE ID：{chat_id:abc123=abc123}，{app:Telegram=Telegram} {chat_id:@cash_88=@cash_88}
一个QQ群（群号：{chat_id:100200300=100200300}）
装了“{app:云上会议=云上会议}”APP 共享屏幕，还有{app:ToDesk=ToDesk}
下载了一个叫“{app:聚财通=聚财通}”的软件，在{app:闲鱼=闲鱼}上卖东西
{app:财源滚滚=财源滚滚}APP不让提现
地址{wallet:T9yD14Nj9j7xAB4dbGeiX9h8unkKHxuWwb=T9yD14Nj9j7xAB4dbGeiX9h8unkKHxuWwb}
{wallet:0x00000000000000000000000000000000DeaDBeef=0x00000000000000000000000000000000DeaDBeef}
😀{time:昨天=2026-03-17}😀转了{amount:八百元=80000}😀
"""

MARK = re.compile(r"\{(\w+):(.+?)=([^={}]*(?:=[0-9]+)?)\}")
NARRATIVES = [line for line in SNIPPETS.strip().splitlines() if line]


def labelled(line: str) -> tuple[str, list[tuple[int, int, str, str]]]:
    """The raw text of a marked line, and (start, end, kind, value) of its marks."""
    raw, place, wanted = "", 0, []
    for mark in MARK.finditer(line):
        raw += line[place : mark.start()]
        wanted.append((len(raw), len(raw) + len(mark[2]), mark[1], mark[3]))
        raw, place = raw + mark[2], mark.end()
    return raw + line[place:], wanted


@pytest.mark.parametrize("line", NARRATIVES)
def test_what_is_marked_is_found_and_nothing_else(line: str) -> None:
    raw, wanted = labelled(line)
    found = recognise(raw, AT).spans
    assert [(s.start, s.end, s.kind, str(s.value)) for s in found] == wanted
    assert all(span.text == raw[span.start : span.end] for span in found)


def test_there_are_enough_snippets() -> None:
    assert len(NARRATIVES) >= 60


def test_offsets_count_code_points_of_the_raw_text_with_crlf_and_a_byte_order_mark() -> None:
    raw = "\ufeff报警\r\n😀昨晚8点转了\r\n３万元"
    spans = recognise(raw, AT).spans
    assert [span.text for span in spans] == ["昨晚8点", "３万元"]
    assert all(span.text == raw[span.start : span.end] for span in spans)


def test_registered_institutions_are_known_by_prefix_and_by_name() -> None:
    found = recognise(
        "从橙渡转到6299031234567890128", AT, prefixes={"629903": "汐岸农商行", "990001": "橙渡"}
    )
    assert [(s.kind, s.value) for s in found.spans] == [
        ("bank", "橙渡"),
        ("account", "6299031234567890128"),
    ]
    assert found.spans[1].extra["bank"] == "汐岸农商行"
