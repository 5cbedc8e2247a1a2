"""Why several numbers are one account: what rows, replies and persons say, number by number."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from fanzha.core.refusal import gettext_noop

if TYPE_CHECKING:
    from collections.abc import Iterable

    from fanzha.movements.groups import Decided, Groups

KINDS = {
    "card_account": gettext_noop("Card and account number stand in one row."),
    "sub_account": gettext_noop("A sub-account of this account number."),
    "stated": gettext_noop("The bank's reply names both numbers for one account."),
    "companion": gettext_noop("A table beside the statement puts both numbers together."),
    "bound": gettext_noop(
        "A table beside the statement names one with the other: linked, not one account."
    ),
    "shared": gettext_noop(
        "Both stand in one row, but the account number also stands beside cards of other holders."
    ),
    "paid_through": gettext_noop(
        "A wallet's row and the bank's row carry one clearing number: linked, not one account."
    ),
    "decided": gettext_noop("A person decided that both are one account."),
    "decided_apart": gettext_noop("A person decided that they are two accounts."),
}
JOINS = frozenset({"card_account", "sub_account", "stated", "companion", "decided"})


class Seen(NamedTuple):
    """Two numbers side by side: in `rows` rows of a statement, `row_no` the first of them."""

    kind: str
    one: str
    other: str
    holder: str
    statement: str
    row_no: int
    rows: int


@dataclass(frozen=True)
class Evidence:
    """Something that says that two numbers are, or are not, one account.

    `kind` is one of KINDS. `statement` and `row_no` lead to the row (0: the reply as a whole),
    `decision` to the person's judgement.
    """

    kind: str
    one: str
    other: str
    holder: str = ""
    statement: str = ""
    row_no: int = 0
    rows: int = 0
    decision: str = ""

    @property
    def joins(self) -> bool:
        """Whether it makes the two numbers one account."""
        return self.kind in JOINS


@dataclass(frozen=True)
class Identity:
    """An account with all its numbers (`key` is the one that transfers use) and the evidence."""

    key: str
    numbers: tuple[str, ...]
    evidence: tuple[Evidence, ...]


def identity(
    number: str,
    grouped: Groups,
    decided: Decided,
    seen: Iterable[Seen],
    decisions: Iterable[Evidence] = (),
) -> Identity:
    """Everything that speaks about one number's account; the number may be any of its numbers."""
    key = grouped.key_of.get(number, number)
    numbers = {each for each, its in grouped.key_of.items() if its == key} | {number}
    shared = set(grouped.shared)
    told = [
        Evidence(_kind(each, shared, decided), *each[1:])
        for each in seen
        if {each.one, each.other} & numbers
    ]
    judged = [each for each in decisions if {each.one, each.other} & numbers]
    told.sort(key=lambda each: (each.kind, each.one, each.other, each.statement, each.row_no))
    return Identity(key, tuple(sorted(numbers)), (*judged, *told))


def _kind(each: Seen, shared: set[str], decided: Decided) -> str:
    pair = min(each.one, each.other), max(each.one, each.other)
    if each.kind == "card_account" and each.other in shared and pair not in decided.same:
        return "shared"
    return each.kind
