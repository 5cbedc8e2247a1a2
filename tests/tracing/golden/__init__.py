"""Results that must not change: networks, and what every version of every rule says of them.

    python -m tests.tracing.golden write

writes what is not written yet. A file is never overwritten: if a figure changes, the rule gets a
new version, and with it new files; the old ones stay.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from fanzha.tracing.engine import RULE_VERSIONS
from tests.tracing.agreement import engine, figures
from tests.tracing.golden.networks import NETWORKS
from tests.tracing.reference import Case, Limits, Row

if TYPE_CHECKING:
    from fanzha.tracing.engine import Trace

FOLDER: Final = Path(__file__).parent


def figures_of(case: Case, rule: str) -> dict[str, Any]:
    """All figures of a result as JSON has them."""
    result = engine(case, rule)
    found = figures(result)
    return {
        "ends": sorted([*key, fen] for key, fen in found.ends.items()),
        "rows": {row: dict(sorted(by.items())) for row, by in sorted(found.rows.items())},
        "valuations": [
            [value.account, value.cap_fen, value.share_fen, dict(sorted(value.by_claim.items()))]
            for value in sorted(result.valuations)
        ],
        "notes": _notes(result),
    }


def _notes(result: Trace) -> list[list[Any]]:
    ids = result.movements.ids
    return sorted([ids[n.row], n.kind.value, n.account, n.fen] for n in result.notes)


def files() -> list[Path]:
    """All results that were ever written."""
    return sorted(FOLDER.glob("*.json"))


def file_of(rule: str, network: str) -> Path:
    """Where the result of the rule's present version stands."""
    return FOLDER / f"{RULE_VERSIONS[rule]}.{network}.json"


def write() -> list[Path]:
    """Write the results that are missing; returns their files."""
    missing = [
        (rule, network)
        for rule in RULE_VERSIONS
        for network in NETWORKS
        if not file_of(rule, network).exists()
    ]
    for rule, network in missing:
        case = NETWORKS[network]
        told = {
            "rule": rule,
            "version": RULE_VERSIONS[rule],
            "rows": [_short(row) for row in case.rows],
            "seeds": dict(case.seeds),
            "openings": dict(case.openings),
            "known": None if case.known is None else sorted(case.known),
            "gaps": dict(case.gaps),
            "limits": vars(case.limits),
            "result": figures_of(case, rule),
        }
        file_of(rule, network).write_text(_text(told), encoding="utf-8")
    return [file_of(rule, network) for rule, network in missing]


def case_in(told: dict[str, Any]) -> Case:
    """The network as the file has it, whatever became of the one in the code."""
    return Case(
        rows=tuple(Row(**row) for row in told["rows"]),
        seeds=told["seeds"],
        openings=told["openings"],
        known=None if told["known"] is None else frozenset(told["known"]),
        gaps=told["gaps"],
        limits=Limits(**told["limits"]),
    )


def _short(row: Row) -> dict[str, Any]:
    unset = Row("", 0, "", "", -1)._asdict()
    told = {name: value for name, value in row._asdict().items() if value != unset[name]}
    return {"time": row.time, "payer": row.payer, "payee": row.payee} | told


def _text(told: dict[str, Any]) -> str:
    """One row, end, valuation per line."""
    lines = []
    for name, value in told.items():
        lines.append(f"{json.dumps(name)}: {_value(value, '  ')}")
    return "{\n  " + ",\n  ".join(lines) + "\n}\n"


def _value(value: Any, indent: str) -> str:
    inner = indent + "  "
    if isinstance(value, list) and value and not isinstance(value[0], str):
        items = [json.dumps(item, ensure_ascii=False) for item in value]
        return f"[\n{inner}" + f",\n{inner}".join(items) + f"\n{indent}]"
    if isinstance(value, dict) and any(isinstance(item, dict | list) for item in value.values()):
        items = [f"{json.dumps(key)}: {_value(item, inner)}" for key, item in value.items()]
        return f"{{\n{inner}" + f",\n{inner}".join(items) + f"\n{indent}}}"
    return json.dumps(value, ensure_ascii=False)
