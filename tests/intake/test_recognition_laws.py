"""Laws that hold for every text: slices, order, the same sum in every writing, bounded time."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fanzha.core.clock import ZONE
from fanzha.intake.recognition import KINDS, recognise
from fanzha.intake.recognition.fold import PAIRS, fold

AT = datetime(2026, 3, 18, 16, 30, tzinfo=ZONE)
PLAIN, FORMAL = "零一二三四五六七八九", "零壹贰叁肆伍陆柒捌玖"
SIGNS = st.sampled_from(
    "0123456789０１一二两三五十百千万亿元块角分点时年月日号昨今上周五晚下午半:：-/.,，。、()（） *xX+@ABTw"
    "转到卡账银行微信QQ订单尾号身份证电话http软件APP“”\r\n😀\ufeff\x00\ud800"
)


@settings(max_examples=300, deadline=None)
@given(st.one_of(st.text(max_size=80), st.text(SIGNS, max_size=80)))
def test_any_text_gives_ordered_spans_that_are_slices_of_it_and_do_not_overlap(raw: str) -> None:
    found = recognise(raw, AT)
    end = 0
    for span in found.spans:
        assert end <= span.start < span.end <= len(raw)
        assert span.text == raw[span.start : span.end]
        assert span.kind in KINDS
        end = span.end
    for payment in found.payments:
        for group in (payment.time, payment.amount, payment.source, payment.target):
            assert all(0 <= index < len(found.spans) for index in group)


def chinese(number: int, digits: str = PLAIN, units: str = "十百千") -> str:
    """The numeral of 1 to 9,999,999,999, every 零 said."""
    if number >= 10**8:
        high, rest = divmod(number, 10**8)
        return chinese(high, digits, units) + "亿" + _rest(rest, 10**7, digits, units)
    if number >= 10**4:
        high, rest = divmod(number, 10**4)
        return chinese(high, digits, units) + "万" + _rest(rest, 10**3, digits, units)
    for place, unit in ((1000, units[2]), (100, units[1]), (10, units[0])):
        if number >= place:
            high, rest = divmod(number, place)
            return digits[high] + unit + _rest(rest, place // 10, digits, units)
    return digits[number]


def _rest(rest: int, full: int, digits: str, units: str) -> str:
    if not rest:
        return ""
    return ("零" if rest < full else "") + chinese(rest, digits, units)


def wide(text: str) -> str:
    """Digits, comma and point in full width."""
    return text.translate({ord(sign): ord(sign) + 0xFEE0 for sign in "0123456789,."})


@settings(deadline=None)
@given(st.integers(min_value=10, max_value=9_999_999_999))
def test_a_sum_of_yuan_is_the_same_in_every_writing(yuan: int) -> None:
    forms = [
        f"{yuan}元",
        f"{yuan:,}元",
        f"{yuan:,}.00元",
        f"¥{yuan}",
        f"{chinese(yuan)}元",
        f"{chinese(yuan)}块钱",
        f"人民币{chinese(yuan, FORMAL, '拾佰仟')}元整",
        wide(f"{yuan:,}.00") + "元",
        f"{yuan // 10000}万{yuan % 10000}元"
        if yuan >= 10_000 and yuan % 10_000 > 9
        else f"{yuan}圆",
    ]
    for form in forms:
        spans = recognise(f"我转了{form}给他", AT).spans
        assert [(span.kind, span.text, span.value) for span in spans] == [
            ("amount", form, yuan * 100)
        ]


@settings(deadline=None)
@given(st.integers(min_value=1, max_value=99_999), st.integers(min_value=0, max_value=99))
def test_wan_with_decimals_is_exact(wan: int, hundredths: int) -> None:
    spans = recognise(f"损失{wan}.{hundredths:02d}万元", AT).spans
    assert [span.value for span in spans] == [wan * 1_000_000 + hundredths * 10_000]


@settings(deadline=None)
@given(
    st.datetimes(datetime(2012, 1, 1), datetime(2026, 3, 18)),  # noqa: DTZ001 - made aware below
)
def test_a_moment_is_the_same_in_every_writing(naive: datetime) -> None:
    moment = naive.replace(second=0, microsecond=0, tzinfo=ZONE)
    minute = f"{moment:%H:%M}"
    forms = [
        f"{moment:%Y-%m-%d} {minute}",
        f"{moment:%Y/%m/%d} {minute}",
        f"{moment:%Y-%m-%d}T{minute}:00+08:00",
        f"{moment.year}年{moment.month}月{moment.day}日{moment.hour}时{moment.minute}分",
        f"民國{moment.year - 1911}年{moment.month}月{moment.day}日 {minute}",
        f"{moment:%Y%m%d%H%M}00",
    ]
    for form in forms:
        assert [span.value for span in recognise(form, AT).spans] == [moment.isoformat()], form


@pytest.mark.parametrize(
    "sample",
    ["1", "1 ", "1-", "一", "一万", "转账500", "500、", "a.", "(1)", "1*", "下载“", "三点", "投资老师", "农村商业银行",
     "T1", "0x1", "微信号", "3月2日10点", " ", "\n", "从到", "贷款放款提现", "公安办案调查", "a@b."],
)  # fmt: skip
def test_fifty_thousand_signs_take_bounded_time(sample: str) -> None:
    # Time that grows with the square would not end before the time-out of a test.
    found = recognise((sample * 50_000)[:50_000], AT)
    assert all(0 <= span.start < span.end <= 50_000 for span in found.spans)


def test_a_moment_of_telling_at_the_edge_of_the_calendar_is_no_bug() -> None:
    for at in (datetime(1, 1, 2, tzinfo=UTC), datetime(9999, 12, 30, tzinfo=UTC)):
        found = recognise(
            "昨晚12点，3天前，去年2月29日，上周五，明天24:00，3月2日，半小时前，第二天", at
        )
        assert all(span.kind == "time" for span in found.spans)


@given(st.text())
def test_folding_keeps_the_length(raw: str) -> None:
    assert len(fold(raw)) == len(raw)


def test_every_traditional_sign_has_one_simplified_twin() -> None:
    pairs = PAIRS.split()
    assert all(len(pair) == 2 for pair in pairs)
    assert len({pair[0] for pair in pairs}) == len(pairs)
    assert not {pair[0] for pair in pairs} & {pair[1] for pair in pairs}
