"""Dates as people say them, resolved against the day of the telling: 上周五, 昨晚, 114年03月10日."""

from __future__ import annotations

import re
from datetime import date, timedelta
from typing import TYPE_CHECKING

from fanzha.intake.recognition import numerals

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    Resolver = Callable[[re.Match[str], date, date | None], tuple[date, str] | None]

CN = "[零一二三四五六七八九十廿卅]"
_YEAR = r"(?:民国 ?)?[0-9]{2,4}|[一二][零九][零一二三四五六七八九]{2}"
_DAY = rf"(?:[0-9]{{1,2}}|{CN}{{1,3}})"
_NOT_DATE = r"(?!楼|线|栋|院|店|桌|门|房|码|铺|公馆|机|球|技师|主播|客服|选手|[0-9A-Za-z])"
FORMS: Mapping[str, str] = {
    "ymd": rf"(?<![0-9])({_YEAR}) ?年 ?({_DAY}) ?月 ?({_DAY}) ?[日号]?",
    "iso": r"(?<![0-9./-])((?:民国 ?)?(?:19|20)[0-9]{2}|1[0-3][0-9])"
    r"([-/.])([0-9]{1,2})\2([0-9]{1,2})(?![0-9]|[-/.][0-9])日?",
    "compact": r"(?<![0-9])((?:19|20)[0-9]{2})(0[1-9]|1[0-2])(0[1-9]|[12][0-9]|3[01])"
    r"(?=[0-9]{6}(?![0-9])|(?![0-9]))",
    "ym": rf"(?<![0-9])({_YEAR}) ?年 ?({_DAY}) ?月份?(?! ?[0-9])",
    "md": rf"(?<![0-9年])(今年|去年|前年|当年)? ?({_DAY}) ?月 ?({_DAY}) ?[日号]",
    "md_bare": r"(?<![0-9年])(今年|去年|前年)? ?([0-9]{1,2})月([0-9]{1,2})(?![0-9元块万千个天.:])",
    "slash": r"(?<![0-9./-])([0-9]{1,2})[-/.]([0-9]{1,2})"
    r"(?= ?(?:[0-9]{1,2}:[0-9]{2}|[上下]午|中午|凌晨|傍晚|早上|晚上))",
    "month_d": rf"(上个?月|本月|这个?月|当月)(?:的)? ?({_DAY}) ?[日号]?(?!楼|月)",
    "d": rf"(?<![0-9.月/-])([0-9]{{1,2}}|[一二三]?十[一二三四五六七八九]?|[一二三四五六七八九])"
    rf"(?:日(?![本元语币内均子起]|常)|号{_NOT_DATE}(?=[上中下早晚凌当的，,。 就我接开]|[0-9]))",
    "week": r"(上上|上|这|本|下)?个?(?:周|星期|礼拜)([一二三四五六日天1-7])",
    "ago_d": rf"([0-9]{{1,3}}|{CN}{{1,3}}|两|半)个?(天|日|周|星期|礼拜|月)(?:之|以)?前",
    "near": r"大前天|前天|前日|昨天|昨日|昨儿|昨晚|昨夜|昨早|前晚|前夜"
    r"|今天|今日|今儿|今早|今晨|今晚|今夜|当天|当日|同日|同一天|当晚|第二天|次日|隔天|翌日|明天|明日|明早|明晚",
}  # fmt: skip
"""Forms by name; the first that fits a text is how it is read."""

DATE = "|".join(re.sub(r"\((?!\?)", "(?:", form).replace(r"\2", "[-/.]") for form in FORMS.values())
_READERS = {name: re.compile(form) for name, form in FORMS.items()}
_OFFSETS = {"大前": -3, "前": -2, "昨": -1, "今": 0, "明": 1}
_DAYS = {"天": 1, "日": 1, "周": 7, "星期": 7, "礼拜": 7, "月": 30}
ROC_OFFSET = 1911
"""Year 1 of the Republic calendar, which Taiwan writes, is 1912."""


def resolve(
    text: str, bounds: tuple[int, int], today: date, last: date | None
) -> tuple[date, str] | None:
    """Resolve the day that a match of DATE in `text` means; its precision is `date` or `month`.

    `last` is the last day named in the text, for 当天 and 次日. A date without a year is the
    latest that is not in the future. None where the calendar has no such day.
    """
    for name, reader in _READERS.items():
        match = reader.match(text, bounds[0])
        if match and match.end() == bounds[1]:
            try:
                return _BY_FORM[name](match, today, last)
            except (ValueError, OverflowError):
                return None
    return None


