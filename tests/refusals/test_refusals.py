"""Role by action by state: what the matrix and the tables allow is done, all else is refused."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import pytest
from django.contrib.auth import hashers
from django.db import connection
from django.test import override_settings

from fanzha.identity.rules import permissions
from fanzha.wiring import docs
from tests.cast import populate
from tests.refusals import (
    of_cases,
    of_delegations,
    of_duties,
    of_guards,
    of_instructions,
    of_leads,
    of_matching,
    of_oral,
    of_reviews,
    of_settling,
    of_the_gateway,
    of_the_house,
    of_watching,
)
from tests.refusals.trial import Player, Trial, players, prepare, undone, wrong_cells

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

TRIALS = (
    *of_instructions.TRIALS, *of_cases.TRIALS, *of_matching.TRIALS, *of_oral.TRIALS,
    *of_settling.TRIALS, *of_reviews.TRIALS, *of_watching.TRIALS,
    *of_guards.TRIALS, *of_delegations.TRIALS, *of_leads.TRIALS,
    *of_the_gateway.TRIALS, *of_duties.TRIALS,
    *of_the_house.TRIALS,
)  # fmt: skip

GROUPS = [
    [trial for trial in TRIALS if trial.build is build]
    for build in dict.fromkeys(trial.build for trial in TRIALS)
]
"""Trials of one thing, which is then built once."""


def _id(trials: list[Trial]) -> str:
    return f"{min(trial.name for trial in trials)}-and-{len(trials) - 1}".replace(" ", "-")


def test_every_action_of_the_house_is_tried_and_nothing_else() -> None:
    assert {trial.action for trial in TRIALS} == set(docs.actions())


def test_every_trial_has_a_name_of_its_own() -> None:
    assert [
        name for name, count in Counter(each.name for each in TRIALS).items() if count > 1
    ] == []


def test_every_action_needs_a_permission_of_the_matrix_or_concerns_oneself() -> None:
    wrong = [
        trial.name
        for trial in TRIALS
        if trial.permission not in permissions() and not trial.permission.startswith("self.")
    ]
    assert wrong == []


@pytest.fixture(scope="module")
def everybody(database: None) -> Iterator[list[Player]]:
    """The cast and the players, made once for all trials; rolled back after the last."""
    try:
        with undone():
            populate()
            prepare()
            yield players()
    finally:
        connection.close()


@pytest.fixture(autouse=True)
def own_lake(tmp_path: Path) -> Iterator[None]:
    """Files are not rolled back, and a slow hash would only cost time here.

    Django remembers its hashers: only `override_settings` makes it forget them again.
    """
    quick = [f"{hashers.__name__}.MD5PasswordHasher"]
    with override_settings(LAKE=tmp_path / "lake", PASSWORD_HASHERS=quick):
        yield


@pytest.mark.parametrize("trials", GROUPS, ids=_id)
def test_in_every_state_every_role_may_exactly_what_the_data_say(
    trials: list[Trial], everybody: list[Player]
) -> None:
    assert wrong_cells(trials, everybody) == []
