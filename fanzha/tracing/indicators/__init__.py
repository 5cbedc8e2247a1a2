"""Account indicators (账户特征指标): how unusual one account's rows look, for screening only.

Each reading has a value, a level from thresholds that are data, and a sentence that says why. It
accuses nobody and starts no measure; everyday counterparties are left out, and shown as left out.
"""

from fanzha.tracing.indicators.account import AccountFacts, Excluded
from fanzha.tracing.indicators.readings import (
    INDICATOR_NAMES,
    LEVEL_NAMES,
    Indicator,
    Level,
    Reading,
    indicator_records,
    indicators_of,
)

__all__ = [
    "INDICATOR_NAMES",
    "LEVEL_NAMES",
    "AccountFacts",
    "Excluded",
    "Indicator",
    "Level",
    "Reading",
    "indicator_records",
    "indicators_of",
]
