"""Reads of what companion tables of a case say about its accounts, each with its row."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from fanzha.movements.companions import SAME, Belonging
from fanzha.movements.models import Statement

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping


class Evidence(NamedTuple):
    """Two numbers that a row of `statement` (public id) puts together."""

    statement: str
    file_name: str
    belonging: Belonging

    @property
    def is_same(self) -> bool:
        """Whether the two are numbers of one account; else one only leads to the other."""
        return self.belonging.link in SAME


class Told(NamedTuple):
    """What one row of a companion says; `told` by canonical column."""

    statement: str
    kind: str
    row_no: int
    told: Mapping[str, str]


def belongings(case_id: int, numbers: Collection[str] = ()) -> Iterator[Evidence]:
    """The numbers that belong together, by order of import; all, or those that name `numbers`."""
    for each in _companions(case_id):
        for told in each.sums["belongings"]:
            found = Belonging(*told)
            if not numbers or found.one in numbers or found.other in numbers:
                yield Evidence(each.public_id, each.file_name, found)


def facts(case_id: int) -> Iterator[Told]:
    """Everything that companions of the case say, by order of import."""
    for each in _companions(case_id):
        for fact in each.sums["facts"]:
            yield Told(each.public_id, fact["kind"], fact["row"], fact["told"])


def _companions(case_id: int) -> Iterator[Statement]:
    yield from Statement.objects.filter(case_id=case_id, source="companion").order_by("id")
