"""Single cells: money, times and account numbers as institutions write them."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from functools import lru_cache

from fanzha.core.clock import ZONE
from fanzha.core.money import BadAmount, parse_yuan
from fanzha.entities.rules import half_width, luhn_ok, normal_account
from fanzha.movements.row import Account

MOST_FEN = 10**17
"""A quadrillion yuan: beyond it a cell is no amount of money (and int64 is near)."""
LONGEST_AMOUNT = 40
"""More characters are no amount, whatever they are."""
LONGEST_CURRENCY = 42
"""A token may go by the address of its contract; cut shorter, two tokens would be added up."""
EXACT_DIGITS = 15
"""Excel's numbers hold so many decimal digits; longer account numbers lose the rest."""
SHORTEST_NUMBER = 4
ON_CHAIN = 42
"""Characters of an address of Ethereum, whose x is no mask."""
ZEROS_BY_CHANCE = 2

_ODD = re.compile(r"[\t\r\n\u3000\xa0\u200b\ufeff]")
_BLANK = re.compile(r"\s")
_DIGIT = re.compile(r"[0-9]")
_NUMBER = re.compile(r"[0-9]+(?:_[0-9A-Za-z]*)?")
_WHOLE = re.compile(r"[0-9]+\.0*")
_MASKED = re.compile(r"[0-9xX×•●*#]*[0-9]{3}[0-9xX×•●*#]*")
_ISO_LENGTH = len("2026-03-18 12:00:00")
_AMOUNT = re.compile(r"[+-]?(?:[0-9]{1,3}(?:,[0-9]{3})+|[0-9]+)?(?:\.[0-9]*)?")
_BRACKETED = re.compile(r"\((.+)\)")
_UNIT = re.compile(r"^(?:CNY|RMB|人民币|¥|￥)+|元$", re.IGNORECASE)
_WHOLE_DOUBLE = re.compile(r"[+-]?[0-9]\.[0-9]{1,16}E-?[1-9][0-9]?")
"""How Java writes a number below 0.001 or from ten million on: with every digit that it has."""
_FLOAT = re.compile(r"([0-9](?:\.[0-9]*)?)E\+?([0-9]{1,3})", re.IGNORECASE)
_TIME = re.compile(
    r"(?P<y>[12][0-9]{3})[-/.年](?P<m>[0-9]{1,2})[-/.月](?P<d>[0-9]{1,2})日?"
    r"(?:[T ]*(?P<H>[0-9]{1,2})[:时](?P<M>[0-9]{1,2})"
    r"(?:[:分](?P<S>[0-9]{1,2})(?:\.[0-9]+)?秒?|分)?)?"
    r" ?(?P<zone>Z|[+-][0-9]{2}:?[0-9]{2})?"
)
_COMPACT = re.compile(
    r"(?P<y>[12][0-9]{3})(?P<m>[0-9]{2})(?P<d>[0-9]{2})"
    r"(?:[T ]?(?P<H>[0-9]{1,2}):?(?P<M>[0-9]{2})(?::?(?P<S>[0-9]{2})(?:\.?[0-9]{1,6})?)?)?"
    r"(?P<zone>Z|[+-][0-9]{2}:?[0-9]{2})?"
)
_SERIAL = re.compile(r"([2-7][0-9]{4}(?:\.[0-9]+)?)(?: (0?\.[0-9]+|0))?")
_ENGLISH = re.compile(
    r"(?:(?P<d>[0-9]{1,2})[- /]?(?P<b>[A-Z]{3})[A-Z]*|(?P<b2>[A-Z]{3})[A-Z]* (?P<d2>[0-9]{1,2}))"
    r"[-, /]{1,2}(?P<y>[12][0-9]{3})(?P<rest> .*)?",
    re.IGNORECASE,
)
_MONTHS = ["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"]
_EXCEL_DAY_0 = datetime(1899, 12, 30, tzinfo=ZONE)
_YEARS = range(1980, 2101)


