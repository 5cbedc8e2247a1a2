from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from fanzha.audit.models import Entry
from fanzha.audit.rules import Ground
from fanzha.identity.acting import acting_for
from fanzha.identity.rules import PermissionMissing
from fanzha.movements import actions, deciding, matching, queries
from fanzha.movements.groups import Decided, Names, groups
from fanzha.movements.models import IdentityDecision, PairDecision, Statement
from fanzha.scope.guard import open_action
from tests import build
from tests.cast import DUTY, NOON
from tests.movements.build import A, B, C, line, table
from tests.movements.test_transfers import into, out

if TYPE_CHECKING:
    from pathlib import Path

    from fanzha.cases.models import Case
    from fanzha.identity.models import Officer
    from fanzha.movements.joined import CaseTransfers, Where

WHY = Ground("case", "", "as the bank's clerk said")
HOW: dict[str, Any] = {"at": NOON, "ground": WHY}
ACCOUNT = "990100000001"
PAID = table(out(0, 500), out(60, 500)).encode()
RECEIVED = table(into(5, 500), into(65, 500)).encode()


@pytest.fixture
def case(lin: Officer, own_lake: Path) -> Case:
    return build.case(lin)


def imported(by: Officer, case: Case, content: bytes, name: str = "a.csv") -> Statement:
    with acting_for(by):
        found = actions.import_statement(
            by, content, file_name=name, case_id=case.pk, at=NOON, ground=DUTY
        )
    assert isinstance(found, Statement)
    return found


def both(by: Officer, case: Case) -> tuple[str, str]:
    names = (imported(by, case, PAID), imported(by, case, RECEIVED, "b.csv"))
    return names[0].public_id, names[1].public_id


def paired(by: Officer, case: Case) -> dict[Where, Where]:
    with acting_for(by):
        pairs = queries.joined_case(case.pk).pairing.pairs
    return {each.payer.where: each.payee.where for each in pairs}


def forget(public_id: str) -> None:
    """As if the statement had never been imported."""
    mark = open_action.set("test")
    Statement.objects.filter(public_id=public_id).delete()
    open_action.reset(mark)


def transfers(by: Officer, case: Case) -> CaseTransfers:
    with acting_for(by):
        return queries.transfers_of_case(case.pk)


def test_an_open_group_is_listed_decided_and_undone(chen: Officer, case: Case) -> None:
    paid, received = both(chen, case)
    with acting_for(chen):
        (group,) = matching.open_pairs(case.pk)
    assert set(group.payers) == {(paid, 2), (paid, 3)}
    assert paired(chen, case) == {(paid, 2): (received, 2), (paid, 3): (received, 3)}
    with acting_for(chen):
        decision = deciding.decide_pair(chen, (paid, 2), (received, 3), same=True, **HOW)
        assert matching.open_pairs(case.pk) == ()
    assert paired(chen, case) == {(paid, 2): (received, 3), (paid, 3): (received, 2)}
    with acting_for(chen):
        undone = deciding.undo_decision(chen, decision.public_id, **HOW)
        assert len(matching.open_pairs(case.pk)) == 1
        (kept,) = matching.decisions_of_case(case.pk)
    assert (undone.undone_reason, kept.reason) == (WHY.reason, WHY.reason)
    assert paired(chen, case) == {(paid, 2): (received, 2), (paid, 3): (received, 3)}


def test_a_judgement_is_audited_without_numbers(chen: Officer, case: Case) -> None:
    paid, received = both(chen, case)
    with acting_for(chen):
        decision = deciding.decide_pair(chen, (paid, 2), (received, 2), same=False, **HOW)
        identity = deciding.decide_identity(chen, A, B, case_id=case.pk, same=True, **HOW)
        entries = list(Entry.objects.filter(case_id=case.pk, action__startswith="movements.decid"))
    assert [each.object_id for each in entries] == [decision.public_id, identity.public_id]
    assert entries[0].ground_reason == WHY.reason
    told = str([each.facts for each in entries])
    assert paid in told
    assert A not in told
    assert A[-4:] not in told


