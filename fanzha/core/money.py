"""Money is integer fen (分); 1 yuan = 100 fen, 万 = 10,000, 亿 = 100,000,000."""

from __future__ import annotations

import re
from decimal import Decimal

FEN_PER_YUAN = 100
WAN = 10_000
YI = 100_000_000
THOUSAND, MILLION = 1_000, 1_000_000

MINOR_UNITS = {"CNY": 2, "USD": 2, "EUR": 2, "HKD": 2, "JPY": 0, "USDT": 6, "USDC": 6}
"""Decimal places per currency; amounts are stored as integers of the last place."""


_PLAIN = re.compile(r"[+-]?(?:[0-9]{1,18}(?:\.[0-9]{0,8})?|\.[0-9]{1,8})")


class BadAmount(ValueError):
    """A text is not an amount of money that the currency can hold."""


def parse_yuan(text: str, *, currency: str = "CNY") -> int:
    """Integer minor units of `text` ("26,000.00", "¥1.5", "-3"); never through float.

    Raises BadAmount when it is no plain number (exponents are refused: `1e999999` would take the
    memory of the machine) or has more decimals than the currency.
    """
    cleaned = re.sub(r"[\s,，¥￥]", "", text)
    if not _PLAIN.fullmatch(cleaned):
        raise BadAmount(f"{text!r} is not an amount")
    places = MINOR_UNITS.get(currency, 2)
    minor = Decimal(cleaned).scaleb(places)
    if minor != minor.to_integral_value():
        raise BadAmount(f"{text!r} has more than {places} decimals")
    return int(minor)


def format_yuan(fen: int) -> str:
    """`1,750,000.00` of 175000000 fen."""
    sign = "-" if fen < 0 else ""
    yuan, rest = divmod(abs(fen), FEN_PER_YUAN)
    return f"{sign}{yuan:,}.{rest:02d}"


def plain_yuan(fen: int) -> str:
    """`1750000.00`: the form that messages and files carry."""
    return format_yuan(fen).replace(",", "")


def hint_wan(fen: int) -> str:
    """`175 万` or `1.2 亿`, the hint beside a large figure; empty below 10,000 yuan."""
    yuan = Decimal(abs(fen)) / FEN_PER_YUAN
    if yuan >= YI:
        return f"{_short(yuan / YI)} 亿"
    if yuan >= WAN:
        return f"{_short(yuan / WAN)} 万"
    return ""


def hint_million(fen: int) -> str:
    """`1.75M` or `140.3K`: the same hint for readers of English; empty below 10,000 yuan."""
    yuan = Decimal(abs(fen)) / FEN_PER_YUAN
    if yuan >= MILLION:
        return f"{_short(yuan / MILLION)}M"
    if yuan >= WAN:
        return f"{_short(yuan / THOUSAND)}K"
    return ""


def _short(value: Decimal) -> str:
    text = f"{value:.2f}"
    return text.rstrip("0").rstrip(".")
