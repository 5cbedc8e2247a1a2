"""Readings: the value of each indicator of one account, its level, and a sentence that says why."""

from __future__ import annotations

from enum import StrEnum
from functools import cache
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import yaml

from fanzha.core.money import format_yuan
from fanzha.core.refusal import gettext_noop
from fanzha.tracing.indicators import measures
from fanzha.tracing.indicators.account import account_of, usual_noise
from fanzha.tracing.indicators.measures import Measure
from fanzha.tracing.shapes import shared_groups
from fanzha.tracing.shapes.model import DATA

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from fractions import Fraction

    from fanzha.tracing.engine import Movements
    from fanzha.tracing.indicators.account import Account, AccountFacts, Excluded, Noise


class Indicator(StrEnum):
    """The indicators; each is defined in `measures` by a function of its name."""

    IN_OUT_GAP = "in_out_gap"
    CASH_SHARE = "cash_share"
    TOP_COUNTERPARTIES = "top_counterparties"
    SAME_NAME_ACCOUNTS = "same_name_accounts"
    WHOLE_AMOUNTS = "whole_amounts"
    FAST_DAYS = "fast_days"
    TURNOVER = "turnover"
    REGION_SHARE = "region_share"
    BANK_SHARE = "bank_share"
    QUICK_LARGE_PAIRS = "quick_large_pairs"
    SHARED_ADDRESSES = "shared_addresses"


class Level(StrEnum):
    """How unusual a value is; `raised` lies between ordinary and abnormal."""

    NORMAL = "normal"
    RAISED = "raised"
    ABNORMAL = "abnormal"
    HIGH = "high"
    TOO_FEW = "too_few"
    NOT_KNOWN = "not_known"


LEVEL_NAMES: Final[Mapping[Level, str]] = {
    Level.NORMAL: gettext_noop("ordinary"),
    Level.RAISED: gettext_noop("raised"),
    Level.ABNORMAL: gettext_noop("abnormal"),
    Level.HIGH: gettext_noop("highly abnormal"),
    Level.TOO_FEW: gettext_noop("too few rows to tell"),
    Level.NOT_KNOWN: gettext_noop("not known"),
}
INDICATOR_NAMES: Final[Mapping[Indicator, str]] = {
    Indicator.IN_OUT_GAP: gettext_noop("difference of in and out"),
    Indicator.CASH_SHARE: gettext_noop("share of cash"),
    Indicator.TOP_COUNTERPARTIES: gettext_noop("concentration on three counterparties"),
    Indicator.SAME_NAME_ACCOUNTS: gettext_noop("counterparties of the same name"),
    Indicator.WHOLE_AMOUNTS: gettext_noop("share of whole ten thousands"),
    Indicator.FAST_DAYS: gettext_noop("share of days with quick in and out"),
    Indicator.TURNOVER: gettext_noop("turnover by mean balance"),
    Indicator.REGION_SHARE: gettext_noop("concentration on one region"),
    Indicator.BANK_SHARE: gettext_noop("concentration on one bank"),
    Indicator.QUICK_LARGE_PAIRS: gettext_noop("large sums in and out within half an hour"),
    Indicator.SHARED_ADDRESSES: gettext_noop("other accounts on the same device or address"),
}
REASONS: Final[Mapping[Indicator, str]] = {
    Indicator.IN_OUT_GAP: gettext_noop("%(came)s came in and %(gone)s went out."),
    Indicator.CASH_SHARE: gettext_noop("%(cash)s, %(value)s of all amounts, were cash."),
    Indicator.TOP_COUNTERPARTIES: gettext_noop(
        "The %(top)d largest of %(counted)d counterparties have %(value)s of the amounts."
    ),
    Indicator.SAME_NAME_ACCOUNTS: gettext_noop(
        "%(value)s of %(counted)d counterparties bear the holder's own name."
    ),
    Indicator.WHOLE_AMOUNTS: gettext_noop(
        "%(whole)d of %(counted)d rows are whole ten thousands of yuan."
    ),
    Indicator.FAST_DAYS: gettext_noop(
        "On %(fast)d of %(days)d days money went on within half an hour."
    ),
    Indicator.TURNOVER: gettext_noop(
        "The amounts are %(value)s times the mean balance of %(mean)s."
    ),
    Indicator.REGION_SHARE: gettext_noop(
        "Counterparties from region %(most)s have %(value)s of the amounts."
    ),
    Indicator.BANK_SHARE: gettext_noop("Counterparties at %(most)s have %(value)s of the amounts."),
    Indicator.QUICK_LARGE_PAIRS: gettext_noop(
        "%(value)s times a large sum came in and one went out within half an hour."
    ),
    Indicator.SHARED_ADDRESSES: gettext_noop(
        "%(value)s other accounts were used from the same device, IP or MAC."
    ),
}
NOT_KNOWN: Final = gettext_noop("What this needs is not known for the account.")
MEANING: Final = gettext_noop(
    "For screening only: thresholds come from published code and must be checked locally."
)
_MONEY: Final = {"came", "gone", "cash", "mean"}
_COUNTS: Final = {
    Indicator.SAME_NAME_ACCOUNTS,
    Indicator.QUICK_LARGE_PAIRS,
    Indicator.SHARED_ADDRESSES,
}