def test_rows_decided_apart_are_two_movements(chen: Officer, case: Case) -> None:
    paid = imported(chen, case, table(out(0, 500)).encode()).public_id
    received = imported(chen, case, table(into(5, 500)).encode(), "b.csv").public_id
    assert len(transfers(chen, case).transfers) == 1
    with acting_for(chen):
        deciding.decide_pair(chen, (paid, 2), (received, 2), same=False, **HOW)
    assert len(transfers(chen, case).transfers) == 2


def test_a_decision_survives_a_new_import_of_the_same_bytes(chen: Officer, case: Case) -> None:
    paid, received = both(chen, case)
    with acting_for(chen):
        deciding.decide_pair(chen, (paid, 2), (received, 3), same=True, **HOW)
        forget(paid)
    assert paired(chen, case) == {}
    found = [each["kind"] for each in transfers(chen, case).findings]
    assert "decision_without_rows" in found
    again = imported(chen, case, PAID, "again.csv").public_id
    assert paired(chen, case)[again, 2] == (received, 3)


def test_a_decision_follows_its_row_into_the_statement_that_tells_it(
    chen: Officer, case: Case
) -> None:
    """The file that was decided upon comes again after a longer one that holds its rows."""
    paid, received = both(chen, case)
    with acting_for(chen):
        deciding.decide_pair(chen, (paid, 2), (received, 3), same=True, **HOW)
        forget(paid)
    longer = table(out(-900, 7), out(0, 500), out(60, 500)).encode()
    new = imported(chen, case, longer, "longer.csv").public_id
    assert imported(chen, case, PAID, "again.csv").rows_kept == 0
    assert paired(chen, case)[new, 3] == (received, 3)


def test_what_cannot_be_a_pair_is_refused(chen: Officer, case: Case) -> None:
    paid, received = both(chen, case)
    for one, other in (
        ((received, 2), (paid, 2)), ((paid, 2), (paid, 3)), ((received, 2), (received, 3))
    ):  # fmt: skip
        with acting_for(chen), pytest.raises(deciding.CannotBePair):
            deciding.decide_pair(chen, one, other, same=True, **HOW)
    with acting_for(chen), pytest.raises(deciding.RowNotFound):
        deciding.decide_pair(chen, (paid, 99), (received, 2), same=True, **HOW)
    with acting_for(chen), pytest.raises(queries.StatementNotFound):
        deciding.decide_pair(chen, ("S-none", 2), (received, 2), same=True, **HOW)


def test_one_row_is_in_one_pair_and_one_judgement_speaks_at_a_time(
    chen: Officer, case: Case
) -> None:
    paid, received = both(chen, case)
    with acting_for(chen):
        deciding.decide_pair(chen, (paid, 2), (received, 2), same=True, **HOW)
    for one, other, same in ((2, 3, True), (3, 2, True), (2, 2, False)):
        with acting_for(chen), pytest.raises(deciding.DecidedAlready):
            deciding.decide_pair(chen, (paid, one), (received, other), same=same, **HOW)
    with acting_for(chen):
        deciding.decide_pair(chen, (paid, 2), (received, 3), same=False, **HOW)
        assert PairDecision.objects.count() == 2


def test_a_judgement_needs_a_reason_and_a_permission(
    chen: Officer, lin: Officer, case: Case
) -> None:
    paid, received = both(chen, case)
    with acting_for(chen), pytest.raises(deciding.DecisionNeedsReason):
        deciding.decide_pair(
            chen, (paid, 2), (received, 2), same=True, at=NOON, ground=Ground("case")
        )
    with acting_for(lin), pytest.raises(PermissionMissing):
        deciding.decide_pair(lin, (paid, 2), (received, 2), same=True, **HOW)
    with acting_for(chen), pytest.raises(deciding.DecisionNotFound):
        deciding.undo_decision(chen, "D-LJ-NONE", **HOW)


def test_other_districts_see_no_judgement(chen: Officer, han: Officer, case: Case) -> None:
    paid, received = both(chen, case)
    with acting_for(chen):
        decision = deciding.decide_pair(chen, (paid, 2), (received, 2), same=True, **HOW)
    with acting_for(han):
        assert matching.decisions_of_case(case.pk) == []
        with pytest.raises(deciding.DecisionNotFound):
            deciding.undo_decision(han, decision.public_id, **HOW)


