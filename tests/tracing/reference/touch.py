"""Whom stolen money can have touched at all: reach, never an amount to hold or pay back."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from tests.tracing.reference.rows import events

if TYPE_CHECKING:
    from tests.tracing.reference.rows import Case, Row


class Touch:
    """`rows` has the claims that touched each row, `accounts` those that touched each account."""

    def __init__(self, case: Case) -> None:
        self.case = case
        self.rows: dict[str, set[str]] = {}
        self.accounts: defaultdict[str, set[str]] = defaultdict(set)
        for event in events(case.rows):
            row = event.row
            if not event.arrives:
                touched = self.claims_on(row)
                if touched:
                    self.rows[row.id] = touched
            elif row.payee and row.currency == case.currency and case.gap(row.payee) is None:
                self.accounts[row.payee] |= self.rows.get(row.id, set())

    def claims_on(self, row: Row) -> set[str]:
        """A payment its own claim; a reversed exit what had left by it; else what touched."""
        if row.id in self.case.seeds:
            return {self.case.seeds[row.id]}
        if row.payer:
            return set(self.accounts[row.payer])
        return set(self.rows.get(row.reverses, set()))