def _year(text: str) -> int:
    bare = re.sub(r"民国 ?", "", text)
    digits = "".join(str(numerals.DIGITS.get(sign, sign)) for sign in bare)
    year = int(digits)
    if bare != text or 100 <= year <= 139:  # noqa: PLR2004 - years of the Republic calendar
        return year + ROC_OFFSET
    return year + 2000 if year < 100 else year  # noqa: PLR2004 - 25年 is 2025


def _number(text: str) -> int:
    value = numerals.whole(text)
    if value is None:
        raise ValueError(text)
    return value


def _ymd(match: re.Match[str], _today: date, _last: date | None) -> tuple[date, str]:
    return date(_year(match[1]), _number(match[2]), _number(match[3])), "date"


def _iso(match: re.Match[str], _today: date, _last: date | None) -> tuple[date, str]:
    return date(_year(match[1]), int(match[3]), int(match[4])), "date"


def _ym(match: re.Match[str], _today: date, _last: date | None) -> tuple[date, str]:
    return date(_year(match[1]), _number(match[2]), 1), "month"


def _md(match: re.Match[str], today: date, _last: date | None) -> tuple[date, str]:
    month, day = _number(match[2]), _number(match[3])
    back = {"今年": 0, "去年": 1, "前年": 2}.get(match[1] or "")
    if back is not None:
        return date(today.year - back, month, day), "date"
    return _latest(today, month, day), "date"


def _slash(match: re.Match[str], today: date, _last: date | None) -> tuple[date, str]:
    return _latest(today, int(match[1]), int(match[2])), "date"


def _latest(today: date, month: int, day: int) -> date:
    """Take that day in this year, or in the year before if it is still to come."""
    for year in range(today.year, today.year - 5, -1):
        try:
            found = date(year, month, day)
        except ValueError:  # 29 February
            continue
        if found <= today:
            return found
    raise ValueError(f"{month}-{day}")


def _month_d(match: re.Match[str], today: date, _last: date | None) -> tuple[date, str]:
    first = today.replace(day=1)
    if match[1].startswith("上"):
        first = (first - timedelta(days=1)).replace(day=1)
    return first.replace(day=_number(match[2])), "date"


def _d(match: re.Match[str], today: date, last: date | None) -> tuple[date, str]:
    """Give a bare day to the month spoken of last, else to the latest month that has it."""
    day = _number(match[1])
    if last is not None:
        return last.replace(day=day), "date"
    if day <= today.day:
        return today.replace(day=day), "date"
    return (today.replace(day=1) - timedelta(days=1)).replace(day=day), "date"


def _week(match: re.Match[str], today: date, _last: date | None) -> tuple[date, str]:
    wanted = "一二三四五六日".find(match[2].replace("天", "日").replace("7", "日"))
    wanted = int(match[2]) - 1 if wanted < 0 else wanted
    monday = today - timedelta(days=today.weekday())
    shift = {"上上": -14, "上": -7, "下": 7}.get(match[1] or "", 0)
    found = monday + timedelta(days=wanted + shift)
    if not match[1] and found > today:
        found -= timedelta(days=7)
    return found, "date"


def _ago(match: re.Match[str], today: date, _last: date | None) -> tuple[date, str]:
    if match[1] == "半":
        return today - timedelta(days=_DAYS[match[2]] // 2), "date"
    count = _number(match[1])
    return today - timedelta(days=count * _DAYS[match[2]]), "date"


def _near(match: re.Match[str], today: date, last: date | None) -> tuple[date, str]:
    word = match[0]
    if word in {"第二天", "次日", "隔天", "翌日"}:
        return (last or today) + timedelta(days=1), "date"
    if word[0] in "当同":
        return last or today, "date"
    head = "大前" if word.startswith("大前") else word[0]
    return today + timedelta(days=_OFFSETS[head]), "date"


_BY_FORM: Mapping[str, Resolver] = {
    "ymd": _ymd,
    "iso": _iso,
    "compact": _ymd,
    "ym": _ym,
    "md": _md,
    "md_bare": _md,
    "slash": _slash,
    "month_d": _month_d,
    "d": _d,
    "week": _week,
    "ago_d": _ago,
    "near": _near,
}
