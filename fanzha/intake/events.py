"""Facts that intake announces."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class ReportFiled:
    """A report was taken; its payments stand in the case."""

    report_id: int
    case_id: int
