"""Statement files and legs that the tests of movements make up."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from fanzha.core.clock import ZONE
from fanzha.movements import rules
from fanzha.movements.leg import Source
from fanzha.movements.profile import load
from fanzha.movements.row import COLUMNS
from fanzha.movements.transfers import join

NOON = datetime(2026, 3, 18, 12, 0, tzinfo=ZONE)
A, B, C, D = (f"629901000000000000{n}" for n in ("1", "2", "3", "4"))
HEADER = [name for canonical, name in load().names.items() if canonical != "txn_date"]


def at(seconds: float) -> str:
    """A time so many seconds after noon, as banks write it."""
    return f"{NOON + timedelta(seconds=seconds):%Y-%m-%d %H:%M:%S}"


def line(**cells: Any) -> dict[str, str]:
    """One line by canonical column: 100 yuan into A at noon, unless `cells` say otherwise."""
    told = {
        "card_no": A,
        "holder_name": "柏小舟",
        "txn_time": at(0),
        "amount_fen": "100.00",
        "direction": "进",
        "currency": "人民币",
        "success": "成功",
    } | cells
    return {load().names[name]: str(cell) for name, cell in told.items()}


def table(*lines: dict[str, str], header: list[str] | None = None, before: str = "") -> str:
    """The text of a file with these lines below the header."""
    names = header or HEADER
    rows = [names, *([each.get(name, "") for name in names] for each in lines)]
    return before + "".join(",".join(map(_quoted, row)) + "\r\n" for row in rows)


def _quoted(cell: str) -> str:
    return f'"{cell}"' if "," in cell and not cell.startswith('"') else cell


def read(*lines: dict[str, str], **how: Any) -> rules.Reading:
    """Read a file of these lines."""
    return rules.read_file(table(*lines, **how).encode(), "made.csv")


def told(reading: rules.Reading, *, kept: bool = True) -> list[dict[str, Any]]:
    """The rows as the lake would give them."""
    rows = reading.kept if kept else reading.rows
    return [{name: getattr(row, name) for name in COLUMNS} for row in rows]


def joined(*statements: list[dict[str, str]], **source: Any) -> Any:
    """Join statements, each given as its lines, as one case."""
    readings = [read(*lines) for lines in statements]
    sources = [
        Source(f"S{place}", reading.file_sha256, **source) for place, reading in enumerate(readings)
    ]
    rows = {f"S{place}": told(reading) for place, reading in enumerate(readings)}
    return join(sources, rows)
