"""The fraud type a text speaks for, with the very phrases found. A suggestion, never a finding."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from fanzha.entities.rules import read_table

DATA = Path(__file__).parents[1] / "data" / "fraud_types.yaml"
PHRASES_SHOWN = 4
PHRASE_LENGTH = 40
NO_EVIDENCE = "没有出现能说明类型的词句"


@dataclass(frozen=True, slots=True)
class FraudType:
    """One type of the 12+2 taxonomy; `phrases` are (weight, pattern), the heaviest first."""

    code: str
    name: str
    english: str
    prevention: str
    phrases: tuple[tuple[int, re.Pattern[str]], ...]


@dataclass(frozen=True, slots=True)
class Suggestion:
    """The type suggested, or None with the reason why not; `scores` holds code -> sum."""

    code: str | None
    name: str | None
    reason: str
    scores: tuple[tuple[str, int], ...] = ()

    def as_dict(self) -> dict[str, str | None]:
        """Give the public form: code, name, reason."""
        return {"code": self.code, "name": self.name, "reason": self.reason}


@cache
def table() -> tuple[str, int, tuple[FraudType, ...]]:
    """Version, threshold and types of the data file."""
    data = read_table(DATA)
    types = tuple(
        FraudType(
            row["code"],
            row["name"],
            row["english"],
            row["prevention"],
            tuple(
                (weight, re.compile(phrase))
                for weight, phrases in row["phrases"].items()
                for phrase in phrases
            ),
        )
        for row in data["types"]
    )
    return data["version"], data["threshold"], types


def suggest(raw: str, folded: str) -> Suggestion:
    """Suggest the type with the heaviest evidence in `folded`; the reason quotes `raw`."""
    _, threshold, types = table()
    best: tuple[int, FraudType | None, list[tuple[int, str]]] = (0, None, [])
    scores = []
    for one in types:
        found = [
            (weight, raw[slice(*match.span())])
            for weight, pattern in one.phrases
            if (match := pattern.search(folded))
        ]
        score = sum(weight for weight, _ in found)
        if score:
            scores.append((one.code, score))
        if score > best[0]:
            best = score, one, found
    score, chosen, found = best
    if chosen is None or score < threshold:
        return Suggestion(None, None, NO_EVIDENCE, tuple(scores))
    return Suggestion(chosen.code, chosen.name, _reason(found), tuple(scores))


def _reason(found: list[tuple[int, str]]) -> str:
    """Quote the heaviest phrases, each once, cut where they are long."""
    shown: list[str] = []
    for _, phrase in sorted(found, key=lambda one: -one[0]):
        text = " ".join(phrase.split())
        text = text if len(text) <= PHRASE_LENGTH else text[: PHRASE_LENGTH - 1] + "…"
        if not any(text in other for other in shown):
            shown.append(text)
    return "依据：" + "、".join(f"“{text}”" for text in shown[:PHRASES_SHOWN])
