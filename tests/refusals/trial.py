"""One action tried in every state by every role, each time as if nothing had been tried before."""

from __future__ import annotations

import copy
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from django.apps import apps
from django.db import connection, transaction

from fanzha.core.refusal import Refusal
from fanzha.identity.acting import NotAudited, System, acting_for, system_scope
from fanzha.identity.models import Officer, RoleGrant, Unit
from fanzha.identity.rules import PermissionMissing, roles
from fanzha.scope.guard import WRITE, open_action
from tests.cast import NOON

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from fanzha.identity.acting import Actor

LOG = "audit_entry"
OWN_ENTRIES = "entries of the action itself"
OWN = frozenset({"identity_officer"})
"""All that an action may change for which nobody needs a permission."""
Fingerprint = dict[str, tuple[int, int]]


@dataclass(frozen=True)
class Refused:
    """The rules forbid it in this state."""

    kind: type[Refusal]


@dataclass(frozen=True)
class Done:
    """It is done: the state afterwards, where there is one; whether more than the log changes."""

    state: str = ""
    writes: bool = True


@dataclass(frozen=True)
class Trial:
    """How one action is tried.

    `build` makes the thing, `put` brings it into one of `states`, `act` calls the verb as an actor,
    `state_of` reads the state afterwards; `needs` is given where the object names the permission.
    """

    action: Callable[..., Any]
    act: Callable[[Any, Any], object]
    build: Callable[[System], Any] = lambda _: None
    put: Callable[[Any, str], Any] = lambda thing, _: thing
    states: Mapping[str, Refused | Done] = field(default_factory=lambda: {"": Done()})
    state_of: Callable[[Any], str] = lambda _: ""
    variant: str = ""
    needs: str = ""

    @property
    def name(self) -> str:
        """`instructions.approve` with its variant."""
        return " ".join(filter(None, (str(vars(self.action)["action"]), self.variant)))

    @property
    def permission(self) -> str:
        """What the door asks for; the object's own where the door asks the object."""
        asked = vars(self.action)["permission"]
        return asked if isinstance(asked, str) else self.needs


@dataclass(frozen=True)
class Player:
    """Somebody who tries: an officer with one role, or the platform itself."""

    name: str
    actor: Actor
    may: frozenset[str] = frozenset()
    awake: bool = True

    def is_permitted(self, trial: Trial) -> bool:
        """What the matrix says."""
        if not isinstance(self.actor, Officer):
            return bool(vars(trial.action)["system"])
        own = trial.permission.startswith("self.")
        return self.awake and (own or trial.permission in self.may)


@contextmanager
def writing() -> Iterator[None]:
    """What stands here is the test's own doing, not an action's."""
    token = open_action.set("test")
    try:
        yield
    finally:
        open_action.reset(token)


