"""Normal forms and checks of numbers: cards, ID numbers, phones, addresses of sites and wallets.

Pure: texts go in, texts and yes/no come out. Nothing here says that a number exists.
"""

from __future__ import annotations

import hashlib
import re
from datetime import date

ID_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
ID_CHECKS = "10X98765432"
"""GB 11643: check sign by the weighted sum modulo 11 (ISO 7064, MOD 11-2)."""

TAIWAN_LETTERS = "ABCDEFGHJKLMNPQRSTUVXYWZIO"
"""The letter of a Taiwan ID number stands for 10 + its place in this row."""

BASE58 = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
ADDRESS_BYTES = 25
"""A TRC20 or old Bitcoin address: 1 version byte, 20 of hash, 4 of check sum."""

HALF_WIDTH = {0xFF01 + i: 0x21 + i for i in range(94)} | {0x3000: 0x20, 0xFFE5: 0xA5, 0xFE63: 0x2D}
_TRC20 = re.compile(r"T[1-9A-HJ-NP-Za-km-z]{33}")
_ERC20 = re.compile(r"0x[0-9a-fA-F]{40}")
_BTC = re.compile(r"bc1[02-9ac-hj-np-z]{11,71}|[13][1-9A-HJ-NP-Za-km-z]{25,34}")


def half_width(text: str) -> str:
    """Full-width signs as their plain twins, one code point for one."""
    return text.translate(HALF_WIDTH)


def digits_of(text: str) -> str:
    """Give the ASCII digits of `text`, full-width ones included, everything else left out."""
    return re.sub(r"[^0-9]", "", half_width(text))


def luhn_ok(number: str) -> bool:
    """Whether a card number of plain digits carries a right check digit (ISO/IEC 7812-1)."""
    if not re.fullmatch(r"[0-9]{2,}", number):
        return False
    total = 0
    for place, sign in enumerate(reversed(number)):
        digit = int(sign) * (2 if place % 2 else 1)
        total += digit - 9 if digit > 9 else digit  # noqa: PLR2004 - sum of two digits
    return total % 10 == 0


def luhn_digit(body: str) -> str:
    """Find the check digit that completes `body` (plain digits)."""
    return next(sign for sign in "0123456789" if luhn_ok(body + sign))


def id_check_sign(body: str) -> str:
    """Compute the check sign of the first 17 digits of an ID number."""
    return ID_CHECKS[sum(int(d) * w for d, w in zip(body, ID_WEIGHTS, strict=True)) % 11]


def id_number_ok(number: str) -> bool:
    """18 signs: a possible birth date and the right check sign; 15 digits: a possible date.

    The region code is not looked up, so that invented numbers with an impossible one pass.
    """
    if re.fullmatch(r"[0-9]{17}[0-9Xx]", number):
        return _is_date(number[6:14]) and id_check_sign(number[:17]) == number[17].upper()
    return bool(re.fullmatch(r"[0-9]{15}", number)) and _is_date("19" + number[6:12])


def taiwan_id_ok(number: str) -> bool:
    """Want a letter, then 1, 2, 8 or 9, then eight digits, the last one a check digit."""
    if not re.fullmatch(r"[A-Z][1289][0-9]{8}", number):
        return False
    head = 10 + TAIWAN_LETTERS.index(number[0])
    weights = (8, 7, 6, 5, 4, 3, 2, 1, 1)
    total = head // 10 + head % 10 * 9
    total += sum(int(d) * w for d, w in zip(number[1:], weights, strict=True))
    return total % 10 == 0


def _is_date(text: str) -> bool:
    try:
        born = date(int(text[:4]), int(text[4:6]), int(text[6:8]))
    except ValueError:
        return False
    return born.year >= 1880  # noqa: PLR2004 - nobody alive is older


def normal_id_number(text: str) -> str:
    """Without spaces, the check sign X in capitals."""
    return re.sub(r"[^0-9A-Z*]", "", half_width(text).upper())


def normal_account(text: str) -> str:
    """Keep the digits only; a masked number keeps one `*` for every hidden sign."""
    plain = re.sub(r"[xX×•●＊#]", "*", half_width(text))
    return re.sub(r"[^0-9*]", "", plain)


def normal_phone(text: str) -> str:
    """Digits; `+` and country code stay unless it is +86, `00` before a country code becomes `+`.

    `+86 112-3390-0816` and `112 3390 0816` are one number; `+00…`, which callers forge, stays.
    """
    plain = half_width(text).strip()
    digits = re.sub(r"[^0-9*]", "", re.sub(r"[xX×•●]", "*", plain))
    if plain.startswith("+"):
        return digits[2:] if digits.startswith("86") else "+" + digits
    if digits.startswith("0086"):
        return digits[4:]
    if digits.startswith("86") and len(digits) == 13:  # noqa: PLR2004 - 86 and a mobile number
        return digits[2:]
    return "+" + digits[2:] if re.match(r"00[1-9]", digits) else digits


def normal_url(text: str) -> str:
    """Host in small letters, scheme kept if written, defanged signs (hxxp, [.]) made whole."""
    plain = half_width(text).strip().replace("[.]", ".").replace("(.)", ".")
    plain = re.sub(r"^hxxp", "http", plain, flags=re.IGNORECASE)
    found = re.match(r"(?:(https?)://)?([^/?#]*)(.*)", plain, re.IGNORECASE | re.DOTALL)
    assert found, "every part of the pattern may be empty"
    scheme, host, rest = found.groups()
    return (f"{scheme.lower()}://" if scheme else "") + host.lower() + rest


def wallet_chain(address: str) -> str | None:
    """`trc20`, `erc20` or `btc` by the shape of an address, None if it has none of them."""
    if _TRC20.fullmatch(address):
        return "trc20"
    if _ERC20.fullmatch(address):
        return "erc20"
    return "btc" if _BTC.fullmatch(address) else None


def base58_check_ok(address: str) -> bool:
    """Whether a TRC20 or old Bitcoin address carries a right check sum (double SHA-256)."""
    number = 0
    for sign in address:
        if sign not in BASE58:
            return False
        number = number * 58 + BASE58.index(sign)
    if number.bit_length() > ADDRESS_BYTES * 8:
        return False
    raw = number.to_bytes(ADDRESS_BYTES, "big")
    return hashlib.sha256(hashlib.sha256(raw[:-4]).digest()).digest()[:4] == raw[-4:]
