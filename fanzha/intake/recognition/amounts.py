"""Amounts of money: which numbers in a text are money, judged by their unit and neighbours."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import TYPE_CHECKING

from fanzha.intake.recognition import money, numerals

if TYPE_CHECKING:
    from fanzha.intake.recognition.spans import Sheet

_VERBS = (
    r"转账|转入|转出|转走|转|汇款|汇|打款|打[了给过入进去]|支付|付款|付|充值|充|存|提现|取现|取|投资|投入|投"
    r"|借|贷|缴纳|缴|交|垫付|垫|扫码|扫|刷|损失|被骗|骗|亏|花|返|退|还|赚|收|到账|入账|出账|消费|扣"
    r"|购买|买|卖|金额|余额|共计|合计|总计|总共|共|分别|各|款|本金|佣金|定金|押金|保证金|费|发|给|剩|只有"
    r"|下注|押|红包|工资|提成|收益|利润|押|送|要|值|价|每[次笔单人]"
)
_LINK = (
    r"(?:[了过出走去进入是为:：约给我你他她其们的共各个 ]|对方|大约|大概|将近|接近|分别|至少|最少|人民币|金额|款项?"
    r"|小额|测试|一笔|[0-9一二三四五六七八九十两几]{1,3}[笔张个单次]|第[一二三四五六七八九十0-9]{1,2}[笔次]|账户|余额|现金)"
)
CLOSE = re.compile(rf"(?:{_VERBS}){_LINK}{{0,6}}$")
NEAR = re.compile(rf"(?:{_VERBS}|钱|资金|积蓄|存款|额度|涉案|流水)")
NOT_MONEY = re.compile(
    r"(?:验证码|校验码|密码|工号|编号|单号|房间号?|会议号|会议|口令|邀请码|代码|尾号|[前后末][0-9一二三四五六七八]?[位码]"
    r"|学号|车牌|门牌|警号|型号|版本|[vV]|页|排名|粉丝|播放|阅读|浏览|点赞|转发|用户|第|分之|积分|股票|星级)[^，。,;；\n]{0,5}$"
)
MEASURE = re.compile(
    r" ?(?:[%％‰°℃A-Za-z人名个位户家次条张台部辆米平里页天年月日号点岁楼层栋室期届级路班集篇件种类只头双套吨斤克股份粉赞"
    r"度秒分小时周步票局公字本颗单名组成折倍词万亿题门群封则支瓶箱袋包寸星代]|多个|多人|余人|余名|毫)"
)
ENDS = re.compile(
    r" ?(?:$|[^0-9A-Za-z%％‰°℃\u4e00-\u9fff]|[到至给去过进入出的左右现红"
    r"我后并且和及与作当转汇付用让又再他她对以之而但不是这我从这在为没买充打等就也都上还])"
)
CHAIN = re.compile(r" ?(?:[、,，和及与/+或]|以及) ?")
LONGEST_CHAIN = 4
WRITTEN = re.compile(r",|[0-9]{3}\.[0-9]{2}$")
"""Grouped by threes or with fen: nobody counts steps like that."""

YEAR = re.compile(r"(?:19|20)[0-9]{2}")
ALARMS = frozenset({"110", "119", "120", "122", "12345", "12381", "96110"})
LEAST_BARE = 10
"""Below ten yuan a bare number is a count or a step, not a payment."""


def find(sheet: Sheet) -> None:
    """Add every amount: those with a unit first to last, bare ones by their verb or their list."""
    waiting: list[re.Match[str]] = []
    ends_of_accepted: set[int] = set()
    for match in money.AMOUNT.finditer(sheet.open):
        linked = bool(waiting) and _linked(sheet, waiting[-1].end(), match.start())
        chained = any(
            _linked(sheet, end, match.start()) for end in ends_of_accepted if end <= match.start()
        )
        if _is_money(sheet, match) or (chained and _may_be_bare(sheet, match)):
            if linked:
                _accept_all(sheet, waiting)
            waiting = []
            ends_of_accepted = {match.end()} if _add(sheet, match) else set()
        elif _may_be_bare(sheet, match):
            waiting = [*waiting, match][-8:] if linked else [match]
        else:
            waiting = []
    for match in money.VAGUE.finditer(sheet.open):
        value = money.read_number("一" + match["unit"])
        if value:
            sheet.add(match.start(), match.end(), "amount", int(value.low * 100), approx=True)


def _accept_all(sheet: Sheet, matches: list[re.Match[str]]) -> None:
    for match in matches:
        _add(sheet, match)


def _linked(sheet: Sheet, end: int, start: int) -> bool:
    return start - end <= LONGEST_CHAIN and bool(CHAIN.fullmatch(sheet.folded[end:start]))


def _is_money(  # noqa: PLR0911 - one line for each ground
    sheet: Sheet, match: re.Match[str]
) -> bool:
    if match["sign"]:
        return True
    if match["word"]:
        return match["word"] not in "uU" or bool(re.search("[0-9]", match["number"]))
    if match["mark"]:
        return not _idiom(sheet, match)
    if not _may_be_bare(sheet, match):
        return False
    before = sheet.before(match.start(), 16)
    if CLOSE.search(before):
        return True
    reading = money.read_number(match["high"])
    if reading is None:
        return False
    if WRITTEN.search(match["number"]):
        return True
    return reading.scale >= 10_000 and (  # noqa: PLR2004 - 万
        bool(NEAR.search(before)) or "万" in match[0] or "亿" in match[0]
    )


def _idiom(sheet: Sheet, match: re.Match[str]) -> bool:
    """一块 is mostly "together"; it is money only before 钱 or a tail, or as a price."""
    if match[0] == "一块":
        return not CLOSE.search(sheet.before(match.start(), 8))
    return sheet.before(match.start(), 3).endswith(("分之", "多", "单", "状", "第"))


def _may_be_bare(  # noqa: PLR0911 - one line for each ground
    sheet: Sheet, match: re.Match[str]
) -> bool:
    """Whether a number without a unit is not plainly something else."""
    number, start, end = match["number"], match.start(), match.end()
    if match["mark"] or match["sign"]:
        return True
    if start and sheet.folded[start - 1].isascii() and sheet.folded[start - 1].isalnum():
        return False
    follower = sheet.folded[end : end + 3]
    reading = money.read_number(match["high"])
    if reading is None or reading.high < LEAST_BARE or MEASURE.match(follower):
        return False
    plain = reading.scale < 10_000 and not WRITTEN.search(number)  # noqa: PLR2004 - 万
    if plain and not ENDS.match(follower):
        return False
    if number in ALARMS or (YEAR.fullmatch(number) and "年" in follower):
        return False
    if NOT_MONEY.search(sheet.before(start, 12)):
        return False
    spoken = any(sign in numerals.SIGNS for sign in number)
    if not spoken or any(sign in "百佰千仟万亿wWkK" for sign in number):
        return True
    return "十" in number and not re.match(r"[\u4e00-\u9fff]", follower)


def _add(sheet: Sheet, match: re.Match[str]) -> bool:
    reading = money.read_number(match["high"])
    if reading is None:
        return False
    low, high = reading.low, reading.high
    spoken_low = match["low"] or match["near"]
    if spoken_low:
        first = money.read_number(spoken_low)
        if first is None:
            return False
        low = first.low * (reading.scale if first.scale == 1 and first.low < low else 1)
        low = low if low < high else first.low
    small = _small(match)
    currency = _currency(match)
    value, top = (money.minor_units(one + small, currency) for one in (low, high))
    if not value or top is None:
        return False
    extra: dict[str, object] = {} if currency == "CNY" else {"currency": currency}
    if reading.rough or spoken_low:
        extra["approx"] = True
    if top > value:
        extra["up_to"] = top
    if re.search(
        r"各[^，。,;；\n]{0,6}$|每(?:笔|次|人|单)[^，。,;；\n]{0,4}$",
        sheet.before(match.start(), 8),
    ):
        extra["each"] = True
    return sheet.add(match.start(), match.end(), "amount", value, **extra)


def _small(match: re.Match[str]) -> Decimal:
    """Add up what 角, 分 and the tail of 三块五 say, in yuan."""
    total = Decimal(0)
    for name, worth in (("tail", "0.1"), ("jiao", "0.1"), ("cents", "0.01")):
        text = match[name]
        if text:
            total += Decimal(worth) * (int(text) if text.isascii() else numerals.DIGITS[text])
    return total


def _currency(match: re.Match[str]) -> str:
    for text in (match["word"], match["sign"]):
        if text:
            return money.CURRENCIES.get(text.strip(" :：").upper(), "CNY")
    return "CNY"
