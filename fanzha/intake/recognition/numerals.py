"""Chinese numerals: 三万五千, 两万八, 壹拾贰万叁仟, 三四万; plain and formal signs."""

from __future__ import annotations

DIGITS = {sign: value for value, sign in enumerate("零一二三四五六七八九")}
DIGITS |= {sign: value for value, sign in enumerate("零壹贰叁肆伍陆柒捌玖")}
DIGITS |= {"〇": 0, "两": 2, "俩": 2, "仨": 3, "弍": 2, "弐": 2}
UNITS = {"十": 10, "拾": 10, "百": 100, "佰": 100, "千": 1000, "仟": 1000}
DIGIT_SIGNS = "".join(DIGITS)
UNIT_SIGNS = "".join(UNITS)
SIGNS = DIGIT_SIGNS + UNIT_SIGNS + "廿卅"

Range = tuple[int, int]


def small(text: str) -> Range | None:
    """Give the lowest and highest value that a numeral below 万 can mean, None if it is none.

    三千五 is 3,500 (the last digit takes the place below), 三四百 is 300 to 400, 二三十 20 to 30.
    A row of bare digits (一二三) is no numeral.
    """
    text = text.replace("廿", "二十").replace("卅", "三十")
    low = high = 0
    place, last, pending = 10_000, 1, ""
    for sign in text:
        if sign not in UNITS:
            pending += sign
            continue
        unit = UNITS[sign]
        part = _digits(pending) if pending else (1, 1)
        alone = not pending and unit > 10  # noqa: PLR2004 - 十 alone is 10, 百 alone is no numeral
        if part is None or unit >= place or alone:
            return None
        low, high = low + part[0] * unit, high + part[1] * unit
        place = last = unit
        pending = ""
    if pending:
        part = _digits(pending)
        if part is None:
            return None
        tail = last // 10 if last > 10 and pending[0] not in "零〇" else 1  # noqa: PLR2004 - 十五 is 15
        low, high = low + part[0] * tail, high + part[1] * tail
    return low, high


def _digits(text: str) -> Range | None:
    """One digit, or two neighbours in a row (三四); a leading 零 is only a filler."""
    bare = text.lstrip("零〇") or text[:1]
    values = [DIGITS[sign] for sign in bare]
    if len(values) == 1:
        return values[0], values[0]
    if len(values) == 2 and values[1] == values[0] + 1:  # noqa: PLR2004 - a pair
        return values[0], values[1]
    return None


def whole(text: str) -> int | None:
    """Read a number of up to four places without a range, in either writing: `23`, `二十三`."""
    if text.isascii() and text.isdigit():
        return int(text)
    found = small(text) if text and all(sign in SIGNS for sign in text) else None
    return found[0] if found and found[0] == found[1] else None