def test_a_transfer_is_explained(chen: Officer, case: Case) -> None:
    both(chen, case)
    (first, _) = transfers(chen, case).transfers
    with acting_for(chen):
        found = matching.explanation(case.pk, first.movement_id)
        assert matching.explanation(case.pk, "M0") is None
    assert found is not None
    assert found.match is not None
    assert (found.transfer, found.match.payer) == (first, first.witnesses[0])
    assert "amount_same" in {each.key for each in found.match.reasons}


def test_the_identity_of_an_account_names_the_rows_that_tell_it(chen: Officer, case: Case) -> None:
    rows = [line(account_no=f"{ACCOUNT}_01"), line(account_no=ACCOUNT), line(account_no=ACCOUNT)]
    statement = imported(chen, case, table(*rows).encode()).public_id
    with acting_for(chen):
        found = matching.identity_of(case.pk, ACCOUNT)
        assert found == matching.identity_of(case.pk, A)
    assert (found.key, set(found.numbers)) == (A, {A, ACCOUNT})
    told = {each.kind: each for each in found.evidence}
    cards = [each for each in found.evidence if each.kind == "card_account"]
    assert {(each.one, each.other) for each in cards} == {(A, ACCOUNT)}
    assert sum(each.rows for each in cards) == 3
    assert (told["sub_account"].statement, told["sub_account"].row_no) == (statement, 2)
    assert all(each.joins and each.holder == "柏小舟" for each in found.evidence)


def test_persons_join_and_part_numbers_and_take_it_back(chen: Officer, case: Case) -> None:
    imported(chen, case, table(out(0, 500), out(5, 300, own=C)).encode())
    assert len({transfers(chen, case).key_of[each] for each in (A, C)}) == 2
    with acting_for(chen):
        joins = deciding.decide_identity(chen, C, A, case_id=case.pk, same=True, **HOW)
        found = matching.identity_of(case.pk, C)
    assert [(each.kind, each.decision) for each in found.evidence] == [("decided", joins.public_id)]
    assert {each.from_account for each in transfers(chen, case).transfers} == {A}
    with acting_for(chen):
        deciding.undo_decision(chen, joins.public_id, **HOW)
    assert {each.from_account for each in transfers(chen, case).transfers} == {A, C}


def test_a_card_and_an_account_of_one_row_can_be_parted(chen: Officer, case: Case) -> None:
    imported(chen, case, table(line(account_no=ACCOUNT)).encode())
    with acting_for(chen):
        deciding.decide_identity(chen, ACCOUNT, A, case_id=case.pk, same=False, **HOW)
        with pytest.raises(deciding.DecidedAlready):
            deciding.decide_identity(chen, A, ACCOUNT, case_id=case.pk, same=True, **HOW)
        found = matching.identity_of(case.pk, A)
        assert IdentityDecision.objects.count() == 1
    assert found.numbers == (A,)
    assert [each.kind for each in found.evidence] == ["decided_apart", "card_account"]
    key_of = transfers(chen, case).key_of
    assert key_of[A] != key_of[ACCOUNT]


def test_numbers_that_the_case_does_not_have_are_refused(chen: Officer, case: Case) -> None:
    imported(chen, case, table(line()).encode())
    for other in (A, "6299019999999999999"):
        with acting_for(chen), pytest.raises(deciding.NotOneAccount):
            deciding.decide_identity(chen, A, other, case_id=case.pk, same=True, **HOW)


def test_numbers_decided_apart_are_not_joined_by_way_of_a_third() -> None:
    seen = [Names(A, ACCOUNT), Names(C, ACCOUNT)]
    assert len(set(groups(seen).key_of.values())) == 1
    found = groups(seen, Decided(apart=frozenset({(A, C)})))
    assert found.key_of[A] != found.key_of[C]
    joined = groups(seen, Decided(same=frozenset({(B, C)}), apart=frozenset({(A, C)})))
    assert joined.key_of[B] == joined.key_of[C] != joined.key_of[A]