class Unreadable(ValueError):
    """A cell that cannot be read; `reason` is one of rules.REASONS."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def clean(cell: str) -> str:
    """The cell without tabs, odd blanks and the marks by which Excel is told "this is text"."""
    # Most cells need no pattern; odd blanks are not printable, a plain space is.
    text = cell.strip() if cell.isprintable() else _ODD.sub(" ", cell).strip()
    if text[:2] == '="' and text[-1:] == '"':
        text = text[2:-1].strip()
    return text.lstrip("'`").strip() if text[:1] in ("'", "`") else text


@lru_cache(maxsize=65536)
def amount_of(text: str, currency: str = "CNY") -> int:
    """Minor units of a cell such as `¥26,000.00`; raises Unreadable (bad_amount, sub_fen)."""
    plain = text if text.isascii() else half_width(text)
    plain = _UNIT.sub("", _BLANK.sub("", plain))
    bracketed = _BRACKETED.fullmatch(plain)
    plain = f"-{bracketed[1]}" if bracketed else plain
    if _WHOLE_DOUBLE.fullmatch(plain):
        plain = f"{Decimal(plain):f}"
    if not _AMOUNT.fullmatch(plain) or not _DIGIT.search(plain):
        rounded = bool(_FLOAT.fullmatch(plain.lstrip("+-")))
        raise Unreadable("rounded_amount" if rounded else "bad_amount")
    if "." in plain:  # zeros behind the last digit are no decimals, however many there are
        plain = plain.rstrip("0").rstrip(".") or "0"
    if len(plain) > LONGEST_AMOUNT:
        raise Unreadable("bad_amount")
    try:
        minor = parse_yuan(plain, currency=currency)
    except BadAmount:
        raise Unreadable("sub_fen") from None
    if abs(minor) > MOST_FEN:
        raise Unreadable("bad_amount")
    return minor


@lru_cache(maxsize=65536)
def time_of(text: str) -> tuple[datetime, str]:
    """The time, aware (without a zone: the centre's), and its precision; raises Unreadable."""
    if len(text) == _ISO_LENGTH and (read := _iso(text)):
        return read, "second"
    plain = " ".join(half_width(text).split())
    found = _TIME.fullmatch(plain) or _COMPACT.fullmatch(plain)
    if found is None and (named := _ENGLISH.fullmatch(plain)):
        found = _TIME.fullmatch(_numbered(named))
    if found is None:
        return _excel_serial(plain)
    parts = found.groupdict()
    hour, minute, second = (int(parts[each] or 0) for each in "HMS")
    try:
        moment = datetime(
            int(parts["y"]), int(parts["m"]), int(parts["d"]), hour, minute, second, tzinfo=ZONE
        )
    except ValueError:
        raise Unreadable("bad_time") from None
    if moment.year not in _YEARS:
        raise Unreadable("bad_time")
    precision = "second" if parts["S"] else "minute" if parts["H"] else "date"
    return (moment.replace(tzinfo=_zone(parts["zone"])) if parts["zone"] else moment), precision


def _iso(text: str) -> datetime | None:
    """The commonest form, which needs no pattern; None sends anything else the long way."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    plain = moment.tzinfo is None and moment.year in _YEARS
    return moment.replace(tzinfo=ZONE) if plain else None


def _zone(text: str) -> timezone:
    if text == "Z":
        return UTC
    offset = timedelta(hours=int(text[1:3]), minutes=int(text[-2:]))
    return timezone(-offset if text[0] == "-" else offset)


def _numbered(named: re.Match[str]) -> str:
    """A date with the English name of its month, with a number in its place."""
    month = (named["b"] or named["b2"]).upper()
    number = _MONTHS.index(month) + 1 if month in _MONTHS else 0
    return f"{named['y']}-{number}-{named['d'] or named['d2']}{named['rest'] or ''}"


def _excel_serial(plain: str) -> tuple[datetime, str]:
    """Days since 1899-12-30, as Excel writes a date whose format was lost; time may stand apart."""
    found = _SERIAL.fullmatch(plain)
    if found is None:
        raise Unreadable("bad_time")
    days = Decimal(found[1]) + Decimal(found[2] or 0)
    moment = _EXCEL_DAY_0 + timedelta(seconds=round(days * 86400))
    exact = found[2] is not None or days != days.to_integral_value()
    return moment, "second" if exact else "date"


@lru_cache(maxsize=65536)
def account_of(text: str) -> Account:
    """An account number: blanks and hyphens left out, `main_sub` split, damage recognised."""
    plain = text if text.isdecimal() and text.isascii() else half_width(text)
    plain = _BLANK.sub("", plain).replace("-", "")
    if not plain or not plain.strip("0*."):
        return Account()
    if _NUMBER.fullmatch(plain):
        main, _, sub = plain.partition("_")
        return Account(normal_account(main), sub, "number") if _long(main) else Account()
    if _WHOLE.fullmatch(plain):
        main = plain.partition(".")[0]
        return Account(main, "", "number" if len(main) <= EXACT_DIGITS else "damaged")
    if found := _FLOAT.fullmatch(plain):
        return _from_float(plain, found[1], int(found[2]))
    if _MASKED.fullmatch(plain) and not (plain[:2].lower() == "0x" and len(plain) == ON_CHAIN):
        return Account(normal_account(plain), "", "masked")
    return Account(plain.casefold(), "", "text")


def maybe_damaged(number: str) -> bool:
    """A hint only: 18 digits or more, zeros from the 16th on, and a wrong check digit."""
    tail = number[EXACT_DIGITS:]
    return len(tail) > ZEROS_BY_CHANCE and not tail.strip("0") and not luhn_ok(number)


def _long(number: str) -> bool:
    return len(number) >= SHORTEST_NUMBER


def _from_float(plain: str, mantissa: str, exponent: int) -> Account:
    digits = mantissa.replace(".", "")
    if len(digits) == exponent + 1 <= EXACT_DIGITS:
        return Account(digits, "", "number")
    return Account(plain.upper(), "", "damaged")
