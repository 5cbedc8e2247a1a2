"""Numbers of papers (文号): without gaps within a word and a year, given when a paper is approved."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from django.conf import settings
from django.db.models import F

from fanzha.core.clock import local
from fanzha.instructions.models import Instruction, Series
from fanzha.instructions.papers import WORDINGS, number_of

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime


def number_papers(approved: Iterable[Instruction], at: datetime) -> None:
    """Number the papers of instructions that were approved, in their order.

    The last thing that an approval does: until it is committed, no other paper of these words is
    numbered. Words are taken in one order, so that two approvals never wait for each other.
    """
    by_word: dict[str, list[Instruction]] = defaultdict(list)
    for instruction in approved:
        by_word[WORDINGS[instruction.kind].series].append(instruction)
    year = local(at).year
    for word, mine in sorted(by_word.items()):
        first = _taken(word, year, len(mine))
        for count, instruction in enumerate(mine, first):
            number = number_of(settings.PAPER_MARK, instruction.kind, year, count)
            Instruction.objects.filter(pk=instruction.pk).update(paper_number=number)
            instruction.paper_number = number


def _taken(word: str, year: int, count: int) -> int:
    """Take so many numbers of the series; the first of them."""
    key = {"word": word, "year": year}
    if not Series.objects.filter(**key).update(last=F("last") + count):
        Series.objects.bulk_create([Series(**key, last=0)], ignore_conflicts=True)
        Series.objects.filter(**key).update(last=F("last") + count)
    last: int = Series.objects.values_list("last", flat=True).get(**key)
    return last - count + 1