@contextmanager
def undone() -> Iterator[None]:
    """As if it had never been."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def players() -> list[Player]:
    """One officer per role, one without any, one whose account is closed, and the platform."""
    sets = {code: frozenset({code}) for code in roles()}
    cast = {**sets, "without a role": frozenset[str](), "account closed": frozenset(roles())}
    unit = Unit.objects.get(path="lj")
    made: list[Player] = []
    with writing():
        officers = Officer.objects.bulk_create(
            Officer(
                username=f"player {name}", name=name, unit=unit, created_at=NOON,
                is_active=name != "account closed", must_set_password=False, password="!",
            )
            for name in cast
        )  # fmt: skip
        RoleGrant.objects.bulk_create(
            RoleGrant(officer=officer, role=code, since=NOON)
            for officer in officers
            for code in cast[officer.name]
        )
    for officer in officers:
        assert officer.role_codes == cast[officer.name]
        may = frozenset[str]().union(*(roles()[code].may for code in officer.role_codes))
        made.append(Player(officer.name, officer, may, officer.is_active))
    return [*made, Player("the platform", System("test.refusals"))]


def wrong_cells(trials: Sequence[Trial], everybody: list[Player]) -> list[str]:
    """Every cell of role and state in which something else happened than the data say.

    The trials share their `build`: the thing is made once and put back after every cell.
    """
    found: list[str] = []
    with undone(), system_scope("test.refusals") as system:
        thing = trials[0].build(system)
        for trial in trials:
            assert trial.build is trials[0].build
            for state, verdict in trial.states.items():
                with undone():
                    found += _in_state(trial, state, verdict, trial.put(thing, state), everybody)
    return found


def _in_state(
    trial: Trial, state: str, verdict: Refused | Done, thing: Any, everybody: list[Player]
) -> list[str]:
    before, flaws = fingerprint(), {}
    for player in everybody:
        if player.is_permitted(trial):
            with undone():
                flaws[player.name] = _flaw_of_permitted(trial, verdict, thing, player, before)
        else:
            flaws[player.name] = _flaw_of_forbidden(trial, thing, player)
    return [
        f"{trial.name}, {state or 'any state'}, {who}: {flaw}"
        for who, flaw in flaws.items()
        if flaw
    ]


def _flaw_of_forbidden(trial: Trial, thing: Any, player: Player) -> str:
    written: list[str] = []

    def listen(execute: Any, sql: Any, params: Any, many: Any, context: Any) -> Any:
        match = WRITE.match(str(sql))
        if match:
            written.append(match[1])
        return execute(sql, params, many, context)

    # In the wider scope of the test: whoever may not is refused before any row is looked at.
    with connection.execute_wrapper(listen):
        outcome = _outcome(trial, copy.copy(thing), player.actor)
    if type(outcome) is not PermissionMissing:
        return f"not permitted, but {_told(outcome)}"
    return f"refused, but wrote {written}" if written else ""


def _flaw_of_permitted(
    trial: Trial, verdict: Refused | Done, thing: Any, player: Player, before: Fingerprint
) -> str:
    outcome = _attempt(trial, thing, player.actor)
    after = fingerprint(trial, player.actor)
    changed = {table for table in after if after[table] != before[table]}
    if isinstance(verdict, Refused):
        if type(outcome) is verdict.kind:
            return f"refused, but changed {sorted(changed)}" if changed else ""
        return f"{verdict.kind.__name__} expected, but {_told(outcome)}"
    return _flaw_of_done(trial, verdict, thing, player, outcome, changed)


def _flaw_of_done(
    trial: Trial, verdict: Done, thing: Any, player: Player, outcome: object, changed: set[str]
) -> str:
    if isinstance(outcome, Refusal | NotAudited):
        return f"allowed, but {_told(outcome)}"
    if not {LOG, OWN_ENTRIES} <= changed:
        return "done without an audit entry of its own"
    stands = trial.state_of(thing)
    if stands != verdict.state:
        return f"{verdict.state} expected, but it is {stands}"
    changed -= {LOG, OWN_ENTRIES}
    if trial.permission.startswith("self.") and changed - OWN:
        return f"needs no permission, but changed {sorted(changed)}"
    return "done, but nothing changed" if verdict.writes and not changed else ""


def _attempt(trial: Trial, thing: Any, actor: Actor) -> object:
    """Act in the actor's own scope; the refusal is caught inside, so only the door can undo."""
    fresh = copy.copy(thing)
    if isinstance(actor, Officer):
        with acting_for(actor):
            return _outcome(trial, fresh, copy.copy(actor))
    with system_scope("test.refusals") as system:
        return _outcome(trial, fresh, system)


def _outcome(trial: Trial, thing: Any, actor: Actor) -> object:
    try:
        return trial.act(actor, thing)
    except (Refusal, NotAudited) as refusal:
        return refusal


def _told(outcome: object) -> str:
    met = isinstance(outcome, Refusal | NotAudited)
    return f"met {type(outcome).__name__}" if met else "it was done"


def prepare() -> None:
    """Plan the fingerprint once per connection: planning it costs more than reading it."""
    tables = {
        model._meta.db_table
        for model in apps.get_models()
        if model.__module__.startswith("fanzha.")
    }
    with system_scope("test.refusals"), connection.cursor() as cursor:
        cursor.execute(
            "PREPARE fingerprint (text, text) AS"
            f" SELECT '{OWN_ENTRIES}', count(*), 0::numeric FROM \"{LOG}\""
            " WHERE action = $1 AND actor = $2 UNION ALL "
            + " UNION ALL ".join(
                f"SELECT '{table}', count(*), coalesce(sum(hashtextextended(t::text, 0)), 0)"
                f' FROM "{table}" t'
                for table in sorted(tables | {"procrastinate_jobs"})
            )
        )


def fingerprint(trial: Trial | None = None, actor: object = "") -> Fingerprint:
    """Rows and a sum of hashes per table of the house, and of the jobs that were announced.

    Beside them, how many audit entries the trial's action left by this actor.
    """
    action = vars(trial.action)["action"] if trial else ""
    with connection.cursor() as cursor:
        cursor.execute("EXECUTE fingerprint (%s, %s)", [action, str(actor)])
        return {table: (count, total) for table, count, total in cursor.fetchall()}