class Reading(NamedTuple):
    """One indicator of one account; `value` is exact, None where it cannot be measured.

    `thresholds` are (normal, abnormal, high). `excluded` are the rows that were left out.
    """

    indicator: Indicator
    value: Fraction | int | None
    level: Level
    thresholds: tuple[float, float, float]
    facts: Mapping[str, object]
    excluded: tuple[Excluded, ...]

    @property
    def template(self) -> str:
        """The marked sentence that `facts` fill."""
        return NOT_KNOWN if self.value is None else REASONS[self.indicator]

    @property
    def reason(self) -> str:
        """What was seen, in one sentence."""
        return self.template % self.facts


@cache
def usual_table() -> Mapping[str, Any]:
    """The contents of `data/indicators.yaml`."""
    text = (DATA / "indicators.yaml").read_text(encoding="utf-8")
    loaded: dict[str, Any] = yaml.safe_load(text)
    return loaded


def indicators_of(
    movements: Movements,
    account: str,
    *,
    facts: Mapping[str, AccountFacts] | None = None,
    attributes: Mapping[str, Mapping[str, str]] | None = None,
    opening_fen: int | None = None,
    noise: Noise | None = None,
    table: Mapping[str, Any] | None = None,
) -> list[Reading]:
    """Read all indicators of an account; every one is there, also where it is not known.

    `facts` tells of accounts by name; `attributes` of rows, as `shapes.shared_groups` takes them.
    `opening_fen` lay there before the first row. `noise` and `table` replace the data files.
    Rows in the home currency only; what a reversal took back is left out, with the reversal.
    """
    used = table or usual_table()
    words = usual_noise() if noise is None else noise
    seen = account_of(movements, account, facts=facts or {}, noise=words, opening_fen=opening_fen)
    found = []
    for indicator in Indicator:
        if indicator is Indicator.SHARED_ADDRESSES:
            measure = _shared_addresses(movements, account, attributes)
        else:
            define: Callable[[Account, Mapping[str, float]], Measure]
            define = getattr(measures, indicator.value)
            measure = define(seen, used["counts"])
        found.append(_reading(indicator, measure, used["indicators"][indicator.value], seen))
    return found


def _shared_addresses(
    movements: Movements, account: str, attributes: Mapping[str, Mapping[str, str]] | None
) -> Measure:
    """Other accounts joined to this one by a shared device, IP or MAC."""
    if attributes is None:
        return Measure(None, 0, {})
    groups = [group for group in shared_groups(movements, attributes) if group.joined]
    others = sum(len(group.accounts) - 1 for group in groups if account in group.accounts)
    return Measure(others, 1, {})


def _reading(
    indicator: Indicator, measure: Measure, table: Mapping[str, Any], account: Account
) -> Reading:
    facts = {
        name: format_yuan(fact) if name in _MONEY and isinstance(fact, int) else fact
        for name, fact in measure.facts.items()
    }
    facts |= {"counted": measure.counted, "value": _text(indicator, measure.value)}
    return Reading(
        indicator=indicator,
        value=measure.value,
        level=level_of(measure, table),
        thresholds=(table["normal"], table["abnormal"], table["high"]),
        facts=facts,
        excluded=account.left_out + (account.noise() if table.get("without_noise") else ()),
    )


def level_of(measure: Measure, table: Mapping[str, Any]) -> Level:
    """The level of a value by the thresholds of its row in the table; comparisons are inclusive."""
    if measure.value is None:
        return Level.NOT_KNOWN
    if measure.counted < table["least"]:
        return Level.TOO_FEW
    sign = -1 if table.get("low_is_bad") else 1
    value = sign * float(measure.value)
    if value >= sign * table["high"]:
        return Level.HIGH
    if value >= sign * table["abnormal"]:
        return Level.ABNORMAL
    return Level.NORMAL if value <= sign * table["normal"] else Level.RAISED


def _text(indicator: Indicator, value: Fraction | int | None) -> str:
    if value is None:
        return ""
    if indicator in _COUNTS:
        return str(value)
    return f"{float(value):.1f}" if indicator is Indicator.TURNOVER else f"{float(value):.1%}"


def indicator_records(readings: list[Reading]) -> dict[str, Any]:
    """Make the record of an account's readings that becomes JSON."""
    return {
        "version": usual_table()["version"],
        "meaning": MEANING,
        "indicators": [
            {
                "indicator": reading.indicator.value,
                "value": None if reading.value is None else round(float(reading.value), 6),
                "level": reading.level.value,
                "thresholds": list(reading.thresholds),
                "reason": reading.reason,
                "excluded": [part._asdict() for part in reading.excluded],
            }
            for reading in readings
        ],
    }
