"""Which amounts were paid, when, from where, to where and how: a proposal for the form."""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from fanzha.intake.recognition.spans import Span

Indexes = tuple[int, ...]
PAID = re.compile(
    r"转|汇|打[了给款过入进到]|付|充|支|扫码|扫了|存[入到进了]|刷|投[了入]|缴|交[了给付]|面交|转交|垫|借给|寄|买"
)
NOT_PAID = re.compile(
    r"(?:余额|显示|剩余?|只剩|还剩|损失|被骗[走了]*|骗走了?|返[还利了现给]*|到账|收益|利润|盈利|赚[了到]*|佣金|提现"
    r"|额度|可贷|贷款|中奖|奖金|工资|月薪|退[还款回给了]*|赔付?|赔偿|报价|标价|售价|价格|价值|欠)[^，。,;；\n]{0,8}$"
)
NOT_YET = re.compile(
    r"(?:还?要(?:我|她|他)?再?|让我再|要求我?再|催我?再|准备|打算|想让我)[^，。,;；\n]{0,4}(?:转|汇|付|打|充|交)[^，。,;；\n]{0,6}$"
)
TO = re.compile(
    r"(?:到|至|给|入|进|往|向|收款(?:账[户号]|人|方)?|对方(?:的)?(?:账[户号]|卡号?))[^。;；\n]{0,14}$"
)
FROM = re.compile(
    r"(?:从|用|由|以|我的?|本人的?|自己的?|名下的?|她的?|他的?|通过|自)[^。，,;；\n到给至往向入]{0,14}$"
)
TOTAL = re.compile(r"(?:共|累计|合计|总计|总额)[^，。,;；、\n]{0,8}$")
SENTENCE = re.compile(r"[。！？!?；;\n]+")
CHANNELS = (
    ("cash_courier", r"现金.{0,8}(?:交给|取走|上门|拿走)|上门取(?:钱|款|现)|当面交|面交|车手"),
    (
        "gold",
        r"(?:买|购)[^。，]{0,8}(?:黄金|金条|金饰)[^。]{0,20}(?:寄|交给|送|取)|(?:寄|交)[^。，]{0,6}(?:黄金|金条)",
    ),
    ("gift_card", r"礼品卡|购物卡|充值卡|京东E卡|点卡|加油卡|卡密"),
    ("wallet", r"USDT|U币|泰达币|虚拟币|比特币|钱包地址|[0-9] ?U(?![A-Za-z盘])"),
    ("qr_code", r"扫码|二维码|收款码|扫了"),
    ("atm", r"ATM|取款机|柜员机|无卡存"),
    ("counter", r"柜台|临柜|网点|柜面"),
    ("mobile_bank", r"手机银行|手机APP|银行APP"),
    ("online_bank", r"网银|网上银行|企业网银"),
    ("alipay", r"支付宝|花呗|余额宝"),
    ("wechat", r"微信(?:转|付|支付|红包|零钱|扫|钱包)|用微信"),
)
_CHANNELS = tuple((name, re.compile(words)) for name, words in CHANNELS)


MOST_PAYMENTS = 60
"""In one sentence; more is a table, which is imported and not told."""


@dataclass(frozen=True, slots=True)
class Payment:
    """Indexes into the spans of one recognition; `channel` is a code, empty where none was said."""

    time: Indexes
    amount: Indexes
    source: Indexes
    target: Indexes
    channel: str
    each: bool = False


def suggest_payments(folded: str, spans: Sequence[Span]) -> tuple[Payment, ...]:
    """One proposal for each amount that was paid, in the order told.

    Time is the nearest one told before. Accounts and banks stand on the side where the words 从
    and 到 put them. Totals, balances and promises are left out.
    """
    found: list[Payment] = []
    time: Indexes = ()
    begin = index = 0
    for end in [*(cut.end() for cut in SENTENCE.finditer(folded)), len(folded)]:
        inside = []
        while index < len(spans) and spans[index].start < end:
            inside.append(index)
            index += 1
        _sentence(_Sentence(folded, spans, inside, begin, end), time, found)
        time = next(((i,) for i in reversed(inside) if spans[i].kind == "time"), time)
        begin = end
    return tuple(found)


