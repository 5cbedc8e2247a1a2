"""Files of the lake: what is written comes back, an account is found, merged files agree."""

from __future__ import annotations

import random
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from fanzha.audit.models import Entry
from fanzha.identity.acting import acting_for, system_scope
from fanzha.movements import actions, lake, queries, sweeps
from fanzha.movements.models import Piece
from fanzha.movements.row import COLUMNS
from tests import build
from tests.cast import DUTY, NOON
from tests.movements.build import at, line, read, table

if TYPE_CHECKING:
    from pathlib import Path

    from fanzha.cases.models import Case
    from fanzha.identity.models import Officer

ACCOUNTS = [f"62990100000000{number:05}" for number in range(40)]


@pytest.fixture(autouse=True)
def lake_of_small_files(own_lake: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lake, "FILE_ROWS", 32)
    monkeypatch.setattr(lake, "GROUP_ROWS", 4)
    monkeypatch.setattr(lake, "EXACT", 8)


@pytest.fixture
def case(lin: Officer) -> Case:
    return build.case(lin)


def lines(chance: random.Random, count: int) -> list[dict[str, str]]:
    return [
        line(card_no=chance.choice(ACCOUNTS), txn_time=at(chance.randrange(10**6)),
             serial_no=f"n{chance.randrange(10**9)}", amount_fen=f"{chance.randrange(10**4)}.00")
        for _ in range(count)
    ]  # fmt: skip


def fill(by: Officer, case: Case, statements: int, rows: int = 24, seed: int = 1) -> None:
    chance = random.Random(seed)
    for number in range(statements):
        content = table(*lines(chance, rows)).encode()
        with acting_for(by):
            actions.import_statement(
                by, content, file_name=f"{number}.csv", case_id=case.pk, at=NOON, ground=DUTY
            )


def everything(by: Officer, case: Case) -> list[dict[str, Any]]:
    with acting_for(by):
        statements = queries.statements_of_case(case.pk)
        rows: list[dict[str, Any]] = queries.columns_of(statements, COLUMNS, kept=False).to_pylist()
        return rows


def histories(by: Officer) -> dict[str, list[dict[str, Any]]]:
    with acting_for(by):
        return {each: queries.history(each).to_pylist() for each in ACCOUNTS}


def by_account(rows: list[dict[str, Any]]) -> dict[str, list[dict[str, Any]]]:
    found: dict[str, list[dict[str, Any]]] = {each: [] for each in ACCOUNTS}
    for row in sorted(rows, key=lambda row: (row["txn_time"], row["statement"], row["row_no"])):
        found[row["own_key"]].append(row)
    return found


def test_blocks_of_any_size_come_back_as_one_statement() -> None:
    rows = read(*lines(random.Random(2), 100)).rows
    whole = lake.table_of(rows)
    blocks = [whole.slice(0, 1), whole.slice(1, 70), whole.slice(71, 0), whole.slice(71)]
    stored = lake.write(1, "S1", blocks)
    assert len({each.name for each in stored}) == 4
    assert sum(each.rows for each in stored) == 100
    back = lake.read({each.name: {"S1"} for each in stored}, COLUMNS, kept=False)
    assert back.drop_columns(["statement"]).select(list(COLUMNS)).equals(whole)


def test_other_statements_of_a_file_are_not_read() -> None:
    whole = lake.table_of(read(*lines(random.Random(2), 10)).rows)
    (name,) = {each.name for each in lake.write(1, "S1", whole)}
    assert lake.read({name: {"S2"}}, COLUMNS).num_rows == 0


def test_a_file_of_before_a_column_was_added_says_nothing_there() -> None:
    whole = lake.table_of(read(*lines(random.Random(2), 10)).rows)
    stored = lake.write(1, "S1", whole.drop_columns(["remark", "cp_balance_fen", "issues"]))
    wanted = {each.name: {"S1"} for each in stored}
    back = lake.read(wanted, ["remark", "cp_balance_fen", "issues"], kept=False)
    assert back.num_rows == 10
    assert set(back["remark"].to_pylist()) == {""}
    assert back["cp_balance_fen"].null_count == 10
    assert back["issues"].to_pylist() == [[]] * 10


