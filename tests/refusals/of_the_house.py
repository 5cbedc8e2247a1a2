"""Trials of units, officers, institutions and the lake: what stands around the cases."""

from __future__ import annotations

import itertools
from dataclasses import replace
from typing import TYPE_CHECKING

from fanzha.identity import actions
from fanzha.identity.models import Officer, Unit
from fanzha.identity.rules import MayNotNest, OfficerNameTaken, UnitCodeTaken, levels
from fanzha.institutions import actions as institutions
from fanzha.movements import actions as movements
from fanzha.movements import learning
from fanzha.movements.proposing import propose
from fanzha.movements.sheets import Table
from tests import build
from tests.cast import DUTY, NOON, officer
from tests.refusals.trial import Done, Refused, Trial, writing

if TYPE_CHECKING:
    from collections.abc import Iterator

    from fanzha.identity.acting import System


def _parent(_: System) -> Unit:
    with writing():
        Unit.objects.create(path="lj.top.taken", name="x", level="grid")
        return Unit.objects.create(path="lj.top", name="x", level="city")


def _raise(parent: Unit, level: str) -> Unit:
    with writing():
        Unit.objects.filter(pk=parent.pk).update(level=level)
    parent.level = level
    return parent


def _units() -> Iterator[Trial]:
    for level in levels().values():

        def add(by: Officer, parent: Unit, level: str = level.code, code: str = "free") -> object:
            return actions.add_unit(
                by, code=code, name="x", level=level, parent=parent, at=NOON, ground=DUTY
            )

        def add_taken(by: Officer, parent: Unit, level: str = level.code) -> object:
            return actions.add_unit(
                by, code="taken", name="x", level=level, parent=parent, at=NOON, ground=DUTY
            )

        base = Trial(
            actions.add_unit, add, _parent, _raise,
            {
                above: Done() if above in level.parents else Refused(MayNotNest)
                for above in levels()
            },
            variant=level.code,
        )  # fmt: skip
        yield base
        if level.parents:
            states = dict.fromkeys(sorted(level.parents), Refused(UnitCodeTaken))
            yield replace(base, act=add_taken, states=states, variant=f"{level.code} taken")


def _close(other: Officer, state: str) -> Officer:
    with writing():
        Officer.objects.filter(pk=other.pk).update(is_active=state == "open")
    return other


def _add_officer(by: Officer, username: str) -> object:
    return actions.add_officer(
        by, username=username, name="x", unit=Unit.objects.get(path="lj"), roles=["analyst"],
        at=NOON, ground=DUTY,
    )  # fmt: skip


def _officers() -> Iterator[Trial]:
    yield Trial(
        actions.add_officer, _add_officer, put=lambda _, state: state,
        states={"new": Done(), "lin": Refused(OfficerNameTaken)},
    )  # fmt: skip
    yield Trial(
        actions.reset_password,
        lambda by, other: actions.reset_password(by, other, at=NOON, ground=DUTY),
        lambda _: officer("han"), _close, {"open": Done(), "closed": Done()},
    )  # fmt: skip
    yield Trial(
        actions.set_password,
        lambda by, _: actions.set_password(by, "a word of one's own", at=NOON, ground=DUTY),
    )
    yield Trial(
        actions.note_log_in, lambda by, _: actions.note_log_in(by, at=NOON, ground=DUTY)
    )  # fmt: skip


def _institutions() -> Iterator[Trial]:
    yield Trial(
        institutions.register,
        lambda by, code: institutions.register(
            by, code=code, name="新名", card_prefixes=["629907"], at=NOON, ground=DUTY
        ),
        lambda _: build.bank(), lambda _, state: state,
        {build.BANK: Done(), "990100000007": Done()},
    )  # fmt: skip
    yield Trial(
        movements.remove_orphans,
        lambda by, _: movements.remove_orphans(by, [], at=NOON, ground=DUTY),
        states={"": Done(writes=False)},
    )
    mapping = propose(Table("made.csv", "时间,金额,余额\n2026-03-18,1.00,1.00\n".encode()))
    assert mapping
    yield Trial(
        learning.save_profile,
        lambda by, name: learning.save_profile(by, mapping, name, at=NOON, ground=DUTY),
        put=lambda _, name: name,
        states={"made": Done(), "tenpay": Refused(learning.ProfileNameTaken)},
    )


TRIALS = tuple(itertools.chain(_units(), _officers(), _institutions()))