@dataclass(frozen=True, slots=True)
class _Sentence:
    folded: str
    spans: Sequence[Span]
    inside: list[int]
    begin: int
    end: int


def _sentence(told: _Sentence, time: Indexes, found: list[Payment]) -> None:
    spans = told.spans
    paid = [i for i in told.inside if spans[i].kind == "amount" and _paid(told, spans[i])]
    paid = [i for i in paid[:MOST_PAYMENTS] if not _is_total(told, i, found)]
    cuts = [told.begin, *(_cut(told, a, b) for a, b in pairwise(paid)), told.end]
    paired = _paired(told, paid)
    for amount, low, high in zip(paid, cuts, cuts[1:], strict=False):
        near = [i for i in told.inside if low <= spans[i].start < high]
        times = [i for i in near if spans[i].kind == "time" and i < amount]
        time = (times[-1],) if times else time
        time = paired.get(amount, time)
        source, target = _sides(told, near, amount)
        words = told.folded[max(low, spans[amount].start - 60) : min(high, spans[amount].end + 40)]
        first = amount == paid[0]
        again = not first or re.search(
            r"又|再|分别|[、和]", words[: spans[amount].start - max(low, 0)]
        )
        if found and not source and again:
            source = found[-1].source
        channel = next((name for name, pattern in _CHANNELS if pattern.search(words)), "")
        each = bool(spans[amount].extra.get("each"))
        found.append(Payment(time, (amount,), source, target, channel, each))


def _paired(told: _Sentence, paid: list[int]) -> dict[int, Indexes]:
    """As many times as amounts, all times first: 分别于…、…转出…和…."""
    times = [i for i in told.inside if told.spans[i].kind == "time"]
    if len(times) < 2 or len(times) != len(paid) or times[-1] > paid[0]:  # noqa: PLR2004 - a pair
        return {}
    return {amount: (time,) for amount, time in zip(paid, times, strict=True)}


def _is_total(told: _Sentence, amount: int, found: list[Payment]) -> bool:
    """一共转了6万 after payments were told one by one: their sum, or at least no new one."""
    span = told.spans[amount]
    before = told.folded[max(told.begin, span.start - 14) : span.start]
    if not TOTAL.search(before):
        return False
    earlier = [i for i in told.inside if i < amount and told.spans[i].kind == "amount"]
    return bool(found or earlier)


def _cut(told: _Sentence, first: int, second: int) -> int:
    """Where the telling of one payment ends and the next begins."""
    spans, start = told.spans, told.spans[first].end
    for i in range(first + 1, second):
        if spans[i].kind == "time":
            return spans[i].start
    between = told.folded[start : spans[second].start]
    again = re.search(r"又|再|随后|接着|然后|之后|第[二三四五六七八九十]笔", between)
    if again:
        return start + again.start()
    return start + max(between.rfind(sign) for sign in "，,、和") + 1 or spans[second].start


def _paid(told: _Sentence, span: Span) -> bool:
    before = told.folded[max(told.begin, span.start - 40) : span.start]
    if NOT_PAID.search(before) or NOT_YET.search(before):
        return False
    clauses = re.split(r"[，,]", before)
    after = told.folded[span.end : min(told.end, span.end + 8)]
    follows = re.match(r"[^，。,]{0,3}(?:转|汇|打|付|存|充)", after)
    return bool(PAID.search("，".join(clauses[-3:])) or follows)


def _sides(told: _Sentence, near: list[int], amount: int) -> tuple[Indexes, Indexes]:
    """Accounts and banks around an amount, sorted into where it left and where it went."""
    source: list[int] = []
    target: list[int] = []
    for i in near:
        span = told.spans[i]
        if span.kind not in {"account", "bank", "wallet"}:
            continue
        before = told.folded[max(told.begin, span.start - 18) : span.start]
        to, out = TO.search(before), FROM.search(before)
        if span.start < told.spans[amount].start:
            towards = span.kind == "wallet" or (to and (not out or to.start() > out.start()))
        else:
            towards = not out or bool(to)
        (target if towards else source).append(i)
    return tuple(source), tuple(target)