def test_a_merge_that_dies_leaves_what_was(
    chen: Officer, case: Case, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(chen, case, 8)
    before = everything(chen, case)

    def die(*_: Any, **__: Any) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(actions, "_list", die)
        with pytest.raises(KeyboardInterrupt):
            sweeps.merge_files(NOON)
    assert everything(chen, case) == before
    young = max(file.at for file in lake.files())
    assert sweeps.remove_orphans(young + timedelta(hours=2)) == 6
    assert everything(chen, case) == before
    assert sweeps.merge_files(NOON) == 1
    assert everything(chen, case) == before


def test_a_history_is_every_row_of_the_account_by_time(chen: Officer, case: Case) -> None:
    fill(chen, case, 3)
    rows = everything(chen, case)
    assert len(rows) == 72
    assert histories(chen) == by_account(rows)
    first, second, *_ = ACCOUNTS
    noon = NOON + timedelta(days=3)
    with acting_for(chen):
        both = queries.history([first, second], until=noon).to_pylist()
        rest = queries.history([first, second], since=noon).to_pylist()
    told = by_account(rows)
    assert len(both) + len(rest) == len(told[first]) + len(told[second])
    assert max(row["txn_time"] for row in both) < noon <= min(row["txn_time"] for row in rest)


def test_a_history_opens_only_files_that_can_hold_the_account(
    chen: Officer, case: Case, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(5):
        content = table(line(card_no=ACCOUNTS[number])).encode()
        with acting_for(chen):
            actions.import_statement(
                chen, content, file_name="a.csv", case_id=case.pk, at=NOON, ground=DUTY
            )
    opened: list[str] = []
    really = lake.opened

    def watched(name: str) -> Any:
        opened.append(name)
        return really(name)

    monkeypatch.setattr(lake, "opened", watched)
    with acting_for(chen):
        assert queries.history(ACCOUNTS[3]).num_rows == 1
    assert len(opened) == 1


def test_another_district_reads_no_history(chen: Officer, wu: Officer, case: Case) -> None:
    fill(chen, case, 8)
    sweeps.merge_files(NOON)
    with acting_for(wu):
        assert queries.history(ACCOUNTS).num_rows == 0
    with acting_for(chen):
        assert queries.history(ACCOUNTS).num_rows == 192


def test_merging_changes_no_row_and_leaves_few_files(chen: Officer, case: Case) -> None:
    fill(chen, case, 8)
    before = everything(chen, case)
    with acting_for(chen):
        old = set(Piece.objects.values_list("name", flat=True))
    assert sweeps.merge_files(NOON) == 1
    assert everything(chen, case) == before
    assert histories(chen) == by_account(before)
    with acting_for(chen):
        pieces = Piece.objects.all()
        names = set(pieces.values_list("name", flat=True))
        assert {each.level for each in pieces} == {1}
    assert (len(old), len(names)) == (8, 6)
    assert not old & names
    assert sweeps.merge_files(NOON) == 0
    with system_scope("test"):
        facts = Entry.objects.get(object_kind="lake").facts
    assert (facts["files"], facts["rows"]) == (8, 192)


def test_files_that_were_merged_stay_an_hour_for_those_who_read_them(
    chen: Officer, case: Case
) -> None:
    fill(chen, case, 8)
    with acting_for(chen):
        wanted = queries._wanted(Piece.objects.all())
    sweeps.merge_files(NOON)
    young = max(file.at for file in lake.files())
    assert sweeps.remove_orphans(young) == 0
    assert lake.read(wanted, COLUMNS).num_rows == 192
    assert sweeps.remove_orphans(young + timedelta(hours=2)) == 8
    assert len(everything(chen, case)) == 192


def test_merges_are_merged_in_their_turn(
    chen: Officer, case: Case, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(queries, "MERGE", 2)
    for seed in range(4):
        fill(chen, case, 1, seed=seed)
        while sweeps.merge_files(NOON):
            pass
    with acting_for(chen):
        levels = set(Piece.objects.values_list("level", flat=True))
    assert levels == {2}
    rows = everything(chen, case)
    assert len(rows) == 96
    assert histories(chen) == by_account(rows)


def test_a_case_that_moves_takes_its_pieces_along(chen: Officer, wu: Officer, case: Case) -> None:
    from fanzha.scope.guard import open_action

    fill(chen, case, 8)
    sweeps.merge_files(NOON)
    token = open_action.set("test")
    try:
        with system_scope("test"):
            type(case).objects.filter(pk=case.pk).update(unit_path="lj.xs")
    finally:
        open_action.reset(token)
    with acting_for(wu):
        assert queries.history(ACCOUNTS).num_rows == 192
