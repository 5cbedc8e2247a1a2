"""Moments: a date, a time of day, or both, resolved against the moment of the telling."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING

from fanzha.core.clock import ZONE
from fanzha.intake.recognition import dates, numerals

if TYPE_CHECKING:
    from fanzha.intake.recognition.spans import Sheet

_PART = (
    r"凌晨|清晨|清早|早晨|早上|大清早|上午|午前|中午|正午|下午|午后|傍晚|晚上|晚间|夜里|夜间"
    r"|深夜|半夜|午夜|上半夜|下半夜|早|晚"
)
_CN_HOUR = r"(?:二十[一二三四]?|十[一二三四五六七八九]?|[零一二三四五六七八九两])"
_CN_MINUTE = r"(?:[二三四五]?十[一二三四五六七八九]?|零?[一二三四五六七八九])"
_COLON = (
    r"(?<![0-9:.])(?:[01]?[0-9]|2[0-4]):[0-5][0-9](?::[0-5][0-9](?:\.[0-9]{1,6})?)?(?![0-9]|:[0-9])"
    r"(?: ?[AaPp]\.?[Mm]\b\.?)?"
)
_SPOKEN = (
    rf"(?<![0-9.零一二三四五六七八九十百千])(?:[01]?[0-9]|2[0-4]|{_CN_HOUR}) ?[点时]"
    rf"(?:钟|整|半|[一三]刻|过? ?(?:[0-5]?[0-9]|{_CN_MINUTE})(?![0-9万亿千百元块]) ?分?(?:[0-5]?[0-9]秒)?)?"
)
_CLOCK = rf"(?:{_COLON}|{_SPOKEN})"
_TAIL14 = r"(?<=[0-9]{8})[0-9]{6}(?![0-9])"
_ISO_T = (
    r"T(?:[01][0-9]|2[0-3]):[0-5][0-9](?::[0-5][0-9](?:\.[0-9]{1,6})?)?"
    r"(?:Z|[+-][0-9]{2}:?[0-9]{2})?"
)
_AGO = (
    r"(?P<count>[0-9]{1,3}|[一二三四五六七八九十两]{1,3}|半|一个半)(?:几|多|来)?个?(?P<half>半)?"
    r"(?P<unit>小时|钟头|分钟|刻钟)(?:之|以)?前"
)
_GAP = r"[ 的]{0,2}"
_WEEKDAY = r"(?: ?[(]?(?:星期|周|礼拜)[一二三四五六日天][)]?)?"
MOMENT = re.compile(
    rf"(?P<ago>{_AGO})|(?P<now>刚刚|刚才|方才)"
    rf"|(?P<date>{dates.DATE})(?:(?P<iso>{_ISO_T})|(?P<tail>{_TAIL14})"
    rf"|{_WEEKDAY}{_GAP}(?P<part>{_PART})?{_GAP}(?P<clock>{_CLOCK})|{_GAP}(?P<part2>{_PART}))?"
    rf"|(?P<part3>{_PART})? ?(?P<clock3>{_CLOCK})"
)
_ROUGH = re.compile(r" ?(?:左右|许|前后|多|上下|的?样子)")
_ROUGH_BEFORE = re.compile(r"(?:大约|大概|约|差不多|将近|快)$")
_NUMBERED = re.compile(r"[号码][是为:： ]{0,3}$")
"""学号20250312 is no date."""

_EVENING = {"昨晚", "昨夜", "前晚", "前夜", "今晚", "今夜", "当晚", "明晚"}
_MORNING = {"今早", "今晨", "昨早", "明早"}


@dataclass(slots=True)
class _Told:
    """What was said so far: the day and the part of day that later times lean on."""

    at: datetime
    day: date | None = None
    part: str = ""


def find(sheet: Sheet, at: datetime) -> None:
    """Add every moment; `at` is aware. A time without a date belongs to the day named last."""
    told = _Told(at.astimezone(ZONE))
    for match in MOMENT.finditer(sheet.open):
        end = match.end()
        found = _read(sheet, match, told)
        if found is None:
            continue
        value, precision = found
        extra: dict[str, object] = {"precision": precision}
        rough = _ROUGH.match(sheet.folded[end : end + 4]) or _ROUGH_BEFORE.search(
            sheet.before(match.start(), 4)
        )
        if rough or match["now"] or match["ago"]:
            extra["approx"] = True
        start = match.start() + len(match[0]) - len(match[0].lstrip())
        sheet.add(start, match.start() + len(match[0].rstrip(" 的")), "time", value, **extra)


def _read(  # noqa: PLR0911 - one line for each form of a moment
    sheet: Sheet, match: re.Match[str], told: _Told
) -> tuple[str, str] | None:
    """Give the ISO 8601 value and precision; None for what only looks like a moment."""
    if match["now"]:
        return told.at.replace(microsecond=0).isoformat(), "minute"
    if match["ago"]:
        return _ago(match, told.at)
    clock_text = match["clock"] or match["clock3"] or ""
    part = match["part"] or match["part2"] or match["part3"] or ""
    if match["date"]:
        if match["date"].isdigit() and _NUMBERED.search(sheet.before(match.start(), 6)):
            return None
        found = dates.resolve(sheet.open, match.span("date"), told.at.date(), told.day)
        if found is None:
            return None
        told.day, precision = found
        told.part = part = part or _part_of(match["date"])
        if match["iso"]:
            return _iso(told.day, match["iso"])
        if match["tail"]:
            clock_text = ":".join(re.findall("..", match["tail"]))
        if not clock_text:
            text = told.day.isoformat()
            return (text[:7], "month") if precision == "month" else (text, "date")
    elif not _sure(sheet, match, clock_text, part):
        return None
    return _moment(told, clock_text, part, dated=bool(match["date"]))


def _part_of(date_text: str) -> str:
    if date_text in _EVENING:
        return "晚上"
    return "早上" if date_text in _MORNING else ""


def _ago(match: re.Match[str], at: datetime) -> tuple[str, str] | None:
    count = {"半": 0.5, "一个半": 1.5}.get(match["count"])
    if count is None:
        whole = numerals.whole(match["count"])
        if whole is None:
            return None
        count = whole + (0.5 if match["half"] else 0)
    minutes = count * {"小时": 60, "钟头": 60, "分钟": 1, "刻钟": 15}[match["unit"]]
    moment = at - timedelta(minutes=minutes)
    return moment.replace(second=0, microsecond=0).isoformat(), "minute"


def _iso(day: date, text: str) -> tuple[str, str] | None:
    try:
        moment = datetime.fromisoformat(day.isoformat() + text)
    except ValueError:
        return None
    moment = moment if moment.tzinfo else moment.replace(tzinfo=ZONE)
    try:
        return moment.astimezone(ZONE).replace(microsecond=0).isoformat(), "second"
    except OverflowError:
        return None


def _sure(sheet: Sheet, match: re.Match[str], clock: str, part: str) -> bool:
    """一点 and 三时 are often no time: without a date they need digits, a part, or more words."""
    if part or ":" in clock:
        return True
    rest = sheet.folded[match.end() : match.end() + 2]
    if re.search(r"[半刻钟整分]$|[点时]过?.", clock):
        return True
    if rest[:1] and rest[0] in "击赞开播评的儿钱":
        return False
    if clock[0].isdigit():
        return bool(re.search(r"[0-9]", clock)) and rest[:1] not in {"间", "候"}
    if clock[-1] == "时" or clock.startswith("一点"):
        return False
    return bool(_ROUGH.match(rest)) or sheet.before(match.start(), 2).endswith(
        ("在", "约", "到", "是", "从", "概", "至", "，", ",")
    )


def _moment(told: _Told, clock: str, part: str, *, dated: bool) -> tuple[str, str] | None:
    read = _clock(clock)
    if read is None:
        return None
    hour, minute, second, precision = read
    if hour > 24 or max(minute, second) > 59:  # noqa: PLR2004 - hours of a day, minutes of an hour
        return None
    if not part and not dated and ":" not in clock:
        part = told.part
    open_half = not part and "点" in clock and hour <= 12  # noqa: PLR2004 - morning or evening
    hour, next_day = _hour(hour, part, spoken="点" in clock)
    day = told.day or told.at.date()
    moment = datetime.combine(day, time(hour, minute, second), ZONE)
    try:
        moment += timedelta(days=next_day)
        if told.day in {None, told.at.date()} and moment > told.at + timedelta(minutes=1):
            moment = _past(moment, told, halves=open_half)
    except OverflowError:
        return None
    told.part = part or told.part
    return moment.isoformat(), precision


def _past(moment: datetime, told: _Told, *, halves: bool) -> datetime:
    """Put before the telling what has happened: half a day back if that was open, else a day."""
    if halves and moment - timedelta(hours=12) <= told.at:
        return moment - timedelta(hours=12)
    return moment - timedelta(days=1) if told.day is None else moment


def _clock(text: str) -> tuple[int, int, int, str] | None:
    """Hour, minute, second and precision of a match of _CLOCK; am and pm are applied."""
    colon = re.match(r"([0-9]{1,2}):([0-9]{2})(?::([0-9]{2}))?.*?([AaPp])?\.?(?:[Mm]\.?)?$", text)
    if colon:
        hour = int(colon[1])
        half = (colon[4] or "").lower()
        hour = hour % 12 + (12 if half == "p" else 0) if half else hour
        return hour, int(colon[2]), int(colon[3] or 0), "second" if colon[3] else "minute"
    spoken = re.match(r"(.+?) ?[点时]过?(.*)$", text)
    assert spoken, "the clock pattern has no third form"
    found = numerals.whole(spoken[1])
    rest = spoken[2].strip()
    if found is None:
        return None
    if not rest or rest in {"钟", "整"}:
        return found, 0, 0, "hour"
    fixed = {"半": 30, "一刻": 15, "三刻": 45}.get(rest)
    if fixed is not None:
        return found, fixed, 0, "minute"
    minutes, _, seconds = rest.rstrip("秒").partition("分")
    minute = numerals.whole(minutes.strip())
    if minute is None or minute > 59:  # noqa: PLR2004 - minutes of an hour
        return None
    return found, minute, int(seconds or 0), "second" if seconds else "minute"


def _hour(  # noqa: PLR0911 - one line for each part of the day
    hour: int, part: str, *, spoken: bool
) -> tuple[int, int]:
    """Give the hour in 24 and how many days later: 下午3点 is 15, 晚上12点 the next day's 0."""
    if hour == 24:  # noqa: PLR2004 - midnight at the end of a day
        return 0, 1
    if hour > 12 or not part:  # noqa: PLR2004 - already said in 24 hours
        # Who says 三点 without 凌晨 means the afternoon.
        by_day = spoken and not part and 1 <= hour <= 5  # noqa: PLR2004 - the small hours
        return hour + 12 if by_day else hour, 0
    if part in {"凌晨", "下半夜"}:
        return hour % 12, 0
    if part in {"下午", "午后", "傍晚"}:
        return hour % 12 + 12, 0
    if part in {"中午", "正午"}:
        return hour + 12 if hour < 4 else hour, 0  # noqa: PLR2004 - 中午1点 is 13
    if part.startswith(("晚", "夜", "深夜", "半夜", "午夜", "上半夜")):
        if hour == 12:  # noqa: PLR2004 - midnight
            return 0, 1
        late = hour <= 4  # noqa: PLR2004 - the small hours
        return (hour, int(part.startswith("晚"))) if late else (hour + 12, 0)
    return hour, 0
