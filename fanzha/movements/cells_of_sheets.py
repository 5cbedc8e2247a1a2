"""A cell of a sheet as text, and cells as a line of CSV."""

from __future__ import annotations

import csv
import io
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

EXACT = 10**15
"""Excel holds whole numbers exactly up to here; a longer card number lost its last digits."""


def quoted(cells: Sequence[str]) -> str:
    """A line of CSV, without its end."""
    written = io.StringIO()
    csv.writer(written, lineterminator="").writerow(cells)
    return written.getvalue()


def as_text(cell: object) -> str:
    """A cell as it reads in the sheet: 15 digits as Excel keeps, no float damage, dates as ISO."""
    if isinstance(cell, bool):
        return str(cell).upper()
    if isinstance(cell, float):
        if abs(cell) >= EXACT:
            return repr(cell)
        text = str(int(cell)) if cell.is_integer() else f"{cell:.15g}"
        return f"{Decimal(text):f}" if "e" in text else text
    if isinstance(cell, datetime):
        return cell.isoformat(sep=" ")
    if isinstance(cell, date | time):
        return cell.isoformat()
    return str(cell) if isinstance(cell, str | int | timedelta) else ""
