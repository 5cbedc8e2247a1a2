"""What an amount of money looks like, and how much it says. Which of them count: amounts.py."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal

from fanzha.core.money import MINOR_UNITS
from fanzha.intake.recognition import numerals

ARABIC = r"(?:[0-9]{1,3}(?:,[0-9]{3}){1,4}|[0-9]{1,13})(?:\.[0-9]{1,6})?(?!\.?[0-9])"
CHINESE = rf"[{numerals.SIGNS}]{{1,16}}(?![{numerals.SIGNS}])"
_SEGMENT = rf"(?:{ARABIC}|{CHINESE})"
_SCALE = r"(?:[十百千]?万亿|[十百千]?[亿万]|千|百|[wW](?![A-Za-z])|[kK](?![A-Za-z]))"
_LOOSE = r"(?:[余多几]|来(?=[块元万千个]))"
_STEP = rf"{_SEGMENT}(?: ?{_LOOSE}?个? ?{_SCALE}{_LOOSE}?|{_LOOSE})?"
BODY = rf"{_STEP}(?:零?{_STEP}){{0,4}}"
_RANGE = (
    rf"(?:(?P<low>{_SEGMENT}) ?(?:-{{1,2}}|~|至|到) ?"
    r"|(?P<near>[1-9一二三四五六七八])、(?=[2-9二三四五六七八九] ?[十百千]?[万千百]))?"
)
CURRENCIES = {
    "元": "CNY", "圆": "CNY", "块": "CNY", "人民币": "CNY", "RMB": "CNY", "CNY": "CNY", "¥": "CNY",
    "美元": "USD", "美金": "USD", "USD": "USD", "US$": "USD", "$": "USD", "港币": "HKD",
    "港元": "HKD", "港纸": "HKD", "HKD": "HKD", "HK$": "HKD", "新台币": "TWD", "台币": "TWD",
    "NT$": "TWD", "NTD": "TWD", "TWD": "TWD", "日元": "JPY", "日币": "JPY", "欧元": "EUR",
    "EUR": "EUR", "€": "EUR", "英镑": "GBP", "£": "GBP", "韩元": "KRW", "泰铢": "THB",
    "USDT": "USDT", "泰达币": "USDT", "U币": "USDT", "U": "USDT", "新加坡元": "SGD", "澳元": "AUD",
}  # fmt: skip
"""How people write a currency -> its code."""

_PREFIX = r"人民币|RMB|CNY|US\$|HK\$|NT\$|NTD|TWD|新台币|台币|港币|美元|美金|USDT|[¥$€£]"
_WORDS = (
    r"新加坡元|人民币|新台币|台币|港币|港元|港纸|美元|美金|日元|日币|欧元|英镑|韩元|泰铢|澳元"
    r"|泰达币|USDT|U币|RMB|CNY|HKD|TWD|NTD|USD|EUR|(?:U|(?<=[0-9万千])u)(?![A-Za-z0-9盘盾])"
)
_YUAN = r"元(?![旦宵素件月器年代组音]|一次|二次|期权|宇宙)|圆(?![满形圈桌])|块(?![地板石砖头儿屏])"
_ONE = numerals.DIGIT_SIGNS
_SMALL = rf"(?:(?P<jiao>[0-9{_ONE}])[角毛])?(?:零?(?P<cents>[0-9]{{1,2}}|[{_ONE}])分(?![钟别期]))?"
_TAIL = rf"(?:(?<=块)(?P<tail>[1-9{_ONE}])(?![0-9{numerals.SIGNS}万亿.:%点角毛个笔次天人]))?"
AMOUNT = re.compile(
    rf"(?P<sign>(?:{_PREFIX})(?: ?[:：])? ?)?(?<![0-9.,数几第])(?P<number>{_RANGE}(?P<high>{BODY}))"
    rf"(?P<mark> ?(?:个?(?P<word>{_WORDS})|(?:{_YUAN})钱?{_SMALL}{_TAIL}整?))?"
)
VAGUE = re.compile(r"[上近成超过](?P<unit>百万|千万|万|亿|千)(?:余|多)?(?:元|块钱?)")
_STEPS = re.compile(
    rf"零?(?P<n>{_SEGMENT})(?: ?(?P<l1>{_LOOSE})?个? ?(?P<u>{_SCALE})"
    rf"(?P<l2>{_LOOSE})?|(?P<l3>{_LOOSE}))?"
)
_SCALES = {"十": 10, "百": 100, "千": 1000, "万": 10_000, "亿": 100_000_000}
LARGEST = Decimal(10) ** 13
"""Nobody in a report paid ten trillion yuan; longer numbers are something else."""


@dataclass(frozen=True, slots=True)
class Reading:
    """What an amount says: lowest and highest value, whether it was said to be rough.

    `scale` is its largest scale: 10,000 for 万, 1 where there is none.
    """

    low: Decimal
    high: Decimal
    rough: bool
    scale: int


def read_number(text: str) -> Reading | None:
    """Read a match of BODY: 99万1791, 两万八, 1.2亿, 一百多万, 3w5; None if it is none.

    A last single digit after a scale takes the place below (3万5 is 35,000).
    """
    low = high = group_low = group_high = Decimal(0)
    last, largest, rough, place = 1, 1, False, 0
    for step in _STEPS.finditer(text):
        if step.start() != place:
            return None
        place = step.end()
        number, scale = step["n"], _scale(step["u"])
        part = _segment(number)
        if part is None or (last > 1 and scale >= last and last < _SCALES["万"]):
            return None
        shortened = last > 10 and len(number) == 1  # noqa: PLR2004 - 三万五 is 35,000
        if scale == 1 and shortened and step[0][0] != "零":
            part = part[0] * (last // 10), part[1] * (last // 10)
        rough = rough or any(step[name] for name in ("l1", "l2", "l3")) or part[0] != part[1]
        group_low, group_high = group_low + part[0] * scale, group_high + part[1] * scale
        if scale >= _SCALES["亿"]:
            low, high = low + group_low, high + group_high
            group_low = group_high = Decimal(0)
        last, largest = scale, max(largest, scale)
    if place != len(text) or not 0 < low + group_low < LARGEST:
        return None
    return Reading(low + group_low, high + group_high, rough, largest)


def _scale(text: str | None) -> int:
    if not text:
        return 1
    if text in "wW":
        return _SCALES["万"]
    if text in "kK":
        return _SCALES["千"]
    value = 1
    for sign in text:
        value *= _SCALES[sign]
    return value


def _segment(text: str) -> tuple[Decimal, Decimal] | None:
    if text[0].isascii():
        value = Decimal(text.replace(",", ""))
        return value, value
    pair = numerals.small(text)
    return (Decimal(pair[0]), Decimal(pair[1])) if pair else None


def minor_units(value: Decimal, currency: str) -> int | None:
    """`value` as an integer of the last place, None when it has more places than the currency."""
    minor = value.scaleb(MINOR_UNITS.get(currency, 2))
    return int(minor) if minor == minor.to_integral_value() else None
