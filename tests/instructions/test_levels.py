"""Who approves what is dated data; what goes beyond the usual measure goes one level up."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING

import pytest

from fanzha.audit.rules import Ground
from fanzha.identity.acting import acting_for, system_scope
from fanzha.identity.models import Officer, RoleGrant, Unit
from fanzha.identity.rules import PermissionMissing, permissions
from fanzha.instructions import actions, levels
from fanzha.instructions.levels import Level
from fanzha.instructions.models import Instruction
from fanzha.instructions.rules import FOLLOW_ONS, Kind, Move
from tests import build
from tests.cast import DUTY, NOON
from tests.refusals.trial import writing

if TYPE_CHECKING:
    from typing import Any

    from fanzha.cases.models import Case
    from fanzha.instructions.drafts import Draft
    from fanzha.instructions.models import Package

FREEZES = frozenset({Kind.FREEZE})
USUAL, BEYOND = "instruction.approve_freeze", "instruction.approve_beyond"
OPEN = Ground("case", "", "案件未结")
WHOLE: dict[str, Any] = {"amount_fen": None, "necessity": "账户专用于收款"}


@pytest.fixture
def gao(db: None) -> Officer:
    """Head of the city: nobody else of the cast may go beyond what was traced."""
    with system_scope("test"), writing():
        unit = Unit.objects.get(path="lj")
        head = Officer.objects.create(
            username="gao", name="高远", unit=unit, created_at=NOON, password="!",
            must_set_password=False,
        )  # fmt: skip
        RoleGrant.objects.create(officer=head, role="city_head", since=NOON)
    return head


@pytest.fixture
def case(lin: Officer, liang: Officer) -> Case:
    return build.filed_case(lin, liang)


def drafted(by: Officer, case: Case, *wanted: Draft) -> list[Package]:
    with acting_for(by):
        return actions.draft(by, case, wanted, at=NOON, ground=DUTY)


def approved(by: Officer, package: Package) -> None:
    with acting_for(by):
        actions.approve(by, package, at=NOON, ground=DUTY)


@pytest.mark.parametrize(
    "changes", [WHOLE, {"amount_fen": 48_230_001, "necessity": "孳息"}], ids=["whole", "above"]
)
def test_beyond_what_was_traced_the_usual_approver_is_not_enough(
    lin: Officer, liang: Officer, gao: Officer, case: Case, changes: Any
) -> None:
    (package,) = drafted(lin, case, build.draft(Kind.FREEZE, **changes))
    assert package.permission == BEYOND
    with pytest.raises(PermissionMissing):
        approved(liang, package)
    approved(gao, package)


def test_drafted_together_each_goes_to_its_own_level(lin: Officer, case: Case) -> None:
    within = build.draft(Kind.FREEZE)
    beyond = build.draft(Kind.FREEZE, account=build.OTHER_MULE, **WHOLE)
    packages = drafted(lin, case, within, beyond)
    assert [each.permission for each in packages] == [USUAL, BEYOND]


def test_what_concerns_a_freeze_beyond_goes_to_the_level_that_approved_it(
    lin: Officer, gao: Officer, case: Case
) -> None:
    (package,) = drafted(lin, case, build.draft(Kind.FREEZE, **WHOLE))
    approved(gao, package)
    with system_scope("test") as system:
        freeze = Instruction.objects.select_related("case", "package").get()
        actions.send(system, freeze, at=NOON, ground=DUTY)
        yes = actions.Answer(Move.TAKE_EFFECT, "0000", "", effective_at=NOON)
        actions.record_reply(system, freeze, yes, message_id=1, at=NOON, ground=DUTY)
    with acting_for(lin):
        renewal = actions.draft_extension(lin, freeze, at=NOON, ground=OPEN)
    assert renewal.permission == BEYOND


def test_the_entry_of_the_day_counts_and_the_usual_one_where_nothing_is_said_of_beyond() -> None:
    old = Level(FREEZES, beyond=False, permission="old", since=date(2013, 1, 1), basis="", mark="")
    new = Level(FREEZES, beyond=False, permission="new", since=date(2026, 3, 18), basis="", mark="")
    far = Level(FREEZES, beyond=True, permission="far", since=date(2024, 9, 10), basis="", mark="")
    day = timedelta(days=1)
    assert levels.in_force(Kind.FREEZE, NOON - day, among=(old, new)).permission == "old"
    assert levels.in_force(Kind.FREEZE, NOON, among=(old, new)).permission == "new"
    assert levels.in_force(Kind.FREEZE, NOON, beyond=True, among=(old, new)).permission == "new"
    every = (old, new, far)
    assert levels.in_force(Kind.FREEZE, NOON, beyond=True, among=every).permission == "far"
    assert levels.in_force(Kind.FREEZE, NOON, among=every).permission == "new"


def test_every_kind_that_is_drafted_has_a_level_and_every_level_a_permission() -> None:
    for kind in set(Kind) - set(FOLLOW_ONS):
        assert levels.in_force(kind, NOON).permission in permissions()
    assert levels.permissions() <= set(permissions())
