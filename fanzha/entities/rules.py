"""The pure door of this package: checks and normal forms of numbers, names of institutions."""

from fanzha.entities.banks import (
    Institution,
    bank_of,
    bins,
    canonical_bank,
    clearing_codes,
    institutions,
    names,
)
from fanzha.entities.numbers import (
    HALF_WIDTH,
    base58_check_ok,
    digits_of,
    half_width,
    id_check_sign,
    id_number_ok,
    luhn_digit,
    luhn_ok,
    normal_account,
    normal_id_number,
    normal_phone,
    normal_url,
    taiwan_id_ok,
    wallet_chain,
)
from fanzha.entities.tables import read_table

__all__ = [
    "HALF_WIDTH",
    "Institution",
    "bank_of",
    "base58_check_ok",
    "bins",
    "canonical_bank",
    "clearing_codes",
    "digits_of",
    "half_width",
    "id_check_sign",
    "id_number_ok",
    "institutions",
    "luhn_digit",
    "luhn_ok",
    "names",
    "normal_account",
    "normal_id_number",
    "normal_phone",
    "normal_url",
    "read_table",
    "taiwan_id_ok",
    "wallet_chain",
]
