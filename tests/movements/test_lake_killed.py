"""kill -9 in the middle of imports and merges: the lake is as before or as after, never between."""

from __future__ import annotations

import random
import subprocess
import sys
import time
from collections import Counter
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from django.conf import settings
from django.db import transaction

from fanzha.identity.acting import acting_for
from fanzha.movements import lake, queries, sweeps
from fanzha.movements.models import Piece
from tests import build
from tests.cast import officer, populate
from tests.movements.lake_filler import ROWS, content

if TYPE_CHECKING:
    from fanzha.cases.models import Case

DEATHS = 6


@pytest.fixture
def case(committed: None) -> Case:
    # The child has the same home, therefore the same lake.
    with transaction.atomic():
        populate()
    made = build.case(officer("lin"))
    lake.erase(made.pk)
    return made


def killed_at(case: Case, start: int, seconds: float) -> set[int]:
    """Let a process fill the lake for so long; which statements it saw committed."""
    command = [sys.executable, "-m", "tests.movements.lake_filler", str(case.pk), str(start)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as child:
        assert child.stdout is not None
        first = int(child.stdout.readline())
        time.sleep(seconds)
        child.kill()
        return {first} | {int(told) for told in child.stdout if told.endswith("\n")}


@pytest.mark.slow
@pytest.mark.timeout(180)
def test_a_process_killed_at_any_moment_leaves_whole_statements(case: Case) -> None:
    chance = random.Random(7)
    told: set[int] = set()
    for death in range(DEATHS):
        told |= killed_at(case, death * 1000, chance.uniform(0.02, 1.2))
        _every_statement_is_whole(case, told)
    last = max(file.at for file in lake.files())
    assert sweeps.remove_orphans(last + timedelta(hours=2)) > 0
    _every_statement_is_whole(case, told)
    _nothing_is_left_over(case)


def _every_statement_is_whole(case: Case, told: set[int]) -> None:
    with acting_for(officer("chen")):
        statements = list(queries.statements_of_case(case.pk))
        table = queries.columns_of(statements, ["serial_no", "row_no"], kept=False)
        pieces = list(Piece.objects.values_list("statement__public_id", "rows"))
        sources = {queries.source_of(each) for each in statements}
    rows = Counter(table["statement"].to_pylist())
    assert rows == dict.fromkeys((each.public_id for each in statements), ROWS)
    counted: Counter[str] = Counter()
    for statement, count in pieces:
        counted[statement] += count
    assert counted == rows
    serials = table["serial_no"].to_pylist()
    assert len(set(serials)) == len(serials)
    numbers = {int(serial[1:].split("-")[0]) for serial in serials}
    # One statement may have been committed and not yet told.
    assert told <= numbers
    assert sources == {content(number) for number in numbers}


def _nothing_is_left_over(case: Case) -> None:
    with acting_for(officer("chen")):
        named = set(Piece.objects.values_list("name", flat=True))
        named |= {
            lake.source_name(case.pk, each.public_id)
            for each in queries.statements_of_case(case.pk)
        }
    assert {file.name for file in lake.files()} == named
    folder = settings.LAKE / f"case-{case.pk}"
    assert len(list(folder.iterdir())) == len(named)
